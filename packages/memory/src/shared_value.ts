import { checkInteger, type PlaceOptions } from "@lockstep/contract";
import { ELEMENT_TYPES, KIND } from "@lockstep/native";
import { attachState, closedState, type Found, Opened, POISON, SharedObject } from "@lockstep/segment";
import type { RLock } from "@lockstep/sync";

import { type Cell, cellOf } from "./cell.ts";
import { ARRAYS, checkElement, checkType, type Element, type ElementType, isBig, isFloat } from "./elements.ts";
import { BytesState, openBytes } from "./memory_state.ts";
import { lockOf } from "./own_lock.ts";

const WHERE = "open SharedValue";
const ADD = "add to SharedValue";
const MOST_ADDED = 2 ** 32;

/**
 * One number that threads and unrelated processes share, as Python's `multiprocessing.Value`.
 *
 * Every operation is one atomic step for all, takes no lock, and is seen whole whoever dies meanwhile. What takes more
 * than one is for its users to order: `value.value += 1` loses changes of others, `value.add(1)` does not.
 *
 * @example
 * ```ts
 * import { SharedValue } from "@lockstep/memory";
 *
 * const visits = new SharedValue("i32", 0, { name: "visits" });
 * console.log(visits.add(1));
 * ```
 */
export class SharedValue<T extends ElementType = ElementType> extends SharedObject {
  #state: ValueState<T>;
  #lock: RLock | undefined;

  /**
   * Opens the value of that name, or makes it.
   * @param initial What a new one is, 0 when absent. One that exists stays as it is.
   * @throws {TypeError | RangeError} If the type, the initial value or an option is not allowed.
   * @throws {MismatchError} If the name belongs to another kind of object, or to a value of another type.
   * @throws {SegmentFullError} If there is no room for it.
   * @throws {UnsupportedPlatformError} If the runtime shows no memory that is not its own.
   */
  constructor(type: T, initial?: Element<T>, options: PlaceOptions = {}) {
    const state = options instanceof Opened ? options.state as ValueState<T> : open(type, initial, options);
    super(state);
    this.#state = state;
  }

  /** The value of that handle. @throws {InvalidStateError} If it is not there any more. */
  static from<T extends ElementType = ElementType>(handle: string): SharedValue<T> {
    const state = attachState<ValueState<T>>(ValueState, KIND.value, handle);
    return new SharedValue<T>(state.type, undefined, new Opened(state));
  }

  /** What it is. @throws {InvalidStateError} After the object was disposed. */
  get type(): T {
    this.#state.checkOpen("read SharedValue.type");
    return this.#state.type;
  }

  /**
   * The number as it is at this moment.
   * @throws {TypeError | RangeError} When it is set to what its type does not hold.
   * @throws {InvalidStateError} After the object was disposed.
   */
  get value(): Element<T> {
    return this.#state.cell.load();
  }

  set value(value: Element<T>) {
    const { cell, type } = this.#state;
    cell.store(checkElement(type, value, "set SharedValue"));
  }

  /**
   * Adds to the number, in one step. Integers wrap around at the ends of their range, as those of the hardware do.
   * @param by For integers one as well, from -4294967296 to 4294967296, or a bigint.
   * @returns The sum.
   * @throws {TypeError | RangeError} If it is something else.
   */
  add(by: Element<T>): Element<T> {
    const { cell, type } = this.#state;
    if (typeof by !== "bigint" && !isFloat(type) && !isBig(type)) {
      checkInteger(by, { name: "by", min: -MOST_ADDED, max: MOST_ADDED }, ADD);
    } else if (typeof by !== "bigint" || !isBig(type)) checkElement(type, by, ADD);
    return cell.add(by);
  }

  /**
   * Replaces the number if it is `expected`, in one step. Numbers are the same where `===` says so; `NaN` is itself.
   * @returns What it was: it was replaced if that is `expected`.
   * @throws {TypeError | RangeError} If one of the two is what the type does not hold.
   */
  compareExchange(expected: Element<T>, replacement: Element<T>): Element<T> {
    const { cell, type } = this.#state;
    checkElement(type, expected, "compare with SharedValue");
    return cell.compareExchange(expected, checkElement(type, replacement, "set SharedValue"));
  }

  /**
   * The lock that was made with the value, for what takes more than one step; disposed with this object.
   * @throws {InvalidStateError} After the object was disposed.
   */
  get lock(): RLock {
    return this.#lock ??= lockOf(this.#state);
  }

  /** As of every shared object. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#state = closedState(this.#state);
    this.#lock?.[Symbol.dispose]();
    this.#lock = undefined;
  }
}

class ValueState<T extends ElementType> extends BytesState {
  /** The number itself; fails when there is none. */
  cell: Cell<Element<T>>;

  constructor(found: Found) {
    super(found);
    const hasWords = this.words !== POISON;
    const spot = { buffer: this.words.buffer as ArrayBuffer, byteOffset: this.at * 4 };
    this.cell = hasWords ? cellOf(this.type, spot) as Cell<Element<T>> : new NoCell(this);
  }

  get type(): T {
    return ELEMENT_TYPES[this.info.parameter] as T;
  }

  override close(): void {
    super.close();
    this.cell = new NoCell(this);
  }

  override describe(): string {
    return this.words === POISON ? this.type : `${this.type} ${this.cell.load()}`;
  }
}

/** What stands for the number when the object is disposed, or the runtime shows no shared memory. */
class NoCell implements Cell<never> {
  readonly #state: BytesState;

  constructor(state: BytesState) {
    this.#state = state;
  }

  load(): never {
    return this.#fail();
  }
  store(): never {
    return this.#fail();
  }
  add(): never {
    return this.#fail();
  }
  compareExchange(): never {
    return this.#fail();
  }

  #fail(): never {
    this.#state.checkOpen("use SharedValue");
    throw this.#state.refused();
  }
}

function open<T extends ElementType>(type: T, initial: Element<T> | undefined, options: PlaceOptions): ValueState<T> {
  const parameter = checkType(type, WHERE);
  const first = new ARRAYS[type](1);
  if (initial !== undefined) first[0] = checkElement(type, initial, WHERE);
  const recipe = { kind: KIND.value, parameter, extent: 0, contents: new Uint8Array(first.buffer), where: WHERE };
  return openBytes<ValueState<T>>(ValueState, recipe, options, first.byteLength);
}
