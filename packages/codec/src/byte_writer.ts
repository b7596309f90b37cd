import { Buffer } from "node:buffer";
import { KEY_LONG, SHORT_TEXT, SHORT_TEXT_END, SMALL_INTEGER, Tag } from "./format.ts";

const FIRST_BYTES = 1024;
const KEPT_BYTES = 4 * 1024 * 1024; // what one big value needed is given back at the next
const CACHED_VIEWS = 512; // a new view of the buffer for each small value would be a third of the time it takes
const SHORT_TEXT_MAX = SHORT_TEXT_END - SHORT_TEXT - 1;
const WIDE = /[\u0100-\uffff]/; // answered at once for a string that V8 keeps in one byte per character

/** A buffer that grows and is used again: numbers and strings to bytes. */
export class ByteWriter {
  #bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #views: Uint8Array[] = [];
  #at = 0;

  /** Starts again at the first byte. */
  reset(): void {
    this.#at = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#move(FIRST_BYTES);
  }

  /** A view of what was written since `reset()`, true until the next. */
  written(): Uint8Array {
    const length = this.#at;
    if (length >= CACHED_VIEWS) return new Uint8Array(this.#bytes.buffer, 0, length);
    return this.#views[length] ??= new Uint8Array(this.#bytes.buffer, 0, length);
  }

  byte(value: number): void {
    if (this.#at === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#at++] = value;
  }

  count(value: number): void {
    let rest = value;
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 0x80)) this.byte(rest % 0x80 | 0x80);
    for (; rest >= 0x80; rest >>= 7) this.byte(rest & 0x7f | 0x80);
    this.byte(rest);
  }

  /** A number with its tag. */
  number(value: number): void {
    const integer = value | 0;
    if (integer !== value || (integer === 0 && 1 / value < 0)) {
      this.byte(Tag.NUMBER);
      this.double(value);
    } else if (integer >= 0 && integer < SMALL_INTEGER) {
      this.byte(SMALL_INTEGER + integer);
    } else {
      this.byte(Tag.INTEGER);
      this.count(((integer << 1) ^ (integer >> 31)) >>> 0);
    }
  }

  double(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  bigint64(value: bigint): void {
    this.#reserve(8);
    this.#view.setBigInt64(this.#at, value, true);
    this.#at += 8;
  }

  bytes(source: Uint8Array): void {
    this.#reserve(source.length);
    this.#bytes.set(source, this.#at);
    this.#at += source.length;
  }

  /** A string with its tag. */
  text(text: string): void {
    if (text.length <= SHORT_TEXT_MAX && this.#tryShort(text, SHORT_TEXT)) return;
    const wide = WIDE.test(text);
    const length = wide ? 2 * text.length : text.length;
    this.byte(wide ? Tag.TEXT_UTF16 : Tag.TEXT_LATIN1);
    this.count(length);
    this.#reserve(length);
    this.#bytes.write(text, this.#at, wide ? "utf16le" : "latin1");
    this.#at += length;
  }

  /** A key of a list of keys and values. */
  key(key: string): void {
    if (key.length < KEY_LONG && this.#tryShort(key, 0)) return;
    this.byte(KEY_LONG);
    this.text(key);
  }

  /** A byte with tag and length, and Latin-1; nothing if the text has other characters. */
  #tryShort(text: string, tag: number): boolean {
    const length = text.length;
    this.#reserve(length + 1);
    const bytes = this.#bytes;
    let at = this.#at;
    let all = 0;
    bytes[at++] = tag + length;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      bytes[at++] = code;
      all |= code;
    }
    if (all > 0xff) return false;
    this.#at = at;
    return true;
  }

  #reserve(length: number): void {
    if (this.#at + length > this.#bytes.length) this.#grow(length);
  }

  #grow(length: number): void {
    this.#move(Math.max(2 * this.#bytes.length, this.#at + length));
  }

  #move(size: number): void {
    const bytes = Buffer.allocUnsafeSlow(size);
    bytes.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
    this.#views = [];
  }
}
