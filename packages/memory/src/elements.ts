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
  const range = RANGES[type];
  const isRight = range === undefined ? typeof value === "number" : typeof value === typeof range[0];
  if (!isRight) {
    throw new TypeError(`Cannot ${where}: ${type} holds a ${isBig(type) ? "bigint" : "number"}, got ${show(value)}`);
  }
  if (range === undefined) return value;
  const isWhole = typeof value === "bigint" || Number.isInteger(value);
  if (isWhole && value >= range[0] && value <= range[1]) return value;
  throw new RangeError(
    `Cannot ${where}: ${type} holds integers from ${range[0]} to ${range[1]}, got ${show(value)}`,
  );
}

/** Lowest and highest integer of a type; none for those of fractions. */
const RANGES: Partial<Record<ElementType, readonly [number, number] | readonly [bigint, bigint]>> = {
  i8: [-128, 127],
  u8: [0, 255],
  i16: [-0x8000, 0x7fff],
  u16: [0, 0xffff],
  i32: [-0x8000_0000, 0x7fff_ffff],
  u32: [0, 0xffff_ffff],
  i64: [-(1n << 63n), (1n << 63n) - 1n],
  u64: [0n, (1n << 64n) - 1n],
};

/** Whether elements of the type are bigints. */
export function isBig(type: ElementType): boolean {
  return type === "i64" || type === "u64";
}

/** Whether they are fractions. */
export function isFloat(type: ElementType): boolean {
  return RANGES[type] === undefined;
}
