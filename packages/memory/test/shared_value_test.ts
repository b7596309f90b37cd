import { deepEqual, equal, throws } from "node:assert/strict";
import { describe } from "node:test";
import { InvalidStateError, MismatchError } from "@lockstep/contract";
import { type Element, type ElementType, SharedValue } from "@lockstep/memory";
import { it } from "@lockstep/testing";
import { ownSegment } from "./place.ts";

const segment = ownSegment("value");
const RANGES: Partial<Record<ElementType, [bigint, bigint]>> = {
  i8: [-128n, 127n],
  u8: [0n, 255n],
  i16: [-32_768n, 32_767n],
  u16: [0n, 65_535n],
  i32: [-(2n ** 31n), 2n ** 31n - 1n],
  u32: [0n, 2n ** 32n - 1n],
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
  u64: [0n, 2n ** 64n - 1n],
};

describe("SharedValue", () => {
  for (const [type, [least, most]] of Object.entries(RANGES) as [ElementType, [bigint, bigint]][]) {
    const of = (value: bigint): Element<typeof type> => type.endsWith("64") ? value : Number(value);

    it(`of ${type} holds ${least} to ${most}, and wraps around when added to`, () => {
      const value = new SharedValue(type, of(most), { segment });
      equal(value.value, of(most));
      equal(value.add(of(1n)), of(least));
      equal(value.value, of(least));
      equal(value.add(of(-1n)), of(most));
      equal(value.compareExchange(of(1n), of(2n)), of(most));
      equal(value.compareExchange(of(most), of(2n)), of(most));
      equal(SharedValue.from(value.handle).value, of(2n));
      value.value = of(least);
      equal(value.value, of(least));
      for (const wrong of [least - 1n, most + 1n]) {
        throws(() => value.value = of(wrong), RangeError);
        throws(() => value.compareExchange(of(least), of(wrong)), RangeError);
        throws(() => value.compareExchange(of(wrong), of(least)), RangeError);
        throws(() => new SharedValue(type, of(wrong), { segment }), RangeError);
      }
      throws(() => value.value = (type.endsWith("64") ? 1 : 1n) as number, TypeError);
      throws(() => value.add((type.endsWith("64") ? 1 : 1n) as number), TypeError);
      equal(value.value, of(least));
      value[Symbol.dispose]();
    });
  }

  it("of fractions adds and compares by value", () => {
    for (const type of ["f32", "f64"] as const) {
      const value = new SharedValue(type, -0, { segment });
      equal(value.value, -0);
      equal(value.compareExchange(0, 0.25), -0);
      equal(value.add(0.5), 0.75);
      equal(value.compareExchange(0.5, 9), 0.75);
      value.value = NaN;
      equal(value.compareExchange(NaN, Infinity), NaN);
      equal(value.value, Infinity);
      equal(value.add(-Infinity), NaN);
      value.value = 1 / 3;
      equal(value.value, type === "f64" ? 1 / 3 : Math.fround(1 / 3));
      equal(value.compareExchange(1 / 3, 2), type === "f64" ? 1 / 3 : Math.fround(1 / 3));
      equal(value.value, 2);
      throws(() => value.value = 1n as unknown as number, TypeError);
    }
  });

  it("is 0 unless an initial value is given, which one that exists does not take", () => {
    equal(new SharedValue("f64", undefined, { segment }).value, 0);
    equal(new SharedValue("u64", undefined, { segment }).value, 0n);
    const first = new SharedValue("i32", 4343, { name: "initial", segment });
    equal(new SharedValue("i32", 5, { name: "initial", segment }).value, 4343);
    equal(first.type, "i32");
    equal(String(first), `SharedValue(${segment.name}/initial: i32 4343)`);
  });

  it("has a lock of its own for what takes more than one step", () => {
    const value = new SharedValue("i32", 0, { segment });
    const guard = value.lock.acquireSync();
    value.value += 1;
    guard.release();
    equal(SharedValue.from(value.handle).lock.locked, false);
    const { lock } = value;
    value[Symbol.dispose]();
    throws(() => lock.locked, InvalidStateError);
  });

  it("keeps to itself: neighbours do not change", () => {
    const values = Array.from({ length: 20 }, () => new SharedValue("i8", -1, { segment }));
    values[10]!.value = 7;
    deepEqual(values.map(({ value }) => value), values.map((_, index) => index === 10 ? 7 : -1));
  });

  it("throws after it was disposed, whoever else has it", () => {
    const value = new SharedValue("f64", 1.5, { segment });
    const other = SharedValue.from<"f64">(value.handle);
    value[Symbol.dispose]();
    throws(() => value.value, InvalidStateError);
    throws(() => value.value = 1, InvalidStateError);
    throws(() => value.add(1), InvalidStateError);
    throws(() => value.compareExchange(1, 2), InvalidStateError);
    throws(() => value.lock, InvalidStateError);
    throws(() => value.type, InvalidStateError);
    equal(other.add(1), 2.5);
    other[Symbol.dispose]();
    throws(() => other.value, InvalidStateError);
  });

  it("throws for what is no type, no number to add, or another type", () => {
    throws(() => new SharedValue("double" as "f64", 1, { segment }), TypeError);
    const value = new SharedValue("u32", 1, { name: "typed", segment });
    for (const wrong of [0.5, NaN, Infinity, 2 ** 33]) throws(() => value.add(wrong), RangeError);
    equal(value.add(2 ** 32), 1);
    throws(() => new SharedValue("i32", 1, { name: "typed", segment }), {
      message: 'Cannot open SharedValue "typed": it exists as SharedValue("u32"), asked for SharedValue("i32")',
    });
    throws(() => SharedValue.from("nonsense"), RangeError);
    throws(() => SharedValue.from(value.lock.handle), MismatchError);
  });
});
