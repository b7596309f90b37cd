import { types } from "node:util";
import type { Encoder } from "./encoder.ts";
import { ERROR_NAMES, ErrorPart, KEY_END, Tag, VIEW_NAMES } from "./format.ts";
import { intrinsic, runtimeClass } from "./kinds.ts";
import { placeOfKey, placeOfValue } from "./trail.ts";

const TypedArrayPrototype: object = Object.getPrototypeOf(Uint8Array.prototype);
const viewName = intrinsic<string | undefined>(TypedArrayPrototype, Symbol.toStringTag);
const typedLength = intrinsic<number>(TypedArrayPrototype, "length");
const typed = {
  buffer: intrinsic<ArrayBufferLike>(TypedArrayPrototype, "buffer"),
  offset: intrinsic<number>(TypedArrayPrototype, "byteOffset"),
  length: (view: object): number => {
    Uint8Array.prototype.at.call(view as Uint8Array, 0); // throws for a view outside its buffer, which has length 0
    return typedLength(view);
  },
};
const dataView = {
  buffer: intrinsic<ArrayBufferLike>(DataView.prototype, "buffer"),
  offset: intrinsic<number>(DataView.prototype, "byteOffset"),
  length: intrinsic<number>(DataView.prototype, "byteLength"),
};
const { getOwnPropertyDescriptor, hasOwn } = Object;

/** Writes the object, if it is one with internal state that can be copied. */
export function writeBuiltIn(to: Encoder, value: object): boolean {
  if (types.isMap(value)) writeMap(to, value);
  else if (types.isSet(value)) writeSet(to, value);
  else if (types.isDate(value)) writeDate(to, value);
  else if (ArrayBuffer.isView(value)) writeView(to, value);
  else if (types.isAnyArrayBuffer(value)) writeBuffer(to, value);
  else if (types.isNativeError(value)) writeError(to, value);
  else if (types.isRegExp(value)) writeRegExp(to, value);
  else if (types.isBoxedPrimitive(value)) writeBoxed(to, value);
  else return false;
  return true;
}

export function writeArray(to: Encoder, array: readonly unknown[]): void {
  const { length } = array;
  const keys = Object.keys(array); // indices come first, in order
  const dense = length === 0 || keys[length - 1] === String(length - 1);
  to.out.byte(dense ? Tag.ARRAY : Tag.SPARSE_ARRAY);
  to.out.count(length);
  to.enter(array);
  for (let index = 0; dense && index < length; index++) {
    to.step(index);
    const value = array[index];
    if (value === undefined && !hasOwn(array, index)) to.out.byte(Tag.HOLE); // a getter took it away
    else to.write(value);
  }
  if (dense && keys.length === length) to.out.byte(KEY_END);
  else to.writeProperties(array, dense ? keys.slice(length) : keys);
  to.leave();
}

/** The entries as they are now: getters of the first could change those that follow. */
function writeMap(to: Encoder, map: Map<unknown, unknown>): void {
  const entries: unknown[] = [];
  Map.prototype.forEach.call(map, (value, key) => entries.push(key, value));
  to.out.byte(Tag.MAP);
  to.out.count(entries.length / 2);
  to.enter(map);
  for (let index = 0; 2 * index < entries.length; index++) {
    to.step(placeOfKey(index));
    to.write(entries[2 * index]);
    to.step(placeOfValue(index));
    to.write(entries[2 * index + 1]);
  }
  to.leave();
}

function writeSet(to: Encoder, set: Set<unknown>): void {
  const items: unknown[] = [];
  Set.prototype.forEach.call(set, (item) => items.push(item));
  to.out.byte(Tag.SET);
  to.out.count(items.length);
  to.enter(set);
  for (let index = 0; index < items.length; index++) {
    to.step(placeOfValue(index));
    to.write(items[index]);
  }
  to.leave();
}

function writeDate(to: Encoder, date: Date): void {
  to.enter(date);
  to.out.byte(Tag.DATE);
  to.out.double(Date.prototype.getTime.call(date));
  to.leave();
}

