import { show } from "@lockstep/contract";
import { ELEMENT_TYPES } from "@lockstep/native";

/** What the elements of a `SharedArray`, or a `SharedValue`, are: `"i32"` is a signed integer of 32 bits. */
export type ElementType = typeof ELEMENT_TYPES[number];

/** What JavaScript has for an element of that type. */
export type Element<T extends ElementType> = T extends "i64" | "u64" ? bigint : number;

/** The typed array that shows elements of each type. */
export interface ElementArrays {
  /** Signed, 8 bits. */
  i8: Int8Array<ArrayBuffer>;
  /** Unsigned, 8 bits. */
  u8: Uint8Array<ArrayBuffer>;
  /** Signed, 16 bits. */
  i16: Int16Array<ArrayBuffer>;
  /** Unsigned, 16 bits. */
  u16: Uint16Array<ArrayBuffer>;
  /** Signed, 32 bits. */
  i32: Int32Array<ArrayBuffer>;
  /** Unsigned, 32 bits. */
  u32: Uint32Array<ArrayBuffer>;
  /** Signed, 64 bits. */
  i64: BigInt64Array<ArrayBuffer>;
  /** Unsigned, 64 bits. */
  u64: BigUint64Array<ArrayBuffer>;
  /** Floating point, 32 bits. */
  f32: Float32Array<ArrayBuffer>;
  /** Floating point, 64 bits: every number of JavaScript. */
  f64: Float64Array<ArrayBuffer>;
}

/** What makes the typed arrays. */
export const ARRAYS: {
  readonly [T in ElementType]: {
    readonly BYTES_PER_ELEMENT: number;
    new (length: number): ElementArrays[T];
    new (buffer: ArrayBuffer, offset?: number, length?: number): ElementArrays[T];
  };
} = {
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

/** What native code knows the type by. @throws {TypeError} If there is no such type. */
export function checkType(type: ElementType, where: string): number {
  const index = ELEMENT_TYPES.indexOf(type);
  if (index >= 0) return index;
  throw new TypeError(`Cannot ${where}: type must be one of ${ELEMENT_TYPES.join(", ")}, got ${show(type)}`);
}

/** The value, if an element of the type can be it. @throws {TypeError | RangeError} If not. */
export function checkElement<T extends ElementType>(type: T, value: Element<T>, where: string): Element<T> {
  if (isBig(type) ? typeof value !== "bigint" : typeof value !== "number") {
    throw new TypeError(`Cannot ${where}: ${type} holds a ${isBig(type) ? "bigint" : "number"}, got ${show(value)}`);
  }
  if (fits(type, value)) return value;
  throw new RangeError(
    `Cannot ${where}: ${type} holds integers from ${least(type)} to ${most(type)}, got ${show(value)}`,
  );
}

/** Whether elements of the type are bigints. */
export function isBig(type: ElementType): boolean {
  return type === "i64" || type === "u64";
}

/** Whether they are fractions. */
export function isFloat(type: ElementType): boolean {
  return type === "f32" || type === "f64";
}

function bitsOf(type: ElementType): number {
  return Number(type.slice(1));
}

function least(type: ElementType): bigint {
  return type.startsWith("i") ? -(1n << BigInt(bitsOf(type) - 1)) : 0n;
}

function most(type: ElementType): bigint {
  return (1n << BigInt(bitsOf(type) - (type.startsWith("i") ? 1 : 0))) - 1n;
}

/** A number that is no integer is out of every range of integers. */
function fits(type: ElementType, value: number | bigint): boolean {
  if (isFloat(type)) return true;
  return (typeof value === "bigint" || Number.isInteger(value)) && value >= least(type) && value <= most(type);
}
