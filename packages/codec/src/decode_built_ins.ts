import { types } from "node:util";
import { UnsupportedPlatformError } from "@lockstep/contract";
import type { Decoder } from "./decoder.ts";
import { ERROR_NAMES, ErrorPart, Tag, VIEW_NAMES } from "./format.ts";

type ErrorClass = new (message?: string) => Error;
type ViewClass = {
  new (buffer: ArrayBuffer, offset: number, length: number): ArrayBufferView;
  readonly BYTES_PER_ELEMENT?: number;
};

const MOST_ENTRIES = 2 ** 24; // V8 has no larger Map or Set

const globals = globalThis as unknown as Record<string, unknown>;
const errorClasses = ERROR_NAMES.map((name) => globals[name] as ErrorClass);
const viewClasses = VIEW_NAMES.map((name) => globals[name] as ViewClass | undefined);

function readMap(from: Decoder): object {
  const map = from.begin(new Map<unknown, unknown>());
  for (let rest = entriesOf(from); rest > 0; rest--) map.set(from.read(), from.read());
  return map;
}

function readSet(from: Decoder): object {
  const set = from.begin(new Set<unknown>());
  for (let rest = entriesOf(from); rest > 0; rest--) set.add(from.read());
  return set;
}

function entriesOf(from: Decoder): number {
  const entries = from.in.length();
  return entries <= MOST_ENTRIES ? entries : from.in.fail("a Map or Set is too large");
}

function readRegExp(from: Decoder): object {
  const source = from.in.text();
  const flags = from.in.text();
  try {
    return from.begin(new RegExp(source, flags));
  } catch (cause) {
    return from.in.fail("this runtime takes the regular expression for none", { cause });
  }
}

function readError(from: Decoder): object {
  const errorClass = errorClasses[from.in.byte()] ?? from.in.fail("an error has no known class");
  const parts = from.in.byte();
  const message = parts & ErrorPart.MESSAGE ? from.in.text() : undefined;
  const error = from.begin(new errorClass(message));
  define(error, "stack", parts & ErrorPart.STACK ? from.in.text() : undefined);
  if (parts & ErrorPart.CAUSE) define(error, "cause", from.read());
  return error;
}

function readDomException(from: Decoder): object {
  const name = from.in.text();
  const exception = from.begin(new DOMException(from.in.text(), name));
  define(exception, "stack", from.in.text());
  return exception;
}

/** Like the properties of errors that were made here. */
function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, enumerable: false, configurable: true });
}

function readBoxed(from: Decoder): object {
  const value = from.read();
  if (!["boolean", "number", "string", "bigint"].includes(typeof value)) from.in.fail("a wrapper has no primitive");
  return from.begin(Object(value));
}

function readView(from: Decoder): object {
  const place = from.in.byte();
  const name = VIEW_NAMES[place] ?? from.in.fail("a view has no known class");
  const buffer = from.read();
  const offset = from.in.count();
  const length = from.in.count();
  const viewClass = viewClasses[place];
  if (viewClass === undefined) {
    throw new UnsupportedPlatformError(`Cannot decode a value: it has a ${name}, which this runtime does not`);
  }
  const bytes = viewClass.BYTES_PER_ELEMENT ?? 1;
  if (!types.isArrayBuffer(buffer)) from.in.fail("a view has no buffer");
  if (offset % bytes !== 0 || offset + length * bytes > buffer.byteLength) from.in.fail("a view is not in its buffer");
  return from.begin(new viewClass(buffer, offset, length));
}

/** By its tag, what reads an object with internal state. */
export const builtInReaders: Readonly<Record<number, (from: Decoder) => object>> = {
  [Tag.MAP]: readMap,
  [Tag.SET]: readSet,
  [Tag.DATE]: (from) => from.begin(new Date(from.in.double())),
  [Tag.REGEXP]: readRegExp,
  [Tag.ERROR]: readError,
  [Tag.BOXED]: readBoxed,
  [Tag.ARRAY_BUFFER]: (from) => from.begin(from.in.copy(from.in.length())),
  [Tag.VIEW]: readView,
  [Tag.DOM_EXCEPTION]: readDomException,
};
