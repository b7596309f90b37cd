// What one of several participants does with the dict of a test: `<segment> <task> [arguments]`.
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import process from "node:process";
import { SegmentFullError } from "@lockstep/contract";
import { SharedDict } from "@lockstep/manager";
import { Barrier, Event } from "@lockstep/sync";
import { KEYS, VALUES } from "./samples.ts";
import { checkWhole, whole } from "./whole.ts";

type Task = (...args: string[]) => void | Promise<void>;

const [, , segment = "", task = "", ...args] = process.argv;
const dict = new SharedDict<unknown>({ name: "dict", segment });

function meet(parties: string): void {
  new Barrier(Number(parties), { name: `start of ${parties}`, segment }).waitSync();
}

/** Plays a round over and over. */
function repeat(times: string, round: (index: number) => void): void {
  for (let index = 0; index < Number(times); index++) round(index);
}

/** A value that is computed only when the test lets it be. */
async function compute(me: string): Promise<string> {
  dict.increment("computations");
  console.log("computes");
  await new Event({ name: "go", segment }).wait();
  return `by ${me}`;
}

function computeSync(me: string): string {
  dict.increment("computations");
  console.log("computes");
  new Event({ name: "go", segment }).waitSync();
  return `by ${me}`;
}

const tasks: Record<string, Task> = {
  increment(parties = "", times = "") {
    meet(parties);
    repeat(times, () => void dict.increment("count"));
  },

  /** One at a time has the key, so its function is called once for each. */
  modify(parties = "", times = "") {
    let calls = 0;
    const add = (count: unknown): number => (calls++, Number(count) + 1);
    meet(parties);
    repeat(times, () => void dict.modify("count", add));
    equal(calls, Number(times), "calls of the function");
  },

  /** Modifies as the others do, then dies inside of its function. */
  modifyAndDie(parties = "", times = "") {
    meet(parties);
    repeat(times, () => void dict.modify("count", (count) => Number(count) + 1));
    dict.modify("count", () => {
      process.kill(process.pid, "SIGKILL");
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });
  },

  /** Adds to a list one by one, by compareAndSet(). */
  append(parties = "", times = "", me = "") {
    meet(parties);
    repeat(times, (index) => {
      let list: unknown[];
      do list = (dict.get("list") ?? []) as unknown[]; while (
        !dict.compareAndSet("list", list.length === 0 ? undefined : list, [...list, `${me} ${index}`])
      );
    });
  },

  /** The only one that begins an epoch: nobody may bring an earlier one back. */
  beginEpochs(parties = "", times = "") {
    meet(parties);
    repeat(times, (epoch) => {
      dict.set("epoch", { epoch, count: 0 });
      equal((dict.get("epoch") as { epoch: number }).epoch, epoch, "a set was lost");
    });
    dict.set("ended", true);
  },

  countInEpochs(parties = "") {
    meet(parties);
    do {
      dict.modify("epoch", (value) => {
        const { epoch, count } = value as { epoch: number; count: number };
        return { epoch, count: count + 1 };
      });
      dict.increment("counts");
    } while (!dict.has("ended"));
  },

  insert(parties = "", me = "") {
    meet(parties);
    const seen: unknown[] = [];
    repeat("200", (index) => void seen.push(dict.getOrInsert(`won ${index}`, { winner: me })));
    dict.set(`seen by ${me}`, seen);
  },

  /** Takes entries as long as there are any, and says what it has taken. */
  popItems(parties = "", me = "") {
    meet(parties);
    const taken: unknown[] = [];
    while (dict.size > 0) {
      try {
        taken.push(dict.popItem()[0]);
      } catch (error) {
        equal((error as Error).name, "InvalidStateError"); // another one has taken the last
      }
    }
    const takings = new SharedDict<unknown>({ name: "takings", segment });
    takings.set(me, taken);
  },

  write() {
    for (const [name, make] of Object.entries(VALUES)) dict.set(`value ${name}`, make());
    for (const [index, key] of KEYS.entries()) dict.set(key, index);
  },

  compare() {
    for (const [name, make] of Object.entries(VALUES)) {
      deepStrictEqual(dict.get(`value ${name}`), structuredClone(make()), name);
      // The stack of an error is where it was made.
      ok(name === "error" || dict.compareAndSet(`value ${name}`, make(), make()), `${name}: other bytes`);
    }
    for (const [index, key] of KEYS.entries()) equal(dict.get(key), index, String(key).slice(0, 20));
    equal(dict.size, Object.keys(VALUES).length + KEYS.length);
  },

  async compute(me = "", throws = "") {
    console.log("asks");
    try {
      const computing = dict.getOrInsertComputed("computed", async () => {
        const value = await compute(me);
        if (throws !== "") throw new Error(throws);
        return value;
      });
      console.log(`got ${await computing}`);
    } catch (error) {
      console.log(`failed: ${(error as Error).message}`);
    }
  },

  computeSync(me = "") {
    console.log("asks");
    console.log(`got ${dict.getOrInsertComputedSync("computed", () => computeSync(me))}`);
  },

  /** As compute, in a thread that prints nothing. */
  async computeSilently(me = "") {
    const value = await dict.getOrInsertComputed("computed", () => {
      dict.increment("computations");
      return `by ${me}`;
    });
    dict.set(`got by ${me}`, value);
  },

  /** Changes the dict in every way until it is killed; all that it finds must be whole. */
  storm() {
    console.log("begins");
    for (let index = 0;; index++) {
      try {
        stormOnce(index);
      } catch (error) {
        if (!(error instanceof SegmentFullError)) throw error;
        dict.clear();
      }
    }
  },
};

function stormOnce(index: number): void {
  dict.set(`whole ${index % 40}`, whole(index));
  dict.increment("rounds");
  if (index % 3 === 0) dict.delete(`whole ${(index * 7) % 40}`);
  if (index % 5 === 0) dict.modify("modified", (value) => (checkWhole(value), whole(index)));
  if (index % 50 === 0) dict.setMany(Array.from({ length: 100 }, (_, i) => [`many ${i}`, whole(i)]));
  if (index % 100 === 0) { for (const [, value] of dict) checkWhole(value); }
  if (index % 400 === 399) dict.clear();
}

await tasks[task]!(...args);
