import { types } from "node:util";
import { show } from "@lockstep/contract";
import { Decoder } from "./decoder.ts";
import { Encoder } from "./encoder.ts";
import type { SharedReferences } from "./references.ts";

/**
 * Values to bytes and back. It takes what `structuredClone` takes and makes of it what `structuredClone` makes, in any
 * process of any runtime: cycles, shared references, holes, views of one buffer. Nothing here blocks or waits.
 *
 * Other than with `structuredClone`, objects that live in shared memory can be in a value: they are stored as their
 * handles. What two processes cannot both have is refused: a `SharedArrayBuffer`, or what the runtime itself
 * implements, such as a `Blob`. A resizable `ArrayBuffer` comes back with a fixed length.
 *
 * @example
 * ```ts
 * import { Codec } from "@lockstep/codec";
 *
 * const codec = new Codec();
 * const bytes = codec.encode({ id: 17, seen: new Set([1, 2]) }).slice();
 * codec.decode(bytes); // { id: 17, seen: Set { 1, 2 } }
 * ```
 */
export class Codec {
  readonly #references: SharedReferences | undefined;
  readonly #encoder: Encoder;
  readonly #decoder: Decoder;
  #encoding = false;
  #decoding = false;
  #handles: readonly string[] = [];

  /** Makes a codec; without references, values can have no shared objects in them. */
  constructor(references?: SharedReferences) {
    this.#references = references;
    this.#encoder = new Encoder(references);
    this.#decoder = new Decoder(references);
  }

  /**
   * The bytes of the value. They are a view of memory that the codec uses again: true until the next call of `encode`,
   * so whoever keeps them copies them. Runs the getters of the value, which may use this codec.
   *
   * A `stamp` is put behind the value's bytes, as the last eight, a little-endian float64: for whoever has to know what
   * a value belongs to even when it cannot be decoded. They are to be taken off before `decode`.
   *
   * @throws {DOMException} Of name `DataCloneError`, if something in the value cannot be copied, such as a function, a
   * symbol, a `WeakMap` or a `Proxy`; the message says what, and where it is.
   * @throws {RangeError} If the value is more than 1000 levels deep.
   * @throws What a getter or `handleOf` of the references throws, unchanged.
   */
  encode(value: unknown, stamp?: number): Uint8Array {
    const nested = this.#encoding;
    const encoder = nested ? new Encoder(this.#references) : this.#encoder;
    this.#encoding = true;
    try {
      const bytes = encoder.encode(value, stamp);
      this.#handles = encoder.handles;
      return bytes;
    } finally {
      this.#encoding = nested;
    }
  }

  /** The handles of the shared objects in the value that was encoded last, each once. */
  get handles(): readonly string[] {
    return this.#handles;
  }

  /**
   * The value of these bytes. All of it is new: later changes of the bytes do not reach it.
   *
   * @throws {CorruptSegmentError} If the bytes are of another version of the format, or no `encode` makes such. This
   * includes a regular expression with syntax that only newer runtimes have. Any bytes at all may be given: they run
   * no code, and take memory and time in proportion to their number.
   * @throws {UnsupportedPlatformError} If there is a `Float16Array` in the value and this runtime has none.
   * @throws {TypeError} If it is given something else than a `Uint8Array`.
   * @throws What `attach` of the references throws, unchanged.
   */
  decode(bytes: Uint8Array): unknown {
    if (!types.isUint8Array(bytes)) {
      throw new TypeError(`Cannot decode: bytes must be a Uint8Array, got ${show(bytes)}`);
    }
    const nested = this.#decoding;
    const decoder = nested ? new Decoder(this.#references) : this.#decoder;
    this.#decoding = true;
    try {
      return decoder.decode(bytes);
    } finally {
      this.#decoding = nested;
    }
  }
}
