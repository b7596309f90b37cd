import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { describe } from "node:test";
import { InvalidStateError, LockNotHeldError, MismatchError } from "@lockstep/contract";
import { type ElementType, SharedArray } from "@lockstep/memory";
import { RLock } from "@lockstep/sync";
import { it } from "@lockstep/testing";
import { ownSegment } from "./place.ts";

const segment = ownSegment("array");
const VIEWS = {
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
};

describe("SharedArray", () => {
  for (const [type, View] of Object.entries(VIEWS) as [ElementType, typeof Int8Array][]) {
    it(`shows ${type} as a ${View.name}`, () => {
      const big = type.endsWith("64") && type !== "f64";
      const array = new SharedArray(type, 1000, { segment });
      ok(array.view instanceof View);
      deepEqual([array.type, array.length, array.view.length], [type, 1000, 1000]);
      ok((array.view as unknown as number[]).every((element) => element === (big ? 0n : 0) as number));
      array.set(-1, big ? 5n : 5);
      equal(SharedArray.from(array.handle).at(999), big ? 5n : 5);
      equal(SharedArray.from(array.handle).view, array.view);
      array[Symbol.dispose]();
    });
  }

  it("is made with values, which the next one that opens it does not change", () => {
    const array = new SharedArray("f64", [0.5, 1.5, -0, NaN], { name: "values", segment });
    deepEqual([...array], [0.5, 1.5, -0, NaN]);
    deepEqual([...new SharedArray("f64", [1, 2, 3, 4], { name: "values", segment })], [0.5, 1.5, -0, NaN]);
    deepEqual([...new SharedArray("f64", 4, { name: "values", segment })], [0.5, 1.5, -0, NaN]);
    deepEqual([...new SharedArray("u64", new Set([1n, 2n ** 64n - 1n]), { segment })], [1n, 2n ** 64n - 1n]);
    deepEqual([...new SharedArray("i16", new Int16Array([-5, 5]), { segment })], [-5, 5]);
  });

  it("may have no elements", () => {
    const array = new SharedArray("i64", [], { name: "empty", segment });
    deepEqual([...array], []);
    equal(array.view, new SharedArray("i64", 0, { name: "empty", segment }).view);
    equal(array.at(0), undefined);
  });

  it("goes on showing its elements after it was disposed and destroyed", () => {
    const array = new SharedArray("i32", 2000, { name: "kept", segment });
    const view = array.view.fill(1);
    array.destroy();
    array[Symbol.dispose]();
    const others = Array.from({ length: 20 }, () => new SharedArray("i32", 2000, { segment }));
    for (const other of others) other.view.fill(2);
    ok(view.every((element) => element === 1));
    for (const other of others) other[Symbol.dispose]();
  });

  it("has a lock of its own, the same for all who open it", () => {
    const array = new SharedArray("i32", 10, { name: "locked", segment });
    const { lock } = array;
    ok(lock instanceof RLock);
    equal(array.lock, lock);
    const guard = lock.acquireSync();
    const other = new SharedArray("i32", 10, { name: "locked", segment });
    equal(other.lock.locked, true);
    guard.release();
    equal(other.lock.locked, false);
    throws(() => other.lock.release(), LockNotHeldError);
    array[Symbol.dispose]();
    throws(() => lock.acquireSync(), InvalidStateError);
    throws(() => array.lock, InvalidStateError);
    other.lock.acquireSync().release();
    other.destroy();
    other[Symbol.dispose]();
  });

  it("and its lock go together", () => {
    const { objects } = segment.stats();
    const array = new SharedArray("u8", 100_000, { segment });
    equal(segment.stats().objects, objects + 2);
    array.lock.acquireSync().release();
    array[Symbol.dispose]();
    equal(segment.stats().objects, objects);
  });

  it("throws after it was disposed", () => {
    const array = new SharedArray("i32", 10, { segment });
    array[Symbol.dispose]();
    for (const use of [() => array.view, () => array.length, () => array.type, () => array.at(0), () => [...array]]) {
      throws(use, InvalidStateError);
    }
    throws(() => array.set(0, 1), InvalidStateError);
  });

  it("throws for types, lengths and values that are none, and says which", () => {
    const make = (type: unknown, given: unknown) => () =>
      new SharedArray(type as ElementType, given as number, { segment });
    throws(make("i128", 1), {
      name: "TypeError",
      message:
        'Cannot open SharedArray: type must be one of i8, u8, i16, u16, i32, u32, i64, u64, f32, f64, got "i128"',
    });
    for (const wrong of [undefined, null, {}, 7n, Symbol.iterator]) throws(make("i32", wrong), TypeError);
    for (const wrong of [-1, 0.5, NaN, 2 ** 30]) throws(make("i32", wrong), RangeError);
    for (const wrong of [-129, 128, 0.5, NaN, Infinity]) throws(make("i8", [wrong]), RangeError);
    throws(make("u16", [0, 65_536]), {
      name: "RangeError",
      message: "Cannot open SharedArray: u16 holds integers from 0 to 65535, got 65536",
    });
    throws(make("i64", [2n ** 63n]), RangeError);
    throws(make("u64", [-1n]), RangeError);
    throws(make("i64", [1]), TypeError);
    throws(make("f64", [1n]), TypeError);
    throws(make("f32", ["1"]), TypeError);
  });

  it("throws when what is set is no element, or has no place, and changes nothing", () => {
    const array = new SharedArray("u8", [1, 2, 3], { segment });
    for (const wrong of [3, -4, 0.5, NaN]) throws(() => array.set(wrong, 0), RangeError);
    throws(() => array.set(0, 256), RangeError);
    throws(() => array.set(0, 1n as unknown as number), TypeError);
    deepEqual([...array], [1, 2, 3]);
    deepEqual([array.at(-1), array.at(3), array.at(-4)], [3, undefined, undefined]);
  });

  it("throws MismatchError for another type or length", () => {
    const array = new SharedArray("f32", 8, { name: "mine", segment });
    throws(() => new SharedArray("f64", 8, { name: "mine", segment }), {
      message: 'Cannot open SharedArray "mine": it exists as SharedArray("f32", 8), asked for SharedArray("f64", 8)',
    });
    throws(() => new SharedArray("f32", [1], { name: "mine", segment }), MismatchError);
    throws(() => new RLock({ name: "mine", segment }), MismatchError);
    equal(String(array), `SharedArray(${segment.name}/mine: 8 f32)`);
  });
});
