import { Codec, type SharedReferences } from "@lockstep/codec";
import { CorruptSegmentError } from "@lockstep/contract";
import { BYTES, ENCODED, nativeBinding, OBJECTS } from "@lockstep/native";
import { type HandleParts, parseHandle, type SegmentState, SharedObject } from "@lockstep/segment";

import { attach } from "./attach.ts";
import { faces } from "./classes.ts";

const SCRATCH_BYTES = 4 * 1024 * 1024; // the system gives as much as is used
const HEAD_BYTES = 16;
const STAMP_BYTES = 8;
const NO_BYTES = new Uint8Array(0);

/** A value as native code takes it: a primitive as it is, or bytes of a kind. */
export interface Payload {
  readonly value: unknown;
  readonly kind: number;
}

/** The shared objects in values. */
export const references: SharedReferences = {
  handleOf: (value) => (faces.get(value) ?? (value instanceof SharedObject ? value : undefined))?.handle,
  attach,
};
const codec = new Codec(references);

/** What the bytes of the last `payloadOf` are. */
export let payloadKind = 0;

/**
 * What native code takes for the value in a container of that segment; `payloadKind` then says what its bytes are,
 * which are true until the next call.
 * @throws {DOMException} Of name `DataCloneError`, if something in the value cannot be copied.
 */
export function payloadOf(value: unknown, segment: SegmentState | undefined): unknown {
  switch (typeof value) {
    case "number":
    case "string":
    case "boolean":
    case "undefined":
      return value;
    default:
      return value === null ? null : bytesOf(value, segment);
  }
}

function bytesOf(value: unknown, segment: SegmentState | undefined): Uint8Array {
  if (isPlainBytes(value)) {
    payloadKind = BYTES;
    return value;
  }
  return encodedOf(value, segment);
}

/**
 * As `payloadOf`, of any value, with a number behind its bytes that can be read where the value cannot be made.
 * @throws {DOMException} Of name `DataCloneError`, if something in the value cannot be copied.
 */
export function stampedPayloadOf(value: unknown, stamp: number, segment: SegmentState | undefined): Uint8Array {
  return encodedOf(value, segment, stamp);
}

function encodedOf(value: unknown, segment: SegmentState | undefined, stamp?: number): Uint8Array {
  const bytes = codec.encode(value, stamp);
  payloadKind = ENCODED;
  if (codec.handles.length === 0) return bytes;
  const kept = codec.handles.map((handle) => parseHandle(handle, "store")).filter((part) =>
    part.segment === segment?.name
  );
  if (kept.length === 0) return bytes;
  payloadKind = OBJECTS;
  return withTable(kept, bytes);
}

/** The bytes behind a table of the objects of the same segment, which are kept by whatever keeps the bytes. */
function withTable(objects: readonly HandleParts[], bytes: Uint8Array): Uint8Array {
  const table = Uint32Array.from([objects.length, 0, ...objects.flatMap(({ offset, serial }) => [offset, serial])]);
  const result = new Uint8Array(table.byteLength + bytes.length);
  result.set(new Uint8Array(table.buffer));
  result.set(bytes, table.byteLength);
  return result;
}

/** What `withTable()` was given. */
function withoutTable(bytes: Uint8Array): Uint8Array {
  const objects = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0, true);
  return bytes.subarray(8 * (1 + objects));
}

/** A Buffer as well, of which structuredClone makes a Uint8Array too. */
function isPlainBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && !(value.buffer instanceof SharedArrayBuffer);
}

/** The same for a value that has to stay true while another one is encoded. */
export function keptPayloadOf(value: unknown, segment: SegmentState | undefined): Payload {
  const payload = payloadOf(value, segment);
  const kept = payload instanceof Uint8Array && payload !== value ? payload.slice() : payload;
  return { value: kept, kind: payloadKind };
}

/** How many bytes a payload has in a segment, about. */
export function sizeOf(payload: unknown): number {
  if (typeof payload === "string") return payload.length;
  return payload instanceof Uint8Array ? payload.length : 8;
}

