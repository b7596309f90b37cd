// Queues in one process: order, limits, waits, what is done, and their ends.
import { deepStrictEqual, equal, notEqual, ok, rejects, throws } from "node:assert/strict";
import { describe } from "node:test";
import {
  type AnyQueue,
  attach,
  LifoQueue,
  PriorityQueue,
  Queue,
  type QueueOptions,
  SharedDict,
} from "@lockstep/manager";
import { Lock } from "@lockstep/sync";
import { it } from "@lockstep/testing";
import { start } from "./child.ts";
import { ownSegment } from "./place.ts";

type Some = AnyQueue<unknown> & {
  put(value: unknown, options?: object): Promise<void>;
  putSync(value: unknown, options?: object): void;
  tryPut(value: unknown, options?: object): boolean;
};

/** A class, the same calls for each of the three, and the order in which it gives 111, 333, 222. */
interface Sort {
  name: string;
  make(options?: QueueOptions): Some;
  order: number[];
}

const EMPTY = { name: "QueueEmptyError", code: "ERR_LOCKSTEP_QUEUE_EMPTY" };
const FULL = { name: "QueueFullError", code: "ERR_LOCKSTEP_QUEUE_FULL" };
const SHUT_DOWN = { name: "QueueShutDownError", code: "ERR_LOCKSTEP_QUEUE_SHUT_DOWN" };
const SEGMENT_FULL = { name: "SegmentFullError", code: "ERR_LOCKSTEP_SEGMENT_FULL" };
const INVALID = { name: "InvalidStateError" };

/** By the value itself where that is a number, so that 111 comes before 222. */
class Ranked extends PriorityQueue<unknown> {
  override put(value: unknown, options: object = {}): Promise<void> {
    return super.put(value, { priority: rankOf(value), ...options });
  }
  override putSync(value: unknown, options: object = {}): void {
    super.putSync(value, { priority: rankOf(value), ...options });
  }
  override tryPut(value: unknown): boolean {
    return super.tryPut(value, { priority: rankOf(value) });
  }
}

function rankOf(value: unknown): number {
  return typeof value === "number" && !Number.isNaN(value) ? value : 0;
}

const SORTS: Sort[] = [
  { name: "Queue", make: (options) => new Queue(options) as Some, order: [111, 333, 222] },
  { name: "LifoQueue", make: (options) => new LifoQueue(options) as Some, order: [222, 333, 111] },
  { name: "PriorityQueue", make: (options) => new Ranked(options) as unknown as Some, order: [111, 222, 333] },
];

function fill(queue: Some, count: number): void {
  for (let index = 0; index < count; index++) queue.putSync(index);
}

