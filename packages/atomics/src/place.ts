import { checkOptions, MismatchError, show } from "@lockstep/contract";

/** Where an object lives: at an offset in a buffer of the user's, else in a small buffer of its own. */
export interface PlaceOptions {
  /** Zeroed memory, or memory where another thread has made the same object: then that one is opened. */
  buffer?: SharedArrayBuffer | undefined;
  /**
   * Bytes from the start of the buffer, a multiple of 4; 0 when absent. The class's `byteLength` says how many follow.
   */
  byteOffset?: number | undefined;
  /** Objects without an addon have no names; hand over `handle` instead. */
  name?: undefined;
  /** Objects without an addon live in no segment. */
  segment?: undefined;
}

/** What `postMessage` and `workerData` carry to another thread, for the class's `from()`. */
export interface Handle {
  /** Name of the class. */
  readonly kind: string;
  /** The memory that the object is in. */
  readonly buffer: SharedArrayBuffer;
  /** Where the object starts in the buffer. */
  readonly byteOffset: number;
}

/** A kind of object, as its memory shows it. */
export interface Kind {
  readonly name: string;
  /** 32-bit words that the object takes, with the two of the header. */
  readonly size: number;
}

// Every object starts with a header. KIND goes from 0 over BUILDING to the kind's stamp, once, by the first who asks.
const KIND = 0;
const PARAMETER = 1;
const BUILDING = -1;
const STAMP = 0x4c6b0000;

const KINDS = ["Lock", "RLock", "RWLock", "Semaphore", "BoundedSemaphore", "Condition", "Event", "Barrier"];

/** The memory of an object that exists. */
export class Place {
  readonly kind: string;
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
  /** The object's words, the header first. */
  readonly words: Int32Array<SharedArrayBuffer>;

  constructor(kind: Kind, buffer: SharedArrayBuffer, byteOffset: number) {
    this.kind = kind.name;
    this.buffer = buffer;
    this.byteOffset = byteOffset;
    this.words = new Int32Array(buffer, byteOffset, kind.size);
  }

  /** Value, limit or parties that the object was made with. */
  get parameter(): number {
    return this.words[PARAMETER]!;
  }

  get handle(): Handle {
    return { kind: this.kind, buffer: this.buffer, byteOffset: this.byteOffset };
  }
}

/**
 * The object at that place: opened, or made there if the memory is zero; `first` then gives its words their first
 * values.
 * @throws {MismatchError} If the place has another kind of object, or one with another parameter.
 */
export function openPlace(
  kind: Kind,
  options: PlaceOptions,
  parameter = 0,
  first: (words: Int32Array) => void = () => {},
): Place {
  const where = `create ${kind.name}`;
  const { buffer, byteOffset } = checkPlace(kind, options, where);
  const place = new Place(kind, buffer, byteOffset);
  const { words } = place;
  if (Atomics.compareExchange(words, KIND, 0, BUILDING) === 0) {
    words[PARAMETER] = parameter;
    first(words);
    Atomics.store(words, KIND, stampOf(kind));
    Atomics.notify(words, KIND);
    return place;
  }
  checkStamp(kind, words, where);
  if (place.parameter === parameter) return place;
  throw new MismatchError(
    `Cannot ${where}: the one at byteOffset ${byteOffset} was made with ${place.parameter}, not ${parameter}`,
  );
}

/**
 * The object that the handle names; its place is options for the constructor of its class.
 * @throws {TypeError} If it is no handle.
 * @throws {MismatchError} If it is one of another class, or no such object is there.
 */
export function attachPlace(kind: Kind, handle: unknown): Place {
  const where = `attach ${kind.name}`;
  checkOptions(handle, where);
  const named = handle as Partial<Handle>;
  if (typeof named.kind !== "string" || named.buffer === undefined) {
    throw new TypeError(`Cannot ${where}: it needs the handle of a ${kind.name}, got ${show(handle)}`);
  }
  if (named.kind !== kind.name) {
    throw new MismatchError(`Cannot ${where}: the handle must be one of a ${kind.name}, got ${show(named.kind)}`);
  }
  const { buffer, byteOffset } = checkPlace(kind, { buffer: named.buffer, byteOffset: named.byteOffset }, where);
  const place = new Place(kind, buffer, byteOffset);
  checkStamp(kind, place.words, where);
  return place;
}

function checkPlace(
  kind: Kind,
  options: PlaceOptions,
  where: string,
): { buffer: SharedArrayBuffer; byteOffset: number } {
  checkOptions(options, where);
  const bytes = kind.size * Int32Array.BYTES_PER_ELEMENT;
  const { buffer = new SharedArrayBuffer(bytes), byteOffset = 0, name, segment } = options;
  if (name !== undefined || segment !== undefined) {
    throw new TypeError(`Cannot ${where}: objects of @lockstep/atomics have no name and no segment, only a handle`);
  }
  if (!(buffer instanceof SharedArrayBuffer)) {
    throw new TypeError(`Cannot ${where}: buffer must be a SharedArrayBuffer, got ${show(buffer)}`);
  }
  if (typeof byteOffset !== "number") {
    throw new TypeError(`Cannot ${where}: byteOffset must be a number, got ${show(byteOffset)}`);
  }
  if (byteOffset >= 0 && byteOffset + bytes <= buffer.byteLength && byteOffset % Int32Array.BYTES_PER_ELEMENT === 0) {
    return { buffer, byteOffset };
  }
  throw new RangeError(
    `Cannot ${where}: byteOffset must be a multiple of 4 with ${bytes} bytes after it, ` +
      `got ${byteOffset} in ${buffer.byteLength} bytes`,
  );
}

function checkStamp(kind: Kind, words: Int32Array, where: string): void {
  while (Atomics.load(words, KIND) === BUILDING) Atomics.wait(words, KIND, BUILDING);
  const seen = Atomics.load(words, KIND);
  if (seen === stampOf(kind)) return;
  const found = KINDS[seen - STAMP] ?? "something else";
  throw new MismatchError(`Cannot ${where}: found ${found} at byteOffset ${words.byteOffset}`);
}

function stampOf(kind: Kind): number {
  return STAMP + KINDS.indexOf(kind.name);
}
