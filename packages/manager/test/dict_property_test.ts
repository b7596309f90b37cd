// Random sequences of operations: a SharedDict gives what a Map would, and has the same contents in the end.
import { deepStrictEqual, equal } from "node:assert/strict";
import { describe } from "node:test";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { type DictKey, SharedDict } from "@lockstep/manager";
import { it } from "@lockstep/testing";

type Operation = (dict: SharedDict, model: Map<DictKey, unknown>) => void;

const RUNS = 300;
const MOST_OPERATIONS = 80;

const key: fc.Arbitrary<DictKey> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<DictKey[]>(1, "1", 1n, true, NaN, -0, 0, "", "é", "中", "\ud800") },
  { weight: 1, arbitrary: fc.oneof(fc.string({ unit: "binary" }), fc.double(), fc.bigInt(), fc.boolean()) },
);

const plain = fc.oneof(fc.integer(), fc.double(), fc.string({ unit: "binary" }), fc.boolean(), fc.constant(null));
const value: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -3, max: 3 }) },
  plain,
  fc.constant(undefined),
  fc.bigInt(),
  fc.uint8Array({ maxLength: 40 }),
  fc.array(plain, { maxLength: 5 }),
  fc.record({ a: plain, b: fc.array(plain, { maxLength: 3 }) }, { noNullPrototype: true }),
  fc.string({ minLength: 500, maxLength: 3000 }),
);

/** As `compareAndSet()` compares: numbers by their value, all others by what they are. */
function isSame(a: unknown, b: unknown): boolean {
  return typeof a === "number" && typeof b === "number"
    ? a === b || isDeepStrictEqual([a], [b])
    : isDeepStrictEqual(a, b);
}

function errorName(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return (error as Error).name;
  }
}

function increment(model: Map<DictKey, unknown>, key: DictKey, by: number): unknown {
  const present = model.has(key) ? model.get(key) : 0;
  if (typeof present !== "number") return "TypeError";
  model.set(key, present + by);
  return present + by;
}

function compareAndSet(model: Map<DictKey, unknown>, key: DictKey, [expected, next]: unknown[]): boolean {
  const isExpected = expected === undefined ? model.get(key) === undefined : isSame(model.get(key), expected);
  if (isExpected) model.set(key, next);
  return isExpected;
}

function modify(model: Map<DictKey, unknown>, key: DictKey, next: unknown): unknown {
  if (next === undefined) model.delete(key);
  else model.set(key, next);
  return next;
}

function popItem(dict: SharedDict, model: Map<DictKey, unknown>): void {
  if (model.size === 0) return equal(errorName(() => dict.popItem()), "InvalidStateError");
  const [key, value] = dict.popItem();
  equal(model.has(key), true);
  deepStrictEqual(value, model.get(key));
  model.delete(key);
}

const both = fc.record({ key, value });
// 0 and -0 are equal; which of them a sum is where there was no number does not matter.
const by = fc.oneof(fc.integer(), fc.double()).filter((number) => !Object.is(number, -0));
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 4,
    arbitrary: both.map(({ key, value }): Operation => (dict, model) => {
      equal(dict.set(key, value), dict);
      model.set(key, value);
    }),
  },
  both.map(({ key, value }): Operation => (dict, model) => {
    if (!model.has(key)) model.set(key, value);
    deepStrictEqual(dict.getOrInsert(key, value), model.get(key));
  }),
  both.map(({ key, value }): Operation => (dict, model) => {
    if (!model.has(key)) model.set(key, value);
    deepStrictEqual(dict.getOrInsertComputedSync(key, () => value), model.get(key));
  }),
  key.map((key): Operation => (dict, model) =>
    deepStrictEqual([dict.get(key), dict.has(key)], [model.get(key), model.has(key)])
  ),
  key.map((key): Operation => (dict, model) => equal(dict.delete(key), model.delete(key))),
  both.map(({ key, value }): Operation => (dict, model) => {
    deepStrictEqual(dict.pop(key, value), model.has(key) ? model.get(key) : value);
    model.delete(key);
  }),
  fc.record({ key, by }).map(({ key, by }): Operation => (dict, model) => {
    deepStrictEqual(errorName(() => dict.increment(key, by)), increment(model, key, by));
  }),
  both.map(({ key, value }): Operation => (dict, model) => {
    const present = model.get(key);
    const change = (old: unknown): unknown => (deepStrictEqual(old, present), value);
    deepStrictEqual(dict.modify(key, change), modify(model, key, value));
  }),
  fc.record({ key, guess: fc.option(value), next: value }).map(({ key, guess, next }): Operation => (dict, model) => {
    const values = [guess === null ? model.get(key) : guess, next];
    equal(dict.compareAndSet(key, values[0], next), compareAndSet(model, key, values));
  }),
  fc.constant<Operation>(popItem),
  fc.constant<Operation>((dict, model) => equal(dict.size, model.size)),
  fc.array(fc.tuple(key, value), { maxLength: 5 }).map((entries): Operation => (dict, model) => {
    dict.assign(entries);
    for (const [key, value] of entries) model.set(key, value);
  }),
);
const operations = fc.array(operation, { maxLength: MOST_OPERATIONS });

function play(dict: SharedDict, steps: readonly Operation[]): void {
  dict.clear();
  const model = new Map<DictKey, unknown>();
  for (const step of steps) step(dict, model);
  deepStrictEqual(dict.toMap(), model);
  equal(dict.size, model.size);
  for (const key of model.keys()) equal(dict.delete(key), true);
  equal(dict.size, 0);
}

describe("SharedDict against Map", () => {
  it("does the same, entries without a time", () => {
    const dict = new SharedDict();
    fc.assert(fc.property(operations, (steps) => play(dict, steps)), { numRuns: RUNS });
  });

  it("does the same with a limit that is not reached", () => {
    const dict = new SharedDict({ maxEntries: 1000, evict: "lru" });
    fc.assert(fc.property(operations, (steps) => play(dict, steps)), { numRuns: RUNS });
  });
});