for (const { name, make, order } of SORTS) {
  describe(name, () => {
    it("gives items in its order", async () => {
      const queue = make();
      for (const value of [111, 333, 222]) equal(queue.tryPut(value), true);
      deepStrictEqual([queue.getSync(), queue.tryGet(), await queue.get()], order);
    });

    it("tells its state", () => {
      const queue = make({ maxSize: 5 });
      deepStrictEqual([queue.empty, queue.full, queue.size, queue.maxSize], [true, false, 0, 5]);
      fill(queue, 4);
      deepStrictEqual([queue.empty, queue.full, queue.size], [false, false, 4]);
      queue.putSync(4);
      deepStrictEqual([queue.empty, queue.full, queue.size, queue.unfinished], [false, true, 5, 5]);
      equal(make().full, false);
    });

    it("is full at maxSize, for every form of put", async () => {
      const queue = make({ maxSize: 3 });
      fill(queue, 3);
      equal(queue.tryPut(9), false);
      throws(() => queue.putSync(9, { timeout: 0 }), FULL);
      throws(() => queue.putSync(9, { timeout: 5 }), FULL);
      await rejects(queue.put(9, { timeout: 0 }), FULL);
      await rejects(queue.put(9, { timeout: 5 }), FULL);
      equal(queue.size, 3);
      queue.getSync();
      equal(queue.tryPut(9), true);
    });

    it("is empty, for every form of get", async () => {
      const queue = make();
      equal(queue.tryGet(), undefined);
      deepStrictEqual(queue.drain(), []);
      throws(() => queue.getSync({ timeout: 0 }), EMPTY);
      throws(() => queue.getSync({ timeout: 5 }), EMPTY);
      throws(() => queue.getManySync(3, { timeout: 5 }), EMPTY);
      await rejects(queue.get({ timeout: 0 }), EMPTY);
      await rejects(queue.get({ timeout: 5 }), EMPTY);
      await rejects(queue.getMany(3, { timeout: 5 }), EMPTY);
    });

    it("grants promises that wait, in their order", async () => {
      const queue = make({ maxSize: 1 });
      const gets = [queue.get(), queue.get()];
      await queue.put(1);
      await queue.put(2);
      deepStrictEqual(await Promise.all(gets), [1, 2]);
      const puts = [queue.put(3), queue.put(4), queue.put(5)];
      deepStrictEqual([await queue.get(), await queue.get(), queue.getSync()], [3, 4, 5]);
      await Promise.all(puts);
      deepStrictEqual([queue.size, queue.unfinished], [0, 5]);
    });

    it("loses nothing by an abort or a time-out", async () => {
      const queue = make({ maxSize: 1 });
      const controller = new AbortController();
      const reason = new Error("enough");
      const waits = [queue.get({ signal: controller.signal }), queue.get({ timeout: 1 }), queue.get()];
      const ends = Promise.allSettled(waits);
      controller.abort(reason);
      await rejects(waits[1]!, EMPTY);
      queue.putSync(7);
      const [aborted, , granted] = await ends;
      deepStrictEqual([aborted, granted], [{ status: "rejected", reason }, { status: "fulfilled", value: 7 }]);
      queue.putSync(8);
      await rejects(queue.put(9, { signal: AbortSignal.abort(reason) }), reason);
      deepStrictEqual(queue.drain(), [8]);
    });

    it("copies the value when it is put, also one that has to wait", async () => {
      const queue = make({ maxSize: 1 });
      const bytes = new Uint8Array([1, 2, 3]);
      queue.putSync(0);
      const put = queue.put(bytes);
      bytes.fill(9);
      equal(queue.getSync(), 0);
      await put;
      deepStrictEqual(queue.getSync(), new Uint8Array([1, 2, 3]));
    });

    it("takes any value, and shared objects live", async () => {
      const queue = make();
      const lock = new Lock();
      const dict = new SharedDict<number>();
      dict.set("a", 1);
      const values = [undefined, null, false, "", "é中", 1n, NaN, new Map([[{}, new Set([1])]]), new Date(0), [1, [2]]];
      for (const value of values) {
        await queue.put(value);
        deepStrictEqual(await queue.get(), value);
      }
      await queue.put({ lock, dict, queue });
      const { lock: sameLock, dict: sameDict, queue: same } = await queue.get() as Record<string, unknown>;
      equal((sameLock as Lock).handle, lock.handle);
      equal((sameDict as SharedDict).get("a"), 1);
      equal((same as Some).handle, queue.handle);
    });

    it("refuses what cannot be copied, and has its place still", async () => {
      const queue = make({ maxSize: 1 });
      throws(() => queue.putSync(() => 1), { name: "DataCloneError" });
      throws(() => queue.tryPut({ f: () => 1 }), { name: "DataCloneError" });
      await rejects(queue.put(Symbol("s")), { name: "DataCloneError" });
      queue.putSync(1);
      deepStrictEqual([queue.size, queue.getSync()], [1, 1]);
    });

    it("gets many: waits for one, and takes what is there", async () => {
      const queue = make();
      const waiting = queue.getMany(3);
      await queue.put("first");
      deepStrictEqual(await waiting, ["first"]);
      fill(queue, 10);
      deepStrictEqual([queue.getManySync(3).length, (await queue.getMany(4)).length, queue.size], [3, 4, 3]);
      deepStrictEqual([queue.drain(2).length, queue.drain().length, queue.size], [2, 1, 0]);
      fill(queue, 1000);
      equal(new Set(queue.drain()).size, 1000);
    });

    it("is joined when all that was put is done", async () => {
      const queue = make();
      deepStrictEqual([await queue.join(), queue.joinSync()], [true, true]);
      throws(() => queue.taskDone(), INVALID);
      fill(queue, 3);
      const joined = queue.join();
      deepStrictEqual([await queue.join({ timeout: 2 }), queue.joinSync({ timeout: 2 })], [false, false]);
      queue.drain();
      throws(() => queue.taskDone(4), INVALID);
      queue.taskDone(2);
      equal(queue.unfinished, 1);
      queue.taskDone();
      equal(await joined, true);
      throws(() => queue.taskDone(), INVALID);
    });

    it("ends items in a loop, when the next one is asked for", async () => {
      const queue = make({ redeliver: true });
      fill(queue, 5);
      queue.shutdown();
      const seen = new Set<unknown>();
      for await (const item of queue) {
        seen.add(item);
        equal(queue.unfinished, 5 - seen.size + 1);
      }
      deepStrictEqual([seen.size, queue.unfinished], [5, 0]);
    });

    it("has several loops in one thread, each with its own item", async () => {
      const queue = make({ redeliver: true });
      fill(queue, 40);
      const seen: unknown[] = [];
      const loop = async (): Promise<void> => {
        for await (const item of queue) {
          seen.push(item);
          await Promise.resolve();
        }
      };
      const loops = [loop(), loop(), loop()];
      await queue.join();
      queue.shutdown();
      await Promise.all(loops);
      deepStrictEqual([seen.length, new Set(seen).size, queue.unfinished], [40, 40, 0]);
    });

    it("keeps the item of a loop that is left until it is done", async () => {
      const queue = make({ redeliver: true });
      fill(queue, 2);
      for await (const _item of queue) break;
      deepStrictEqual([queue.size, queue.unfinished], [1, 2]);
      queue.taskDone();
      equal(queue.unfinished, 1);
      await rejects(async () => {
        for await (const _item of queue.items({ timeout: 1 })) { /* until there is none */ }
      }, EMPTY);
      equal(queue.unfinished, 0);
    });

    it("shut down, gives what it has and takes no more", async () => {
      const queue = make({ maxSize: 2 });
      fill(queue, 2);
      deepStrictEqual([queue.isShutDown, queue.shutdown(), queue.isShutDown], [false, undefined, true]);
      throws(() => queue.putSync(1), SHUT_DOWN);
      throws(() => queue.tryPut(1), SHUT_DOWN);
      await rejects(queue.put(1), SHUT_DOWN);
      equal(queue.drain().length, 2);
      queue.taskDone(2);
      await queue.join();
      throws(() => queue.getSync({ timeout: 1000 }), SHUT_DOWN);
      throws(() => queue.tryGet(), SHUT_DOWN);
      await rejects(queue.get(), SHUT_DOWN);
      await rejects(queue.getMany(2), SHUT_DOWN);
      deepStrictEqual(queue.drain(), []);
      queue.shutdown({ immediate: true });
      queue.shutdown();
      equal(queue.isShutDown, true);
    });

    it("shut down at once, throws its items away", async () => {
      const queue = make();
      fill(queue, 2);
      const joined = queue.join();
      queue.shutdown({ immediate: true });
      await joined;
      deepStrictEqual([queue.size, queue.unfinished], [0, 0]);
      throws(() => queue.getSync(), SHUT_DOWN);
      throws(() => queue.taskDone(), INVALID);
    });

    it("tells all who wait that it is shut down", async () => {
      const queue = make({ maxSize: 1 });
      const get = queue.get();
      queue.shutdown();
      await rejects(get, SHUT_DOWN);
      const full = make({ maxSize: 1 });
      full.putSync(1);
      const puts = [full.put(2), full.put(3)];
      full.shutdown();
      for (const put of puts) await rejects(put, SHUT_DOWN);
      equal(full.getSync(), 1);
    });

    it("names what is wrong with an argument, and changes nothing", async () => {
      const queue = make({ maxSize: 2 });
      queue.putSync(1);
      for (const timeout of [-1, NaN]) {
        throws(() => queue.getSync({ timeout }), { name: "RangeError", message: /timeout.*got/ });
        throws(() => queue.putSync(1, { timeout }), { name: "RangeError", message: /timeout.*got/ });
        await rejects(queue.get({ timeout }), RangeError);
        await rejects(queue.put(1, { timeout }), RangeError);
      }
      throws(() => queue.getManySync(0), { name: "RangeError", message: /count must be an integer from 1/ });
      await rejects(queue.getMany("2" as unknown as number), TypeError);
      throws(() => queue.drain(1.5), RangeError);
      throws(() => queue.taskDone(0), RangeError);
      throws(() => queue.taskDone(null as unknown as number), TypeError);
      deepStrictEqual([queue.size, queue.unfinished], [1, 1]);
      throws(() => make({ maxSize: -1 }), { name: "RangeError", message: /options.maxSize must be .* got -1/ });
      throws(() => make({ redeliver: 1 as unknown as boolean }), { name: "TypeError", message: /redeliver .* got 1/ });
    });

    it("is one for all who open its name, with the same options only", () => {
      const segment = ownSegment(`queue-${name}`);
      const options = { name: "jobs", segment, maxSize: 7 };
      const queue = make(options);
      fill(queue, 1);
      equal(make(options).getSync(), 0);
      throws(() => make({ ...options, maxSize: 8 }), {
        name: "MismatchError",
        message: /exists as \w+\(maxSize 7, redeliver false\), asked for \w+\(maxSize 8, redeliver false\)/,
      });
      throws(() => make({ ...options, redeliver: true }), { name: "MismatchError" });
      throws(() => new SharedDict({ name: "jobs", segment }), { name: "MismatchError" });
      equal((attach(queue.handle) as Some).maxSize, 7);
    });

    it("says what a disposed one cannot do, and ends its waits", async () => {
      const queue = make();
      const wait = queue.get();
      queue[Symbol.dispose]();
      await rejects(wait, INVALID);
      throws(() => queue.size, INVALID);
      throws(() => queue.tryGet(), INVALID);
      throws(() => queue.putSync(1), INVALID);
      throws(() => queue.joinSync(), INVALID);
      throws(() => queue.shutdown(), INVALID);
      await rejects(queue.get(), INVALID);
      await rejects(queue.put(1), INVALID);
      await rejects(queue.join(), INVALID);
    });

    it("says when the segment has no room, loses nothing, and works again", async () => {
      const segment = ownSegment(`full-queue-${name}`, { capacity: 4 * 2 ** 20 });
      const queue = make({ name: "jobs", segment });
      let count = 0;
      const value = "x".repeat(10_000);
      throws(() => {
        for (;; count++) queue.putSync(`${count} ${value}`);
      }, { ...SEGMENT_FULL, message: /asked for 100\d\d bytes; segment ".*" has \d+ of its 4194304 bytes free/ });
      await rejects(queue.put(value), SEGMENT_FULL);
      throws(() => queue.tryPut(value), SEGMENT_FULL);
      ok(count > 100);
      const got = queue.drain().map((item) => Number.parseInt(item as string));
      deepStrictEqual(got.sort((a, b) => a - b), Array.from({ length: count }, (_, index) => index));
      for (let index = 0; index < count; index++) queue.putSync(`${index} ${value}`);
      equal(queue.size, count);
    });

    it("has values from 1 byte to 8 MiB", async () => {
      const queue = make({ name: "large", segment: ownSegment(`large-${name}`, { capacity: 64 * 2 ** 20 }) });
      for (const length of [1, 100, 65_535, 65_536, 8 * 2 ** 20]) {
        const bytes = new Uint8Array(length).fill(length & 0xff, 0, length);
        await queue.put(bytes);
        deepStrictEqual(await queue.get(), bytes);
        await queue.put({ bytes });
        deepStrictEqual(await queue.get(), { bytes });
      }
    });

    it("loses only what its getter cannot make, and says so", async () => {
      const queue = make();
      const lock = new Lock();
      queue.putSync(1);
      queue.putSync(2);
      queue.putSync({ lock });
      queue.putSync(3);
      lock.destroy();
      lock[Symbol.dispose]();
      const got: unknown[] = [];
      let errors = 0;
      while (!queue.empty || got.length < 3) {
        try {
          got.push(...await queue.getMany(10, { timeout: 1000 }));
        } catch (error) {
          equal((error as Error).name, "InvalidStateError");
          errors++;
        }
      }
      deepStrictEqual([got.sort(), errors], [[1, 2, 3], 1]);
    });

    it("drains what its getter can make, whichever item it cannot, and says so the next time", () => {
      for (const place of [0, 1, 255, 256, 299]) {
        const queue = make();
        for (let index = 0; index < 300; index++) {
          const lock = new Lock();
          queue.putSync(index === place ? { lock } : 1);
          lock.destroy();
          lock[Symbol.dispose]();
        }
        const got: unknown[] = [];
        let errors = 0;
        for (let rounds = 0; rounds < 5; rounds++) {
          try {
            got.push(...queue.drain());
          } catch (error) {
            equal((error as Error).name, "InvalidStateError");
            errors++;
          }
        }
        deepStrictEqual([got.length, errors, queue.size], [299, 1, 0], `item ${place}`);
      }
    });
  });
}

