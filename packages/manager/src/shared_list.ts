import { type PlaceOptions, show } from "@lockstep/contract";
import { KIND } from "@lockstep/native";
import { attachState, closedState, Opened, openState, SharedObject } from "@lockstep/segment";

import { classes } from "./classes.ts";
import { ListState } from "./list_state.ts";
import { prepareScratch } from "./values.ts";

/**
 * An `Array` that threads and unrelated processes share, as Python's `Manager().list()`, without a server.
 *
 * Values are whatever `structuredClone` takes, and shared objects, which arrive as the same shared object. An element
 * that was read is a copy: changes of it reach nobody until it is set again. Every method, of however many elements,
 * happens whole or not at all for all others, whoever dies in it, and all see them in the same order. Positions are as
 * with `Array`: a negative one counts from the end, as it is at that instant.
 *
 * At both ends an element comes and goes as fast in a long list as in a short one; anywhere else, and to be read at a
 * position, it takes a time that grows with the logarithm of the length. Searching looks at one after the other.
 *
 * A list with a name lives as long as its segment or until `destroy()`, one without as long as somebody has it, or a
 * value in a container names it. So does every shared object: an element keeps those that it names.
 *
 * @example
 * ```ts
 * import { SharedList } from "@lockstep/manager";
 *
 * const log = new SharedList<{ at: number; text: string }>({ name: "log" });
 * log.push({ at: Date.now(), text: "started" });
 * console.log(log.length, log.at(-1)?.text);
 * ```
 */
export class SharedList<V = unknown> extends SharedObject implements Iterable<V> {
  #state: ListState;

  /**
   * Opens the list of that name, or makes one.
   * @throws {TypeError | RangeError} If an option is not allowed.
   * @throws {MismatchError} If the name belongs to another kind of object.
   * @throws {SegmentFullError} If there is no room for it.
   */
  constructor(options: PlaceOptions = {}) {
    const state = openState(ListState, { kind: KIND.list, where: "open SharedList" }, options);
    super(state);
    this.#state = state;
    prepareScratch();
  }

  /** The list of that handle. @throws {InvalidStateError} If it is not there any more. */
  static from<V = unknown>(handle: string): SharedList<V> {
    return new SharedList<V>(new Opened(attachState(ListState, KIND.list, handle)));
  }

  /** How many elements there are. */
  get length(): number {
    return this.#state.length;
  }

  /** A copy of an element; undefined where there is none. */
  at(position: number): V | undefined {
    return this.#state.get(this.#state.position(position, "position", "read")) as V | undefined;
  }

  /**
   * Stores a copy of the value in place of an element.
   * @throws {RangeError} If there is no such position. `push()` and `insert()` make new ones.
   * @throws {DOMException} Of name `DataCloneError`, if something in the value cannot be copied.
   * @throws {SegmentFullError} If there is no room for it. Nothing is changed then, here and in all other methods.
   */
  set(position: number, value: V): this {
    const state = this.#state;
    if (state.set(state.position(position, "position", "set in"), value)) return this;
    throw new RangeError(
      `Cannot set in ${state.label}: there is no position ${show(position)}, it has ${state.describe()}`,
    );
  }

  // --- at the ends --------------------------------------------------------------------------------------------------

  /** Adds values at the end, side by side. @returns The new length. */
  push(...values: V[]): number {
    return this.#state.insert(Infinity, values);
  }

  /** Removes the last element and gives it; undefined when there is none. */
  pop(): V | undefined {
    return this.#state.take(-1) as V | undefined;
  }

  /** Removes the first element and gives it; undefined when there is none. */
  shift(): V | undefined {
    return this.#state.take(0) as V | undefined;
  }

  /** Adds values in front, side by side. @returns The new length. */
  unshift(...values: V[]): number {
    return this.#state.insert(0, values);
  }

  /** Adds the values of an iterable at the end, side by side; it is read to its end before that. */
  extend(values: Iterable<V>): this {
    this.#state.insert(Infinity, Array.from(values));
    return this;
  }

  // --- anywhere -----------------------------------------------------------------------------------------------------

  /** Adds values before a position; one beyond the ends is the end, or the front. @returns The new length. */
  insert(position: number, ...values: V[]): number {
    return this.#state.insert(this.#state.position(position, "position", "insert into"), values);
  }

  /**
   * Removes elements from a position on, all of them unless it is said how many, and puts values in their place.
   * @returns Copies of what was removed.
   * @throws {InvalidStateError} If one of them names an object that was destroyed, or is gone with another segment. All
   *   are removed then: property `removed` of the error has the others, and undefined where that one was.
   */
  splice(start: number, deleteCount: number = Infinity, ...values: V[]): V[] {
    const state = this.#state;
    const removed: V[] = [];
    const remove = state.position(deleteCount, "deleteCount", "change");
    state.splice(state.position(start, "start", "change"), remove, values, removed);
    return removed;
  }

  /**
   * Copies of the elements from `start` to before `end`, as they are at one instant.
   * @throws {InvalidStateError} If one of them names an object that is gone. `at()` gives the others.
   */
  slice(start: number = 0, end: number = Infinity): V[] {
    const state = this.#state;
    return state.slice(state.position(start, "start", "copy"), state.position(end, "end", "copy")) as V[];
  }

  /** Turns the order around. Unlike the method of an `Array` it may take as long as reading and writing all. */
  reverse(): this {
    this.#state.reverse();
    return this;
  }

  /** Removes all elements. */
  clear(): void {
    this.#state.clear();
  }

  // --- by value -----------------------------------------------------------------------------------------------------

  /**
   * The position of the first element with that value from `start` on; -1 when there is none. Primitives are compared
   * as `includes()` of an `Array` does, so that `NaN` is found, all others by what they contain, as it is stored.
   */
  indexOf(value: V, start: number = 0): number {
    return this.#state.find(value, this.#state.position(start, "start", "search"));
  }

  /** Whether there is one, as `indexOf()` finds it. */
  includes(value: V, start: number = 0): boolean {
    return this.indexOf(value, start) >= 0;
  }

  /** Removes the first element with that value, as `indexOf()` finds it. @returns False if there is none. */
  remove(value: V): boolean {
    return this.#state.remove(value);
  }

  // --- all of it ----------------------------------------------------------------------------------------------------

  /** A copy as an `Array`, as the list is at one instant. */
  toArray(): V[] {
    return this.slice();
  }

  /**
   * Elements by their position, each as it is when it is its turn. Others may change the list meanwhile: where they add
   * or remove something in front, an element comes twice or not at all. `toArray()` is a picture of one instant.
   */
  *[Symbol.iterator](): Generator<V> {
    const state = this.#state;
    for (let position = 0;; position++) {
      const value = state.get(position);
      if (value === undefined && position >= state.length) return;
      yield value as V;
    }
  }

  /** As of every shared object. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#state = closedState(this.#state);
  }
}

classes.set(KIND.list, (handle) => SharedList.from(handle));
