// Whether two values are alike in every way that a program could tell, down to which parts are one object.
import { deepStrictEqual, fail, strictEqual } from "node:assert/strict";
import { types } from "node:util";

type Pairs = Map<object, object>;

/** @throws {AssertionError} With the path to the first difference. */
export function assertSame(actual: unknown, expected: unknown): void {
  const pairs: Pairs = new Map();
  compare(actual, expected, "$", pairs);
  strictEqual(new Set(pairs.values()).size, pairs.size, "objects that are two in one value are one in the other");
}

function compare(actual: unknown, expected: unknown, path: string, pairs: Pairs): void {
  if (typeof expected !== "object" || expected === null || typeof actual !== "object" || actual === null) {
    return Object.is(actual, expected) ? undefined : strictEqual(actual, expected, path);
  }
  const met = pairs.get(actual);
  if (met !== undefined) return met === expected ? undefined : fail(`${path}: an object is repeated elsewhere`);
  pairs.set(actual, expected);
  strictEqual(Object.getPrototypeOf(actual), Object.getPrototypeOf(expected), `${path}: prototype`);
  deepStrictEqual(stateOf(actual), stateOf(expected), `${path}: state`);
  compareAll(partsOf(actual), partsOf(expected), path, pairs);
  compareProperties(actual, expected, path, pairs);
}

function compareAll(actual: readonly unknown[], expected: readonly unknown[], path: string, pairs: Pairs): void {
  strictEqual(actual.length, expected.length, `${path}: size`);
  for (const [index, part] of actual.entries()) compare(part, expected[index], `${path}<${index}>`, pairs);
}

function compareProperties(actual: object, expected: object, path: string, pairs: Pairs): void {
  if (ArrayBuffer.isView(actual)) return; // what is in them is in their buffers
  const keys = keysOf(actual);
  deepStrictEqual(keys, keysOf(expected), `${path}: keys`);
  for (const key of keys) {
    const name = key.slice(1);
    compare(Reflect.get(actual, name), Reflect.get(expected, name), `${path}.${name}`, pairs);
  }
}

/** Own keys in their order, each after a mark for whether it is enumerable. Those of errors have no fixed order. */
function keysOf(object: object): string[] {
  const isEnumerable = (key: string): boolean => Object.prototype.propertyIsEnumerable.call(object, key);
  const keys = Object.getOwnPropertyNames(object).map((key) => (isEnumerable(key) ? "+" : "-") + key);
  return types.isNativeError(object) || object instanceof DOMException ? keys.sort() : keys;
}

/** Primitive values that are no properties. */
function stateOf(object: object): unknown[] {
  if (object instanceof Date) return ["Date", object.getTime()];
  if (object instanceof RegExp) return ["RegExp", object.source, object.flags, object.lastIndex];
  if (types.isBoxedPrimitive(object)) return ["boxed", object.valueOf()];
  if (types.isArrayBuffer(object)) return ["buffer", [...new Uint8Array(object)]];
  if (object instanceof DataView) return ["DataView", object.byteOffset, object.byteLength];
  if (ArrayBuffer.isView(object)) return ["view", object.byteOffset, object.byteLength];
  if (object instanceof DOMException) return ["DOMException", object.name, object.message];
  return [types.isMap(object), types.isSet(object), types.isNativeError(object), Array.isArray(object)];
}

/** Values that are no properties. */
function partsOf(object: object): unknown[] {
  if (object instanceof Map) return [...object].flat();
  if (object instanceof Set) return [...object];
  return ArrayBuffer.isView(object) ? [object.buffer] : [];
}
