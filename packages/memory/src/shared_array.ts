import { checkInteger, type PlaceOptions, show } from "@lockstep/contract";
import { ELEMENT_TYPES, KIND, LAYOUT } from "@lockstep/native";
import { attachState, closedState, Opened, SharedObject } from "@lockstep/segment";
import type { RLock } from "@lockstep/sync";

import { ARRAYS, checkElement, checkType, type Element, type ElementArrays, type ElementType } from "./elements.ts";
import { MemoryState, openBytes } from "./memory_state.ts";
import { lockOf } from "./own_lock.ts";

const WHERE = "open SharedArray";

/**
 * Numbers of one type that threads and unrelated processes share without copying, as Python's `multiprocessing.Array`.
 *
 * Single elements are never torn, whoever dies in a write. What several do at once to more than one element, or read
 * and write back, is for them to order: with `lock`, or with `Atomics` on the `view` of an array of integers. Unlike
 * Python's, no access takes the lock by itself.
 *
 * @example
 * ```ts
 * import { SharedArray } from "@lockstep/memory";
 *
 * const samples = new SharedArray("f64", 1_000_000, { name: "samples" });
 * samples.view[0] = 0.5;
 * samples.view.sort();
 * ```
 */
export class SharedArray<T extends ElementType = ElementType> extends SharedObject {
  #state: ArrayState<T>;
  #lock: RLock | undefined;

  /**
   * Opens the array of that name, or makes it.
   * @param lengthOrValues How many elements, all 0; or the elements of a new one, which nobody sees without them. One
   * that exists must have the length, and keeps its elements.
   * @throws {TypeError | RangeError} If the type, the length, a value or an option is not allowed.
   * @throws {MismatchError} If the name belongs to another kind of object, or to an array of another type or length.
   * @throws {SegmentFullError} If there is no room for it.
   */
  constructor(type: T, lengthOrValues: number | Iterable<Element<T>>, options: PlaceOptions = {}) {
    const state = options instanceof Opened ? options.state as ArrayState<T> : open(type, lengthOrValues, options);
    super(state);
    this.#state = state;
  }

  /** The array of that handle. @throws {InvalidStateError} If it is not there any more. */
  static from<T extends ElementType = ElementType>(handle: string): SharedArray<T> {
    const state = attachState<ArrayState<T>>(ArrayState, KIND.array, handle);
    return new SharedArray<T>(state.type, 0, new Opened(state));
  }

  /** What its elements are. @throws {InvalidStateError} After the object was disposed. */
  get type(): T {
    return this.#open("read SharedArray.type").type;
  }

  /** How many it has. @throws {InvalidStateError} After the object was disposed. */
  get length(): number {
    return this.#open("read SharedArray.length").info.extent;
  }

  /**
   * The shared elements themselves, as a typed array. It goes on working after the array was disposed or destroyed, by
   * whomever.
   * @throws {InvalidStateError} After the object was disposed.
   * @throws {UnsupportedPlatformError} If the runtime shows no memory that is not its own.
   */
  get view(): ElementArrays[T] {
    return this.#open("read SharedArray.view").view;
  }

  /**
   * The lock that was made with the array, for those who change it together; disposed with this object.
   * @throws {InvalidStateError} After the object was disposed.
   */
  get lock(): RLock {
    return this.#lock ??= lockOf(this.#state);
  }

  /** The element, counted from the end if the index is negative; undefined if there is none. */
  at(index: number): Element<T> | undefined {
    return this.view.at(index) as Element<T> | undefined;
  }

  /**
   * Stores one element; a negative index counts from the end.
   * @throws {TypeError | RangeError} If there is no such element, or it cannot have the value.
   */
  set(index: number, value: Element<T>): void {
    const { type, view } = this.#open("set in SharedArray");
    const where = `set in ${this.#state.label}`;
    checkInteger(index, { name: "index", min: -view.length, max: view.length - 1 }, where);
    view[index < 0 ? index + view.length : index] = checkElement(type, value, where);
  }

  /** The elements in their order. */
  [Symbol.iterator](): IterableIterator<Element<T>> {
    return this.view[Symbol.iterator]() as IterableIterator<Element<T>>;
  }

  /** As of every shared object; views of the array go on working. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#state = closedState(this.#state);
    this.#lock?.[Symbol.dispose]();
    this.#lock = undefined;
  }

  #open(where: string): ArrayState<T> {
    this.#state.checkOpen(where);
    return this.#state;
  }
}

class ArrayState<T extends ElementType> extends MemoryState {
  #view: ElementArrays[T] | undefined;

  get type(): T {
    return ELEMENT_TYPES[this.info.parameter] as T;
  }

  override get byteLength(): number {
    return this.info.extent * ARRAYS[this.type].BYTES_PER_ELEMENT;
  }

  get view(): ElementArrays[T] {
    if (this.info.extent === 0) return this.#view ??= new ARRAYS[this.type](0) as ElementArrays[T];
    const buffer = this.buffer;
    if (this.#view?.buffer !== buffer) this.#view = new ARRAYS[this.type](buffer) as ElementArrays[T];
    return this.#view as ElementArrays[T];
  }

  override close(): void {
    super.close();
    this.#view = undefined;
  }

  override describe(): string {
    return `${this.info.extent} ${this.type}`;
  }
}

function open<T extends ElementType>(
  type: T,
  lengthOrValues: number | Iterable<Element<T>>,
  options: PlaceOptions,
): ArrayState<T> {
  const parameter = checkType(type, WHERE);
  const size = ARRAYS[type].BYTES_PER_ELEMENT;
  const most = Math.floor(LAYOUT.maxCapacity / size);
  const values = typeof lengthOrValues === "number" ? undefined : arrayOf(type, lengthOrValues);
  const extent = values?.length ?? checkInteger(lengthOrValues, { name: "length", min: 0, max: most }, WHERE);
  const contents = values && new Uint8Array(values.buffer);
  return openBytes<ArrayState<T>>(
    ArrayState,
    { kind: KIND.array, parameter, extent, contents, where: WHERE },
    options,
    extent * size,
  );
}

function arrayOf<T extends ElementType>(type: T, values: Iterable<Element<T>>): ElementArrays[T] {
  if (typeof (values as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] !== "function") {
    throw new TypeError(`Cannot ${WHERE}: it is made with a length or with values to go through, got ${show(values)}`);
  }
  const list = [...values];
  const array = new ARRAYS[type](list.length) as ElementArrays[T];
  list.forEach((value, index) => array[index] = checkElement(type, value, WHERE));
  return array;
}