let scratch: Uint8Array | undefined;
let head: Uint32Array | undefined; // length and kind of the value, then the item of a queue and how many there were

/** Before the first call that gives a value. */
export function prepareScratch(): void {
  if (scratch !== undefined) return;
  const made = new Uint8Array(SCRATCH_BYTES);
  nativeBinding().keepScratch(made);
  scratch = made;
  head = new Uint32Array(made.buffer, 0, 4);
}

/** What native code knows the item by that it has just given. */
export function lastItem(): number {
  return head![2] as number;
}

/** How many items of the same call there were, this one included; 0 when the call gave none, but a status. */
export function itemsLeft(): number {
  return head![3] as number;
}

/** The value of what native code has given. */
export function valueOf(result: unknown): unknown {
  return typeof result === "object" && result !== null ? unpack(result) : result;
}

/** The same for one that has to be bytes; undefined when it is something else. */
export function plainBytesOf(result: unknown): Uint8Array | undefined {
  if (typeof result !== "object" || result === null) return undefined;
  if (head?.[1] === BYTES) return unpack(result) as Uint8Array;
  nativeBinding().letGo();
  return undefined;
}

/** The value of an element among others, as native code gives them; its objects stay attached until letGo(). */
export function elementOf(element: object): unknown {
  if (element instanceof ArrayBuffer) return codec.decode(new Uint8Array(element));
  return element instanceof DataView ? codec.decode(withoutTable(new Uint8Array(element.buffer))) : element;
}

/** What native code has given of a stamped payload, to be made before the next native call that gives a value. */
export class Stamped {
  /** Its stamp. */
  readonly stamp: number;
  readonly #isInScratch: boolean;
  readonly #kind: number;
  #encoded: Uint8Array;

  /** @throws {CorruptSegmentError} If it is none. */
  constructor(result: unknown) {
    const isObject = typeof result === "object" && result !== null;
    const kind = isObject ? head?.[1] : undefined;
    const bytes = isObject ? bytesIn(result) : NO_BYTES;
    const length = bytes.length - STAMP_BYTES;
    if ((kind !== ENCODED && kind !== OBJECTS) || length < 0) {
      nativeBinding().letGo();
      throw new CorruptSegmentError(`Cannot read message: it has ${bytes.length} bytes of kind ${kind}`);
    }
    this.stamp = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(length, true);
    this.#isInScratch = result === scratch;
    this.#kind = kind;
    this.#encoded = bytes.subarray(0, length);
  }

  /** From now on it can be made at any time, as long as somebody else keeps the objects that it names. */
  keep(): void {
    if (this.#isInScratch) this.#encoded = this.#encoded.slice();
    this.drop();
  }

  /** It is not made, or somebody else keeps the objects that it names. */
  drop(): void {
    if (this.#kind === OBJECTS) nativeBinding().letGo();
  }

  /** The value. */
  make(): unknown {
    return this.#kind === OBJECTS ? decodeObjects(this.#encoded) : codec.decode(this.#encoded);
  }
}

function bytesIn(result: object): Uint8Array {
  const [length = 0] = head!;
  return result === scratch ? scratch.subarray(HEAD_BYTES, HEAD_BYTES + length) : new Uint8Array(result as ArrayBuffer);
}

function unpack(result: object): unknown {
  const kind = head![1];
  const bytes = bytesIn(result);
  if (kind === ENCODED) return codec.decode(bytes);
  if (kind === OBJECTS) return decodeObjects(bytes);
  if (kind === BYTES) return result === scratch ? bytes.slice() : bytes;
  throw new CorruptSegmentError(`Cannot read value: its bytes are of kind ${kind}`);
}

/** Native code has attached what the value names, so that it is there while it is decoded. */
function decodeObjects(bytes: Uint8Array): unknown {
  try {
    return codec.decode(withoutTable(bytes));
  } finally {
    nativeBinding().letGo();
  }
}
