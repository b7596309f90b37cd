import type { ElementType } from "./elements.ts";
import { ARRAYS, isBig } from "./elements.ts";

/**
 * One number in shared memory. Each method is one atomic step for all threads and processes; a process that dies has
 * done it or has not.
 */
export interface Cell<V> {
  /** Its value. */
  load(): V;
  /** Replaces it. */
  store(value: V): void;
  /** Adds; the sum, which wraps around in integers. */
  add(by: V): V;
  /** Replaces it if it is `expected`: what it was. */
  compareExchange(expected: V, replacement: V): V;
}

/** A place in shared memory, aligned to 8 bytes. */
export interface Spot {
  buffer: ArrayBuffer;
  byteOffset: number;
}

/** The cell for a number of that type. */
export function cellOf(type: ElementType, spot: Spot): Cell<number | bigint> {
  if (type === "f32") return new FloatCell(spot) as Cell<number | bigint>;
  if (type === "f64") return new DoubleCell(spot) as Cell<number | bigint>;
  const index = spot.byteOffset / ARRAYS[type].BYTES_PER_ELEMENT;
  const made = isBig(type)
    ? new BigCell(new ARRAYS[type as "i64"](spot.buffer), index)
    : new IntegerCell(new ARRAYS[type as "i32"](spot.buffer), index);
  return made as Cell<number | bigint>;
}

class IntegerCell implements Cell<number> {
  readonly #words: Int32Array<ArrayBuffer>;
  readonly #index: number;
  readonly #wrapped: Int32Array;

  constructor(words: Int32Array<ArrayBuffer>, index: number) {
    this.#words = words;
    this.#index = index;
    this.#wrapped = words.slice(0, 1);
  }

  load(): number {
    return Atomics.load(this.#words, this.#index);
  }

  store(value: number): void {
    Atomics.store(this.#words, this.#index, value);
  }

  add(by: number): number {
    this.#wrapped[0] = Atomics.add(this.#words, this.#index, by) + by;
    return this.#wrapped[0];
  }

  compareExchange(expected: number, replacement: number): number {
    return Atomics.compareExchange(this.#words, this.#index, expected, replacement);
  }
}

class BigCell implements Cell<bigint> {
  readonly #words: BigInt64Array<ArrayBuffer>;
  readonly #index: number;
  readonly #wrapped: BigInt64Array;

  constructor(words: BigInt64Array<ArrayBuffer>, index: number) {
    this.#words = words;
    this.#index = index;
    this.#wrapped = words.slice(0, 1);
  }

  load(): bigint {
    return Atomics.load(this.#words, this.#index);
  }

  store(value: bigint): void {
    Atomics.store(this.#words, this.#index, value);
  }

  add(by: bigint): bigint {
    this.#wrapped[0] = Atomics.add(this.#words, this.#index, by) + by;
    return this.#wrapped[0];
  }

  compareExchange(expected: bigint, replacement: bigint): bigint {
    return Atomics.compareExchange(this.#words, this.#index, expected, replacement);
  }
}

/** Atomics know integers only: a fraction is one by its bits, and computing with it is a loop of compare-and-swap. */
abstract class FractionCell<B> implements Cell<number> {
  protected abstract bits(): B;
  protected abstract setBits(bits: B): void;
  /** The bits that were there. */
  protected abstract swapBits(expected: B, replacement: B): B;
  protected abstract toNumber(bits: B): number;
  protected abstract toBits(value: number): B;

  load(): number {
    return this.toNumber(this.bits());
  }

  store(value: number): void {
    this.setBits(this.toBits(value));
  }

  add(by: number): number {
    for (let seen = this.bits();;) {
      const sum = this.toBits(this.toNumber(seen) + by);
      const found = this.swapBits(seen, sum);
      if (found === seen) return this.toNumber(sum);
      seen = found;
    }
  }

  /** By value: there are two zeros and many bits that are no number. */
  compareExchange(expected: number, replacement: number): number {
    const rounded = this.toNumber(this.toBits(expected));
    for (let seen = this.bits();;) {
      const value = this.toNumber(seen);
      if (value !== rounded && !(Number.isNaN(value) && Number.isNaN(rounded))) return value;
      const found = this.swapBits(seen, this.toBits(replacement));
      if (found === seen) return value;
      seen = found;
    }
  }
}

class FloatCell extends FractionCell<number> {
  readonly #words: Int32Array<ArrayBuffer>;
  readonly #index: number;
  readonly #float: Float32Array<ArrayBuffer> = new Float32Array(1);
  readonly #word: Int32Array<ArrayBuffer> = new Int32Array(this.#float.buffer);

  constructor({ buffer, byteOffset }: Spot) {
    super();
    this.#words = new Int32Array(buffer);
    this.#index = byteOffset / 4;
  }

  protected override bits(): number {
    return Atomics.load(this.#words, this.#index);
  }
  protected override setBits(bits: number): void {
    Atomics.store(this.#words, this.#index, bits);
  }
  protected override swapBits(expected: number, replacement: number): number {
    return Atomics.compareExchange(this.#words, this.#index, expected, replacement);
  }
  protected override toNumber(bits: number): number {
    this.#word[0] = bits;
    return this.#float[0] as number;
  }
  protected override toBits(value: number): number {
    this.#float[0] = value;
    return this.#word[0] as number;
  }
}

class DoubleCell extends FractionCell<bigint> {
  readonly #words: BigInt64Array<ArrayBuffer>;
  readonly #index: number;
  readonly #double: Float64Array<ArrayBuffer> = new Float64Array(1);
  readonly #word: BigInt64Array<ArrayBuffer> = new BigInt64Array(this.#double.buffer);

  constructor({ buffer, byteOffset }: Spot) {
    super();
    this.#words = new BigInt64Array(buffer);
    this.#index = byteOffset / 8;
  }

  protected override bits(): bigint {
    return Atomics.load(this.#words, this.#index);
  }
  protected override setBits(bits: bigint): void {
    Atomics.store(this.#words, this.#index, bits);
  }
  protected override swapBits(expected: bigint, replacement: bigint): bigint {
    return Atomics.compareExchange(this.#words, this.#index, expected, replacement);
  }
  protected override toNumber(bits: bigint): number {
    this.#word[0] = bits;
    return this.#double[0] as number;
  }
  protected override toBits(value: number): bigint {
    this.#double[0] = value;
    return this.#word[0] as bigint;
  }
}
