import { CorruptSegmentError } from "@lockstep/contract";
import { KEY_END, KEY_LONG, SHORT_TEXT, SHORT_TEXT_END, Tag } from "./format.ts";
import { KeyCache } from "./key_cache.ts";
import { latin1, utf16 } from "./latin1.ts";

const LONGEST_TEXT = 2 ** 29 - 24; // V8 has no longer strings
const NOTHING = new Uint8Array(0);
const eight = new Uint8Array(8);
const eightView = new DataView(eight.buffer); // a DataView of each input would cost more than all of a small value

/** Bytes to numbers and strings; never reads beyond the last byte, nor makes anything bigger than the bytes left. */
export class ByteReader {
  readonly #keys = new KeyCache();
  #bytes: Uint8Array = NOTHING;
  #at = 0;
  /** Whether every object has something of the name of the key that was read last. */
  keyIsInherited = false;

  /** Starts at the first of these bytes. */
  reset(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#at = 0;
  }

  /** Lets go of the bytes. */
  clear(): void {
    this.#bytes = NOTHING;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) this.fail("it ends too early");
    this.#at++;
    return byte;
  }

  count(): number {
    let value = 0;
    let unit = 1;
    let byte = this.byte();
    for (; byte >= 0x80; byte = this.byte()) {
      value += (byte & 0x7f) * unit;
      unit *= 0x80;
      if (unit > 2 ** 49) this.fail("a count is too large");
    }
    value += byte * unit;
    if (value > Number.MAX_SAFE_INTEGER) this.fail("a count is too large");
    return value;
  }

  /** Steps over the byte if it is this one. */
  took(byte: number): boolean {
    if (this.#bytes[this.#at] !== byte) return false;
    this.#at++;
    return true;
  }

  /** A count of things that take one byte at least. */
  length(): number {
    const length = this.count();
    if (length > this.left) this.fail(`${length} are announced where ${this.left} bytes are left`);
    return length;
  }

  integer(): number {
    const count = this.count();
    if (count > 0xffffffff) this.fail("an integer is too large");
    return (count >>> 1) ^ -(count & 1);
  }

  double(): number {
    this.#takeEight();
    return eightView.getFloat64(0, true);
  }

  bigint64(): bigint {
    this.#takeEight();
    return eightView.getBigInt64(0, true);
  }

  /** A copy of so many bytes. */
  copy(length: number): ArrayBuffer {
    const start = this.#take(length);
    const copy = new Uint8Array(length);
    copy.set(this.#bytes.subarray(start, start + length));
    return copy.buffer;
  }

  /** A string with its tag. */
  text(): string {
    return this.textOf(this.byte());
  }

  /** The string after this tag. */
  textOf(tag: number): string {
    if (tag >= SHORT_TEXT && tag < SHORT_TEXT_END) return this.#latin1(tag - SHORT_TEXT);
    if (tag !== Tag.TEXT_LATIN1 && tag !== Tag.TEXT_UTF16) this.fail(`tag ${tag} is where a string should be`);
    const length = this.length();
    const units = tag === Tag.TEXT_UTF16 ? length / 2 : length;
    if (units > LONGEST_TEXT) this.fail("a string is too long");
    if (tag === Tag.TEXT_LATIN1) return this.#latin1(length);
    if (!Number.isInteger(units)) this.fail("a string has half a character");
    return utf16(this.#bytes, this.#take(length), length);
  }

  /** A key, or undefined at the end of a list of keys and values. */
  key(): string | undefined {
    const length = this.byte();
    if (length === KEY_END) return undefined;
    const key = length === KEY_LONG ? this.text() : this.#keys.get(this.#bytes, this.#take(length), length);
    this.keyIsInherited = !this.#keys.wasKnown && key in Object.prototype;
    return key;
  }

  /** @throws {CorruptSegmentError} Always. */
  fail(why: string, options?: ErrorOptions): never {
    const where = `at byte ${this.#at} of ${this.#bytes.length}`;
    throw new CorruptSegmentError(`Cannot decode a value: ${why}, ${where}`, options);
  }

  #latin1(length: number): string {
    return latin1(this.#bytes, this.#take(length), length);
  }

  #takeEight(): void {
    const start = this.#take(8);
    for (let index = 0; index < 8; index++) eight[index] = this.#bytes[start + index] as number;
  }

  /** Place of the first of so many bytes, which are there and are now behind. */
  #take(length: number): number {
    const start = this.#at;
    if (start + length > this.#bytes.length) this.fail("it ends too early");
    this.#at = start + length;
    return start;
  }
}
