// How long entries live, how many there may be, and what happens when the memory is used up.
import { deepStrictEqual, equal, ok, throws } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe } from "node:test";
import { SharedDict } from "@lockstep/manager";
import { it } from "@lockstep/testing";
import { ownSegment, until } from "./place.ts";

const MEBIBYTE = 2 ** 20;
const TTL_MS = 60;
const LONG_MS = 600_000;
const CLOCK_MS = 1; // what two clocks may differ by
const SEGMENT_FULL = { name: "SegmentFullError", code: "ERR_LOCKSTEP_SEGMENT_FULL" };

type Dict = SharedDict<unknown>;

/** Makes an entry with a time, and waits until it is gone: not before that time. */
async function livesForItsTime(make: (dict: Dict, ttl: number) => unknown): Promise<Dict> {
  const dict: Dict = new SharedDict();
  const start = performance.now();
  await make(dict, TTL_MS);
  await until(() => !dict.has("a"));
  const elapsed = performance.now() - start;
  ok(elapsed > TTL_MS - CLOCK_MS, `gone after ${elapsed} ms of ${TTL_MS}`);
  return dict;
}

describe("An entry with a ttl", () => {
  it("is there until then, and gone for every method afterwards", async () => {
    const dict = await livesForItsTime((dict, ttl) => dict.set("a", 1, { ttl }));
    deepStrictEqual([dict.get("a"), dict.has("a"), dict.size, [...dict.keys()], [...dict]], [
      undefined,
      false,
      0,
      [],
      [],
    ]);
    deepStrictEqual([dict.delete("a"), dict.pop("a", "fallback"), dict.toMap().size], [false, "fallback", 0]);
    throws(() => dict.popItem(), { name: "InvalidStateError" });
    equal(dict.compareAndSet("a", 1, 2), false);
    equal(dict.modify("a", (value) => value), undefined);
    equal(dict.getOrInsert("a", 5), 5);
  });

  it("counts in the size while it is there", () => {
    const dict: Dict = new SharedDict();
    dict.set("a", 1, { ttl: LONG_MS }).set("b", 2);
    equal(dict.size, 2);
    dict.delete("a");
    equal(dict.size, 1);
  });

  const makers: Record<string, (dict: Dict, ttl: number) => unknown> = {
    setMany: (dict, ttl) => dict.setMany([["a", 1]], { ttl }),
    setBytes: (dict, ttl) => dict.setBytes("a", new Uint8Array([1]), { ttl }),
    getOrInsert: (dict, ttl) => dict.getOrInsert("a", 1, { ttl }),
    getOrInsertComputed: (dict, ttl) => dict.getOrInsertComputed("a", () => 1, { ttl }),
    getOrInsertComputedSync: (dict, ttl) => dict.getOrInsertComputedSync("a", () => 1, { ttl }),
    increment: (dict, ttl) => dict.increment("a", 1, { ttl }),
  };
  for (const [name, make] of Object.entries(makers)) {
    it(`${name}() makes one`, async () => void await livesForItsTime(make));
  }

  it("keeps its time when it is incremented, modified, or compared and set", async () => {
    await livesForItsTime((dict, ttl) => {
      dict.increment("a", 1, { ttl });
      equal(dict.increment("a", 5, { ttl: LONG_MS }), 6);
      equal(dict.modify("a", (value) => Number(value) + 1), 7);
      equal(dict.compareAndSet("a", 7, "seven"), true);
      equal(dict.modify("a", (value) => `${value}!`), "seven!");
    });
  });

  it("counts from 0 again when it is incremented after its time", async () => {
    const dict = await livesForItsTime((dict, ttl) => dict.increment("a", 7, { ttl }));
    deepStrictEqual([dict.increment("a", 1, { ttl: LONG_MS }), dict.get("a")], [1, 1]);
  });

  it("loses its time when it is set without one, and gets another when set with one", async () => {
    const dict: Dict = new SharedDict();
    dict.set("a", 1, { ttl: TTL_MS }).set("b", 1, { ttl: TTL_MS }).set("c", 1);
    dict.set("a", 2).set("b", 2, { ttl: LONG_MS }).set("c", 2, { ttl: TTL_MS });
    await until(() => !dict.has("c")); // its time began after the others'
    deepStrictEqual(dict.getMany(["a", "b"]), [2, 2]);
  });

  it("may live for ever, or for less than a millisecond", async () => {
    const dict: Dict = new SharedDict();
    dict.set("a", 1, { ttl: Infinity }).set("b", 1, {}).set("c", 1, { ttl: 0.001 }).set("d", 1, { ttl: 1e300 });
    await until(() => !dict.has("c"));
    equal(dict.size, 3);
  });

  it("with another ttl is refused, and nothing is stored", () => {
    const dict: Dict = new SharedDict();
    for (const ttl of [0, -1, NaN, -Infinity]) {
      throws(() => dict.set("a", 1, { ttl }), {
        name: "RangeError",
        message: /options.ttl must be .* > 0 or Infinity/,
      });
      throws(() => dict.increment("a", 1, { ttl }), RangeError);
    }
    for (const ttl of ["5", null, 5n, {}]) {
      throws(() => dict.set("a", 1, { ttl: ttl as number }), { name: "TypeError", message: /options.ttl must be/ });
    }
    throws(() => dict.set("a", 1, 5 as unknown as object), TypeError);
    equal(dict.size, 0);
  });
});

