import { Codec } from "@lockstep/codec";
import { CorruptSegmentError } from "@lockstep/contract";
import { BYTES, ENCODED, nativeBinding } from "@lockstep/native";
import { SharedObject } from "@lockstep/segment";

import { attach } from "./attach.ts";
import { faces } from "./classes.ts";

const SCRATCH_BYTES = 64 * 1024;
const HEAD_BYTES = 16;

/** A value as native code takes it: a primitive as it is, or bytes of a kind. */
export interface Payload {
  readonly value: unknown;
  readonly kind: number;
}

const codec = new Codec({
  handleOf: (value) => (faces.get(value) ?? (value instanceof SharedObject ? value : undefined))?.handle,
  attach,
});

/** What the bytes of the last `payloadOf` are. */
export let payloadKind = 0;

/**
 * What native code takes for the value; `payloadKind` then says what its bytes are. Bytes are true until the next call.
 * @throws {DOMException} Of name `DataCloneError`, if something in the value cannot be copied.
 */
export function payloadOf(value: unknown): unknown {
  switch (typeof value) {
    case "number":
    case "string":
    case "boolean":
    case "undefined":
      return value;
    default:
      return value === null ? null : bytesOf(value);
  }
}

function bytesOf(value: unknown): Uint8Array {
  if (isPlainBytes(value)) {
    payloadKind = BYTES;
    return value;
  }
  const bytes = codec.encode(value);
  payloadKind = ENCODED;
  return bytes;
}

/** Not a Buffer, which structuredClone would make a Uint8Array of as well, but only through its own prototype. */
function isPlainBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && !(value.buffer instanceof SharedArrayBuffer);
}

/** The same for a value that has to stay true while another one is encoded. */
export function keptPayloadOf(value: unknown): Payload {
  const payload = payloadOf(value);
  const kept = payload instanceof Uint8Array && payload !== value ? payload.slice() : payload;
  return { value: kept, kind: payloadKind };
}

/** How many bytes a payload has in a segment, about. */
export function sizeOf(payload: unknown): number {
  if (typeof payload === "string") return payload.length;
  return payload instanceof Uint8Array ? payload.length : 8;
}

let scratch: Uint8Array | undefined;
let head: Uint32Array | undefined;

/** Before the first call that gives a value. */
export function prepareScratch(): void {
  if (scratch !== undefined) return;
  const made = new Uint8Array(SCRATCH_BYTES);
  nativeBinding().keepScratch(made);
  scratch = made;
  head = new Uint32Array(made.buffer, 0, 2);
}

/** The value of what native code has given. */
export function valueOf(result: unknown): unknown {
  return typeof result === "object" && result !== null ? unpack(result) : result;
}

/** The same for one that has to be bytes; undefined when it is something else. */
export function plainBytesOf(result: unknown): Uint8Array | undefined {
  const isBytes = typeof result === "object" && result !== null && head?.[1] === BYTES;
  return isBytes ? unpack(result) as Uint8Array : undefined;
}

/** The value of bytes that the codec has made. */
export function decodedOf(bytes: ArrayBuffer): unknown {
  return codec.decode(new Uint8Array(bytes));
}

function unpack(result: object): unknown {
  const [length = 0, kind] = head!;
  const bytes = result === scratch
    ? scratch.subarray(HEAD_BYTES, HEAD_BYTES + length)
    : new Uint8Array(result as ArrayBuffer);
  if (kind === ENCODED) return codec.decode(bytes);
  if (kind === BYTES) return result === scratch ? bytes.slice() : bytes;
  throw new CorruptSegmentError(`Cannot read value: its bytes are of kind ${kind}`);
}
