// Memory, arrays and values in several processes and threads, of Node and of Deno, some of which are killed.
import { deepEqual, equal, ok } from "node:assert/strict";
import { describe } from "node:test";
import { type ElementType, SharedArray, SharedMemory, SharedValue } from "@lockstep/memory";
import { Barrier } from "@lockstep/sync";
import { it } from "@lockstep/testing";
import { type Child, OTHER, start, type Where } from "./child.ts";
import { ownSegment, until } from "./place.ts";

const segment = ownSegment("sharing");
const CREW: Where[] = ["process", OTHER, "thread", "thread"];
const run = (where: Where, task: string, ...args: unknown[]): Child =>
  start(where, "sharing_main", [task, ...args.map(String)]);

/** One of each of the crew does it at the same time as the others. */
async function together(task: string, ...args: unknown[]): Promise<void> {
  const barrier = new Barrier(CREW.length, { segment });
  const children = CREW.map((where) => run(where, task, barrier.handle, ...args));
  deepEqual(await Promise.all(children.map(({ ended }) => ended)), CREW.map(() => "exit 0"));
}

describe("Another process", () => {
  for (const where of ["process", OTHER] as const) {
    it(`(${where}) replaces elements by running sums`, async () => {
      const array = new SharedArray("i32", Array.from({ length: 10_000 }, (_, index) => index), { segment });
      equal(await run(where, "sums", array.handle).ended, "exit 0");
      deepEqual([...array], Array.from({ length: 10_000 }, (_, index) => index * (index + 1) / 2));
    });

    it(`(${where}) doubles values of all types`, async () => {
      const values = [
        new SharedValue("i8", -7, { segment }),
        new SharedValue("u16", 30_000, { segment }),
        new SharedValue("i32", 7, { segment }),
        new SharedValue("f32", 1 / 3, { segment }),
        new SharedValue("f64", 1 / 3, { segment }),
        new SharedValue("i64", 2n ** 33n, { segment }),
        new SharedValue("u64", 2n ** 62n, { segment }),
      ];
      equal(await run(where, "double", ...values.map(({ handle }) => handle)).ended, "exit 0");
      const third = Math.fround(1 / 3) * 2;
      deepEqual(values.map(({ value }) => value), [-14, 60_000, 14, third, 2 / 3, 2n ** 34n, 2n ** 63n]);
    });

    it(`(${where}) writes bytes that are seen here`, async () => {
      const memory = new SharedMemory(512, { segment });
      equal(await run(where, "howdy", memory.handle).ended, "exit 0");
      equal(new TextDecoder().decode(new Uint8Array(memory.buffer).slice(0, 5)), "howdy");
    });
  }
});

describe("Several processes and threads", () => {
  const TIMES = 20_000;
  const types: ElementType[] = ["i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64"];
  const wrapped = (type: ElementType, count: number): number | bigint => {
    if (type.startsWith("f")) return count;
    const bits = Number(type.slice(1));
    const value = type.startsWith("i") ? BigInt.asIntN(bits, BigInt(count)) : BigInt.asUintN(bits, BigInt(count));
    return bits === 64 ? value : Number(value);
  };

  it("add() and Atomics on a view lose nothing", async () => {
    const values = types.map((type) => new SharedValue(type, undefined, { segment }));
    const array = new SharedArray("i32", 1000, { segment });
    await together("count", TIMES, array.handle, ...values.map(({ handle }) => handle));
    const sum = CREW.length * TIMES;
    deepEqual(values.map(({ value }) => value), types.map((type) => wrapped(type, sum)));
    deepEqual([array.view[500], array.view[501]], [sum, sum]);
    ok(array.view.every((element, index) => element === 0 || index === 500 || index === 501));
  });

  it("compareExchange() lets one win at a time", async () => {
    const values = (["i32", "u64", "f32", "f64"] as const).map((type) => new SharedValue(type, undefined, { segment }));
    await together("swap", 5000, ...values.map(({ handle }) => handle));
    deepEqual(values.map(({ value }) => Number(value)), values.map(() => CREW.length * 5000));
  });

  it("what is done under the lock is done alone", async () => {
    const value = new SharedValue("f64", 0, { segment });
    const array = new SharedArray("f64", 50, { segment });
    await together("lock", 2000, value.handle, array.handle);
    equal(value.value, CREW.length * 2000);
    ok(array.view.every((element) => element === CREW.length * 2000));
  });

  it("see whole numbers, whoever is killed in a write", async () => {
    const big = new SharedValue("u64", 0n, { segment });
    const double = new SharedValue("f64", 0, { segment });
    const array = new SharedArray("u64", 100, { segment });
    const isWhole = (value: bigint): boolean => value >> 32n === (value & 0xffff_ffffn);
    for (let round = 0; round < 3; round++) {
      [big.value, double.value] = [0n, 0];
      const writers = [run("process", "write", big.handle, double.handle, array.handle)];
      writers.push(run(OTHER, "write", big.handle, double.handle, array.handle));
      await until(() => {
        for (let look = 0; look < 1000; look++) {
          const seen = big.value;
          ok(isWhole(seen), `torn: ${seen.toString(16)}`);
          ok(Number.isInteger(double.value) && double.value < 65_536, `torn: ${double.value}`);
          ok(isWhole(array.view[look % 100] as bigint));
        }
        return double.value > 2000;
      });
      deepEqual(await Promise.all(writers.map((writer) => writer.kill())), ["SIGKILL", "SIGKILL"]);
      ok(isWhole(big.value) && array.view.every(isWhole));
    }
  });

  it("look at memory that others destroy, and are killed: nothing is lost, nothing is somebody else's", async () => {
    const stormy = ownSegment("stormy", { capacity: 2 ** 27 });
    const players: Child[] = [];
    for (let round = 0; round < 8; round++) {
      while (players.length < 3) {
        players.push(run(players.length === 0 ? OTHER : "process", "storm", stormy.name, round));
      }
      const before = stormy.stats().objects;
      await until(() => stormy.stats().objects !== before); // somebody is at work
      equal(await players.splice(round % 3, 1)[0]!.kill(), "SIGKILL");
    }
    await Promise.all(players.map((player) => player.kill()));
    for (let index = 0; index < 5; index++) {
      const memory = new SharedMemory(10_000, { name: `storm ${index}`, segment: stormy });
      memory.destroy();
      memory[Symbol.dispose]();
    }
    await until(() => stormy.stats().objects === 0);
    equal(stormy.stats().used, 0);
  });
});
