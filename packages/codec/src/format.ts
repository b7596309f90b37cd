/**
 * The bytes of a value, the same on every runtime. First a byte with the version, then the value: a tag, and what its
 * line says. Numbers are little-endian. A count is a number of 7 bits per byte, lowest first, 0x80 meaning "more".
 *
 *     0x80-0xff   the integer 0 to 127
 *     0x40-0x7f   a string of 0 to 63 bytes of Latin-1, which follow
 *     below 0x40  see `Tag`
 *
 * A key is a byte below 0xfe and so many bytes of Latin-1, or KEY_LONG and a string. KEY_END ends a list of keys and
 * values.
 *
 * Objects have numbers, from 0 on in the order in which they begin, for `Tag.REPEAT`; a view begins after its buffer.
 *
 * A change of anything here needs a new version.
 */
export const VERSION = 1;

/** Containers inside containers; structuredClone overflows the stack before it gets three times as deep. */
export const MAX_DEPTH = 1000;

export const SMALL_INTEGER = 0x80;
export const SHORT_TEXT = 0x40;
export const SHORT_TEXT_END = 0x80;
export const KEY_LONG = 0xfe;
export const KEY_END = 0xff;

export const Tag = {
  UNDEFINED: 0,
  NULL: 1,
  FALSE: 2,
  TRUE: 3,
  /** Count 2n for n >= 0, -2n - 1 for n < 0. */
  INTEGER: 4,
  /** 8 bytes of a double. */
  NUMBER: 5,
  /** 8 bytes of a signed integer. */
  BIGINT_64: 6,
  /** A string of hexadecimal digits, perhaps after a minus sign. */
  BIGINT: 7,
  /** A count of bytes, Latin-1. */
  TEXT_LATIN1: 8,
  /** A count of bytes, UTF-16. */
  TEXT_UTF16: 9,
  /** The number of an object that has begun before. */
  REPEAT: 10,
  /** Keys and values. */
  OBJECT: 11,
  /** A count of elements, these, then keys and values. */
  ARRAY: 12,
  /** A length, then keys and values. */
  SPARSE_ARRAY: 13,
  /** In place of an element that an array does not have. */
  HOLE: 14,
  /** A count of entries, a key and a value for each. */
  MAP: 15,
  /** A count of items, these. */
  SET: 16,
  /** A double of milliseconds. */
  DATE: 17,
  /** Strings with source and flags. */
  REGEXP: 18,
  /** Place in ERROR_NAMES, bits of `ErrorPart`, then a value for each bit. */
  ERROR: 19,
  /** A primitive value. */
  BOXED: 20,
  /** A count of bytes, these. */
  ARRAY_BUFFER: 21,
  /** Place in VIEW_NAMES, the buffer as a value, count of bytes before the view, count of its elements. */
  VIEW: 22,
  /** A string with the handle. */
  SHARED: 23,
  /** Strings with name, message and stack. */
  DOM_EXCEPTION: 24,
} as const;

export const ErrorPart = { MESSAGE: 1, STACK: 2, CAUSE: 4 } as const;

/** Other names become `Error`, as structuredClone does it. */
export const ERROR_NAMES = [
  "Error",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
] as const;

export const VIEW_NAMES = [
  "DataView",
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
  "Float16Array",
] as const;