describe("PriorityQueue", () => {
  it("gives the lowest first, and of equal ones the oldest", () => {
    const queue = new PriorityQueue<string>();
    const put: [string, number][] = [["c", 2], ["a", -1], ["d", Infinity], ["b", 0], ["b2", -0], ["c2", 2]];
    for (const [value, priority] of put) queue.putSync(value, { priority });
    deepStrictEqual(queue.drain(), ["a", "b", "b2", "c", "c2", "d"]);
  });

  it("wants a priority that is a number", async () => {
    const queue = new PriorityQueue<string>();
    const none = undefined as unknown as { priority: number };
    throws(() => queue.putSync("a", none), {
      name: "TypeError",
      message: /priority must be a number .* got undefined/,
    });
    throws(() => queue.tryPut("a", { priority: NaN }), { name: "RangeError", message: /got NaN/ });
    await rejects(queue.put("a", { priority: "1" as unknown as number }), TypeError);
    equal(queue.empty, true);
  });
});

describe("A queue's loop", () => {
  it("does not end an item twice", async () => {
    const queue = new Queue<number>();
    queue.putSync(1);
    queue.putSync(2);
    queue.shutdown();
    for await (const _item of queue) if (queue.unfinished > 1) queue.taskDone();
    equal(queue.unfinished, 0);
  });

  it("that another thread feeds", async () => {
    const segment = ownSegment("fed-queue");
    const queue = new Queue<number>({ name: "jobs", segment });
    const child = start("thread", "queue_main", [segment.name, "produce", "0", "500"]);
    const seen: number[] = [];
    for await (const item of queue) if (seen.push(item) === 500) break;
    deepStrictEqual(seen, Array.from({ length: 500 }, (_, index) => index));
    notEqual(await child.ended, "exit 1");
  });
});