describe("maxEntries", () => {
  it("with evict error: the next one is a SegmentFullError that says what to do, until one goes", () => {
    const dict: Dict = new SharedDict({ maxEntries: 3 });
    dict.set("a", 1).set("b", 2).set("c", 3);
    const full = { ...SEGMENT_FULL, message: /it has 3 entries, as many as its maxEntries; delete some, or .*"lru"/ };
    throws(() => dict.set("d", 4), full);
    throws(() => dict.getOrInsert("d", 4), full);
    throws(() => dict.increment("d"), full);
    throws(() => dict.compareAndSet("d", undefined, 4), full);
    throws(() => dict.modify("d", () => 4), full);
    throws(() => dict.getOrInsertComputedSync("d", () => 4), full);
    deepStrictEqual([dict.set("a", "replaced").get("a"), dict.increment("b"), dict.size], ["replaced", 3, 3]);
    dict.delete("c");
    equal(dict.set("d", 4).size, 3);
  });

  it("entries whose time is over make room", async () => {
    const dict: Dict = new SharedDict({ maxEntries: 2 });
    dict.set("a", 1, { ttl: 1 }).set("b", 2);
    await until(() => !dict.has("a"));
    deepStrictEqual(dict.set("c", 3).toMap(), new Map([["b", 2], ["c", 3]]));
  });

  it("with evict lru: the least recently used goes, and reading is use", () => {
    const dict: Dict = new SharedDict({ maxEntries: 3, evict: "lru" });
    dict.set("a", 1).set("b", 2).set("c", 3);
    equal(dict.get("a"), 1);
    dict.set("d", 4);
    deepStrictEqual(dict.toMap(), new Map([["a", 1], ["c", 3], ["d", 4]]));
    dict.increment("a");
    dict.set("c", 5);
    dict.set("e", 6);
    deepStrictEqual([dict.has("d"), dict.size], [false, 3]);
  });

  it("with evict lru: never more than that, of many the newest", () => {
    const dict: Dict = new SharedDict({ maxEntries: 100, evict: "lru" });
    for (let i = 0; i < 5000; i++) {
      dict.set(i, i);
      ok(dict.size <= 100);
    }
    equal(dict.size, 100);
    equal(dict.get(4999), 4999);
  });

  it("is 1 to 2^29, and evict one of two words", () => {
    for (const maxEntries of [0, -1, 1.5, 2 ** 29 + 1, NaN]) throws(() => new SharedDict({ maxEntries }), RangeError);
    throws(() => new SharedDict({ maxEntries: "5" as unknown as number }), TypeError);
    const fifo = "fifo" as "lru";
    throws(() => new SharedDict({ maxEntries: 5, evict: fifo }), { name: "RangeError", message: /"lru" or "error"/ });
    throws(() => new SharedDict({ evict: "lru" }), { name: "RangeError", message: /needs options.maxEntries/ });
    throws(() => new SharedDict(null as unknown as object), TypeError);
    equal(new SharedDict({ maxEntries: 2 ** 29, evict: "error" }).size, 0);
    equal(new SharedDict({ maxEntries: undefined, evict: undefined }).size, 0);
  });
});

