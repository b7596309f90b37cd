import { latin1 } from "./latin1.ts";

const PLACES = 1024; // a power of two
const LONGEST = 40; // bytes; longer keys are rare

/**
 * Keys that were read before: a key as V8 wants it, found by its bytes. A string made anew would have to be looked up
 * among all of the runtime's keys each time it is used. Names that every object inherits never become known.
 */
export class KeyCache {
  readonly #keys: string[] = new Array(PLACES).fill("");
  /** Whether the key that was asked for last had been read before. */
  wasKnown = false;

  /** The key of these bytes. */
  get(bytes: Uint8Array, start: number, length: number): string {
    const place = placeOf(bytes, start, length);
    const known = this.#keys[place] as string;
    this.wasKnown = isText(known, bytes, start, length);
    return this.wasKnown ? known : this.#meet(place, latin1(bytes, start, length));
  }

  #meet(place: number, text: string): string {
    if (text.length > LONGEST || text in Object.prototype) return text;
    const key = Object.keys({ [text]: 0 })[0] as string; // the runtime's own string of these characters
    this.#keys[place] = key;
    return key;
  }
}

function placeOf(bytes: Uint8Array, start: number, length: number): number {
  if (length === 0) return 0;
  const first = bytes[start] as number;
  const middle = bytes[start + (length >> 1)] as number;
  const last = bytes[start + length - 1] as number;
  return (length ^ (first << 5) ^ (middle << 2) ^ (last << 3)) & (PLACES - 1);
}

function isText(text: string, bytes: Uint8Array, start: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index++) {
    if (text.charCodeAt(index) !== bytes[start + index]) return false;
  }
  return true;
}
