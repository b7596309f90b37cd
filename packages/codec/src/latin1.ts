import { Buffer } from "node:buffer";

const { fromCharCode } = String;
const NATIVE_FROM = 24; // bytes; from there on a native call costs less than a loop

/** The string of the Latin-1 characters in these bytes. */
export function latin1(bytes: Uint8Array, start: number, length: number): string {
  if (length >= NATIVE_FROM) return nativeText(bytes, start, length, "latin1");
  const end = start + length;
  let text = "";
  for (let at = start; at < end; at += 4) text += upToFour(bytes, at, end - at);
  return text;
}

function upToFour(bytes: Uint8Array, at: number, length: number): string {
  const first = bytes[at] as number;
  if (length === 1) return fromCharCode(first);
  const second = bytes[at + 1] as number;
  if (length === 2) return fromCharCode(first, second);
  const third = bytes[at + 2] as number;
  if (length === 3) return fromCharCode(first, second, third);
  return fromCharCode(first, second, third, bytes[at + 3] as number);
}

/** The string of the UTF-16 units in these bytes; lone surrogates stay. */
export function utf16(bytes: Uint8Array, start: number, length: number): string {
  return nativeText(bytes, start, length, "utf16le");
}

function nativeText(bytes: Uint8Array, start: number, length: number, encoding: "latin1" | "utf16le"): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, length).toString(encoding);
}