function writeRegExp(to: Encoder, expression: RegExp): void {
  const { source, flags } = new RegExp(expression); // whose own are not overridden
  to.enter(expression);
  to.out.byte(Tag.REGEXP);
  to.out.text(source);
  to.out.text(flags);
  to.leave();
}

function writeBoxed(to: Encoder, boxed: object): void {
  if (types.isSymbolObject(boxed)) to.refuse("an object of class Symbol");
  to.enter(boxed);
  to.out.byte(Tag.BOXED);
  to.write(primitiveIn(boxed));
  to.leave();
}

function primitiveIn(boxed: object): unknown {
  if (types.isNumberObject(boxed)) return Number.prototype.valueOf.call(boxed);
  if (types.isStringObject(boxed)) return String.prototype.valueOf.call(boxed);
  if (types.isBooleanObject(boxed)) return Boolean.prototype.valueOf.call(boxed);
  return BigInt.prototype.valueOf.call(boxed as unknown as bigint);
}

/** What structuredClone keeps: the class by its name, own data properties `message` and `cause`, and the stack. */
function writeError(to: Encoder, error: Error): void {
  if (runtimeClass(error) === "DOMException") return writeDomException(to, error as DOMException);
  const place = ERROR_NAMES.indexOf(error.name as typeof ERROR_NAMES[number]);
  const message = getOwnPropertyDescriptor(error, "message");
  const cause = getOwnPropertyDescriptor(error, "cause");
  const stack: unknown = hasOwn(error, "stack") ? error.stack : undefined;
  const hasMessage = message !== undefined && hasOwn(message, "value");
  const hasStack = typeof stack === "string";
  const hasCause = cause !== undefined && hasOwn(cause, "value");
  to.out.byte(Tag.ERROR);
  to.out.byte(Math.max(place, 0));
  to.out.byte(
    (hasMessage ? ErrorPart.MESSAGE : 0) | (hasStack ? ErrorPart.STACK : 0) | (hasCause ? ErrorPart.CAUSE : 0),
  );
  to.enter(error);
  if (hasMessage) to.out.text(String(message.value));
  if (hasStack) to.out.text(stack);
  if (hasCause) {
    to.step("cause");
    to.write(cause.value);
  }
  to.leave();
}

/** A native error in some runtimes only. */
export function writeDomException(to: Encoder, exception: DOMException): void {
  to.enter(exception);
  to.out.byte(Tag.DOM_EXCEPTION);
  to.out.text(exception.name);
  to.out.text(exception.message);
  to.out.text(String(exception.stack));
  to.leave();
}

function writeBuffer(to: Encoder, buffer: ArrayBufferLike): void {
  if (types.isSharedArrayBuffer(buffer)) to.refuse("a SharedArrayBuffer");
  const bytes = bytesOf(buffer);
  if (bytes === undefined) to.refuse("a detached ArrayBuffer");
  to.enter(buffer);
  to.out.byte(Tag.ARRAY_BUFFER);
  to.out.count(bytes.length);
  to.out.bytes(bytes);
  to.leave();
}

function bytesOf(buffer: ArrayBufferLike): Uint8Array | undefined {
  try {
    return new Uint8Array(buffer);
  } catch {
    return undefined; // Node 20 has no other way to see that it is detached
  }
}

function writeView(to: Encoder, view: ArrayBufferView): void {
  const name = viewName(view) ?? "DataView";
  const { buffer, offset, length } = name === "DataView" ? dataView : typed;
  const memory = buffer(view);
  const place = VIEW_NAMES.indexOf(name as typeof VIEW_NAMES[number]);
  if (place < 0) to.refuse(`an object of class ${name}`);
  to.out.byte(Tag.VIEW);
  to.out.byte(place);
  if (!to.wroteAgain(memory)) writeBuffer(to, memory);
  const [before, count] = extentOf(view, offset, length) ?? to.refuse(`a ${name} outside its resized ArrayBuffer`);
  to.enter(view);
  to.out.count(before);
  to.out.count(count);
  to.leave();
}

type Read = (view: object) => number;

function extentOf(view: object, offset: Read, length: Read): [number, number] | undefined {
  try {
    return [offset(view), length(view)];
  } catch {
    return undefined;
  }
}
