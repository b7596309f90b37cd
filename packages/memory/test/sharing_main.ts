// What the other party does in sharing_test.ts: its task, the handle of a start signal, and what the task needs.
import { equal, ok } from "node:assert/strict";
import process from "node:process";
import { type ElementType, SharedArray, SharedMemory, SharedValue } from "@lockstep/memory";
import { Barrier } from "@lockstep/sync";

const [, , task = "", ...args] = process.argv;

// Both halves of one of these are the same, so that a torn one shows.
const HALVES = 0x1_0000_0001n;

const TASKS: Record<string, (...args: string[]) => void> = {
  /** Each element becomes the sum of those up to it. */
  sums(handle = "") {
    const { view } = SharedArray.from<"i32">(handle);
    for (let index = 1; index < view.length; index++) view[index]! += view[index - 1]!;
  },

  double(...handles) {
    for (const handle of handles) {
      const value = SharedValue.from(handle);
      value.value = typeof value.value === "bigint" ? value.value * 2n : value.value * 2;
    }
  },

  howdy(handle = "") {
    new TextEncoder().encodeInto("howdy", new Uint8Array(SharedMemory.from(handle).buffer));
  },

  /** Adds 1 so many times to the value, and to an element of the array by Atomics; then raises a float by swapping. */
  count(barrier = "", times = "", arrayHandle = "", ...values) {
    const array = SharedArray.from<"i32">(arrayHandle).view;
    const counters = values.map((handle) => SharedValue.from(handle));
    const one = counters.map(({ type }) => isBig(type) ? 1n : 1);
    Barrier.from(barrier).waitSync();
    for (let round = 0; round < Number(times); round++) {
      counters.forEach((counter, index) => counter.add(one[index]!));
      Atomics.add(array, 500, 1);
      for (let seen = array[501]!;;) {
        const found = Atomics.compareExchange(array, 501, seen, seen + 1);
        if (found === seen) break;
        seen = found;
      }
    }
  },

  /** Adds by compareExchange. */
  swap(barrier = "", times = "", ...handles) {
    const counters = handles.map((handle) => SharedValue.from(handle));
    Barrier.from(barrier).waitSync();
    for (let round = 0; round < Number(times); round++) {
      for (const counter of counters) addBySwapping(counter);
    }
  },

  /** Adds under the lock, reading and writing. */
  lock(barrier = "", times = "", valueHandle = "", arrayHandle = "") {
    const value = SharedValue.from<"f64">(valueHandle);
    const array = SharedArray.from<"f64">(arrayHandle);
    Barrier.from(barrier).waitSync();
    for (let round = 0; round < Number(times); round++) {
      const guard = value.lock.acquireSync();
      value.value += 1;
      guard.release();
      const other = array.lock.acquireSync();
      for (let index = 0; index < array.length; index++) array.view[index]! += 1;
      other.release();
    }
  },

  /** Writes whole values until it is killed. */
  write(bigHandle = "", doubleHandle = "", arrayHandle = "") {
    const [big, double] = [SharedValue.from<"u64">(bigHandle), SharedValue.from<"f64">(doubleHandle)];
    const { view } = SharedArray.from<"u64">(arrayHandle);
    for (let round = 0n;; round = (round + 1n) & 0xffffn) {
      big.value = round * HALVES;
      double.value = Number(round);
      big.compareExchange(big.value, (round ^ 0xffffn) * HALVES);
      view[Number(round) % view.length] = round * HALVES;
    }
  },

  /** Opens memory by name, looks at it, destroys it, and goes on looking, until it is killed. */
  storm(segment = "", seed = "") {
    for (let round = Number(seed);; round++) {
      const name = round % 3 === 0 ? undefined : `storm ${round % 5}`;
      const memory = new SharedMemory(name === undefined ? 300 + round % 20_000 : 10_000, { name, segment });
      const bytes = new Uint8Array(memory.buffer);
      if (round % 2 === 0) memory.destroy();
      memory[Symbol.dispose]();
      if (name !== undefined) continue;
      ok(bytes.every((byte) => byte === 0));
      bytes.fill(round);
      ok(bytes.every((byte) => byte === (round & 255)));
    }
  },
};

function isBig(type: ElementType): boolean {
  return type === "i64" || type === "u64";
}

function addBySwapping(counter: SharedValue): void {
  for (let seen = counter.value;;) {
    const found = counter.compareExchange(seen, typeof seen === "bigint" ? seen + 1n : seen + 1);
    if (found === seen) return;
    seen = found;
  }
}

equal(typeof TASKS[task], "function", task);
TASKS[task]!(...args);