describe("A segment of 2 MiB", () => {
  const segment = ownSegment("limits", { capacity: 2 * MEBIBYTE });
  const value = (index: number): string => `${index} `.repeat(200);

  /** Sets until there is no room; how many there are. */
  function fill(dict: Dict): number {
    for (let index = 0;; index++) {
      try {
        dict.set(index, value(index));
      } catch (error) {
        equal((error as Error).name, "SegmentFullError");
        return index;
      }
    }
  }

  it("that is full is a SegmentFullError: what was asked for, what is free, where to raise it", () => {
    const dict: Dict = new SharedDict({ segment });
    const count = fill(dict);
    ok(count > 100, `only ${count} entries`);
    const text = RegExp(
      `^Cannot set in SharedDict: asked for 100000 bytes; segment "${segment.name}" has \\d+ of its 2097152 bytes free, ` +
        "in pieces, and /dev/shm has \\d+\\. Delete something, open a segment with a larger capacity, or enlarge the " +
        "file system \\(docker run --shm-size\\)$",
    );
    throws(() => dict.set("large", "x".repeat(100_000)), { ...SEGMENT_FULL, message: text });
    throws(() => dict.set(5, new Uint8Array(3 * MEBIBYTE)), { ...SEGMENT_FULL, message: /asked for 3145728 bytes/ });
    throws(() => dict.modify(5, () => "x".repeat(MEBIBYTE)), SEGMENT_FULL);
    equal(dict.size, count);
    for (let index = 0; index < count; index++) equal(dict.get(index), value(index));
    dict.destroy();
    dict[Symbol.dispose]();
  });

  it("works again after deleting, and keeps nothing back however often it is filled", () => {
    const dict: Dict = new SharedDict({ segment });
    const counts = Array.from({ length: 5 }, () => {
      const count = fill(dict);
      for (let index = 0; index < count; index++) equal(dict.delete(index), true);
      equal(dict.size, 0);
      return count;
    });
    const [first = 0, ...others] = counts;
    for (const count of others) ok(count >= first * 0.98, `room for ${counts} entries`);
    equal(dict.set("again", value(5)).get("again"), value(5));
    fill(dict);
    dict.clear();
    ok(fill(dict) >= first * 0.98, "after clear()");
    dict[Symbol.dispose]();
  });

  it("is free again for others when a dict without a name is disposed", () => {
    const first: Dict = new SharedDict({ segment });
    const count = fill(first);
    first[Symbol.dispose]();
    const second: Dict = new SharedDict({ segment });
    ok(fill(second) >= count * 0.98);
    second[Symbol.dispose]();
  });

  it("is never full for a dict that evicts", () => {
    const dict: Dict = new SharedDict({ segment, maxEntries: 10_000, evict: "lru" });
    for (let index = 0; index < 5000; index++) dict.set(index, value(index));
    equal(dict.get(4999), value(4999));
    ok(dict.size > 100 && dict.size < 5000, `${dict.size}`);
    dict[Symbol.dispose]();
  });

  it("makes room of entries whose time is over", async () => {
    const dict: Dict = new SharedDict({ segment });
    const most = fill(dict);
    dict.clear();
    for (let index = 0; index < most / 2; index++) dict.set(`short ${index}`, value(index), { ttl: 1 });
    await until(() => dict.size === 0);
    ok(fill(dict) >= most * 0.98);
    dict[Symbol.dispose]();
  });
});

describe("A value of any size", () => {
  const segment = ownSegment("sizes", { capacity: 320 * MEBIBYTE });
  const dict: Dict = new SharedDict({ segment });

  for (const length of [1, 8, 4095, 65_535, 65_536, MEBIBYTE, 64 * MEBIBYTE]) {
    it(`comes back as it was set: ${length} bytes`, () => {
      const bytes = new Uint8Array(length).map((_, index) => index * 7 + (index >> 8));
      const isSame = (other: Uint8Array): boolean => Buffer.compare(other, bytes) === 0;
      dict.set("other", "small");
      dict.setBytes("value", bytes);
      ok(isSame(dict.getBytes("value")!));
      ok(isSame(dict.get("value") as Uint8Array));
      dict.set("value", { bytes });
      ok(isSame((dict.get("value") as { bytes: Uint8Array }).bytes));
      const text = "é".repeat(length);
      dict.set("value", text);
      ok(dict.get("value") === text);
      equal(dict.pop("value") === text, true);
      deepStrictEqual([...dict], [["other", "small"]]);
    });
  }
});
