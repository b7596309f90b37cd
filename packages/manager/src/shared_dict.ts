import { checkFunction, InvalidStateError, show, type SyncWaitOptions } from "@lockstep/contract";
import { COMPUTE, type DictKey, isNativeFailure, KIND, MISMATCH, MODIFY, NOT_FOUND, OK } from "@lockstep/native";
import { attachState, closedState, Opened, openState, SharedObject } from "@lockstep/segment";

import { classes } from "./classes.ts";
import { errorOf, thrown } from "./container_failure.ts";
import { type ComputeOptions, type DictOptions, type EntryOptions, parameterOf, ttlOf } from "./dict_options.ts";
import { DictState } from "./dict_state.ts";
import { type DictChange, DictWatch, type WatchOptions } from "./dict_watch.ts";
import { keptPayloadOf, plainBytesOf, prepareScratch } from "./values.ts";

export type { DictKey };

/**
 * A `Map` that threads and unrelated processes share, as Python's `Manager().dict()`, without a server.
 *
 * Keys are strings, numbers, bigints and booleans, told apart as `Map` does; values are whatever `structuredClone`
 * takes, and shared objects, which arrive as the same shared object. A value that was read is a copy: changes of it
 * reach nobody until it is set again. Every operation on one key happens whole or not at all, whoever dies in it, and
 * all see them in the same order. None waits for longer than others copy a value, except where it says so.
 *
 * A dict with a name lives as long as its segment or until `destroy()`, one without as long as somebody has it, or a
 * value in a container names it. So does every shared object: a value keeps those that it names.
 *
 * @example
 * ```ts
 * import { SharedDict } from "@lockstep/manager";
 *
 * const cache = new SharedDict<{ name: string }>({ name: "users", maxEntries: 10_000, evict: "lru" });
 * const user = await cache.getOrInsertComputed(17, (id) => ({ name: `user ${id}` }), { ttl: 60_000 });
 * ```
 */
export class SharedDict<V = unknown> extends SharedObject implements Iterable<[DictKey, V]> {
  #state: DictState;

  /**
   * Opens the dict of that name, or makes one.
   * @throws {TypeError | RangeError} If an option is not allowed.
   * @throws {MismatchError} If the name belongs to another kind of object, or to a dict with other limits.
   * @throws {SegmentFullError} If there is no room for it.
   */
  constructor(options: DictOptions = {}) {
    const where = "open SharedDict";
    const recipe = { kind: KIND.dict, parameter: parameterOf(options, where), where };
    const state = openState(DictState, recipe, options);
    super(state);
    this.#state = state;
    prepareScratch();
  }

  /** The dict of that handle. @throws {InvalidStateError} If it is not there any more. */
  static from<V = unknown>(handle: string): SharedDict<V> {
    return new SharedDict<V>(new Opened(attachState(DictState, KIND.dict, handle)));
  }

  // --- as Map -------------------------------------------------------------------------------------------------------

  /**
   * A copy of the value; undefined when there is none.
   * @throws {TypeError | RangeError} If the key is none, or longer than 65,535 bytes.
   */
  get(key: DictKey): V | undefined {
    return this.#state.get(key) as V | undefined;
  }

  /**
   * Stores a copy of the value, in place of the one that is there.
   * @throws {DOMException} Of name `DataCloneError`, if something in the value cannot be copied.
   * @throws {SegmentFullError} If there is no room for it. Nothing is changed then.
   */
  set(key: DictKey, value: V, options?: EntryOptions): this {
    this.#state.set(key, value, ttlOf(options, "set in SharedDict"));
    return this;
  }

  /** Whether there is a value, be it undefined. */
  has(key: DictKey): boolean {
    return this.#state.has(key);
  }

  /** Removes the entry. @returns False if there was none. */
  delete(key: DictKey): boolean {
    return this.#state.delete(key);
  }

  /** Removes all entries, those of each of its 16 parts at one instant. */
  clear(): void {
    const state = this.#state;
    state.judge(state.binding.dictClear(state.native), state.attempted("clear", undefined));
  }

  /** How many entries there are. Where some have a `ttl`, it counts them one by one. */
  get size(): number {
    const state = this.#state;
    state.checkOpen("read SharedDict.size");
    return state.binding.dictSize(state.native);
  }

  /**
   * Keys, in no order that would mean anything. Others may change the dict meanwhile: a key that is there all the while
   * comes exactly once, one that comes or goes meanwhile at most once.
   */
  keys(): Generator<DictKey> {
    return this.#state.keys();
  }

  /** As `keys()`, the values that they have when it is their turn. */
  *values(): Generator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  /** As `keys()`, with the values that they have when it is their turn. */
  *entries(): Generator<[DictKey, V]> {
    const state = this.#state;
    for (const key of state.keys()) if (state.find(key) > 0) yield [key, state.last() as V];
  }

  /** As `entries()`. */
  [Symbol.iterator](): Generator<[DictKey, V]> {
    return this.entries();
  }

  /** Calls the function for each entry, as `entries()` gives them. */
  forEach(visit: (value: V, key: DictKey, dict: SharedDict<V>) => void): void {
    checkFunction(visit, "visit", "walk through SharedDict");
    for (const [key, value] of this.entries()) visit(value, key, this);
  }

  // --- several at once ----------------------------------------------------------------------------------------------

  /** The values of several keys, undefined for those that have none; each as of its own instant. */
  getMany(keys: Iterable<DictKey>): (V | undefined)[] {
    return Array.from(keys, (key) => this.get(key));
  }

  /** Sets several entries, one after the other; those before one that fails are set. */
  setMany(entries: Iterable<readonly [DictKey, V]>, options?: EntryOptions): this {
    const ttl = ttlOf(options, "set in SharedDict");
    for (const [key, value] of entries) this.#state.set(key, value, ttl);
    return this;
  }

  /** Sets the entries of an iterable, or the own properties of an object. */
  assign(entries: Iterable<readonly [DictKey, V]> | Readonly<Record<string, V>>): this {
    return this.setMany(Symbol.iterator in entries ? entries : Object.entries(entries));
  }

  /** A copy as a `Map`. */
  toMap(): Map<DictKey, V> {
    return new Map(this.entries());
  }

  /** A copy as an object; the keys become strings. */
  toObject(): Record<string, V> {
    return Object.fromEntries(this.entries());
  }

  // --- one step for all processes -----------------------------------------------------------------------------------

  /** The value that is there, or else the given one, which is then stored. */
  getOrInsert(key: DictKey, value: V, options?: EntryOptions): V {
    return this.#state.insert(key, value, ttlOf(options, "set in SharedDict")) as V;
  }

  /**
   * The value that is there, or else the one that the function computes, which is then stored: of all that ask for the
   * key meanwhile, in any process, one computes and the others wait for it. If its function throws, its promise rejects
   * and the next one computes; so does it when the process dies.
   *
   * A value that somebody sets meanwhile counts, and is the result. The function must not ask for its own key this way.
   * Never blocks the thread. Rejects with `TimeoutError` if the others take longer than the timeout, with the signal's
   * reason if it is aborted while it waits for them.
   */
  async getOrInsertComputed(
    key: DictKey,
    compute: (key: DictKey) => V | Promise<V>,
    options?: ComputeOptions,
  ): Promise<V> {
    const state = this.#state;
    checkFunction(compute, "compute", `compute value in ${state.label}`);
    const ttl = ttlOf(options, "set in SharedDict");
    if (state.find(key) > 0) return state.last() as V;
    await state.claims.acquire(key, options);
    try {
      if (state.find(key) > 0) return state.last() as V;
      return state.insert(key, await compute(key), ttl) as V;
    } finally {
      state.claims.release(key, COMPUTE);
    }
  }

  /**
   * As `getOrInsertComputed()`, blocking the thread while another one computes.
   * @throws {TimeoutError} If the others take longer than the timeout.
   * @throws {InvalidStateError} If this thread is computing the key already.
   */
  getOrInsertComputedSync(key: DictKey, compute: (key: DictKey) => V, options?: SyncWaitOptions & EntryOptions): V {
    const state = this.#state;
    checkFunction(compute, "compute", `compute value in ${state.label}`);
    const ttl = ttlOf(options, "set in SharedDict");
    if (state.find(key) > 0) return state.last() as V;
    state.claims.acquireSync(key, COMPUTE, options);
    try {
      if (state.find(key) > 0) return state.last() as V;
      return state.insert(key, compute(key), ttl) as V;
    } finally {
      state.claims.release(key, COMPUTE);
    }
  }

  /**
   * Replaces the value by what the function makes of it; undefined removes the entry. One at a time modifies a key, in
   * any process, and blocks the thread of the others for as long; if it throws or dies, nothing was changed. The
   * function is called again when somebody has set the key by other means meanwhile. The time of the entry stays.
   * @returns The new value.
   * @throws {InvalidStateError} If the function modifies its own key.
   */
  modify(key: DictKey, change: (value: V | undefined) => V | undefined): V | undefined {
    const state = this.#state;
    checkFunction(change, "change", `modify value in ${state.label}`);
    state.claims.acquireSync(key, MODIFY, undefined);
    try {
      for (;;) {
        const version = state.find(key);
        const value = change(version > 0 ? state.last() as V : undefined);
        if (value !== undefined && state.replace(key, value, version)) return value;
        if (value === undefined && (version === 0 || state.delete(key, version))) return value;
      }
    } finally {
      state.claims.release(key, MODIFY);
    }
  }

  /**
   * Replaces the value if it is the expected one: equal as numbers and strings are, or with the same contents as it is
   * stored. `undefined` expects that there is none. The time of the entry stays.
   * @returns Whether it was.
   */
  compareAndSet(key: DictKey, expected: V | undefined, replacement: V): boolean {
    const state = this.#state;
    if (expected === undefined) return this.#setFirst(key, replacement);
    const old = keptPayloadOf(expected, state.segment);
    const { value, kind } = keptPayloadOf(replacement, state.segment);
    const status = state.binding.dictCompareAndSet(state.native, key, value, kind, old.value, old.kind);
    return state.judge(status, state.attempted("set in", key, value));
  }

  #setFirst(key: DictKey, value: V): boolean {
    const version = this.#state.find(key);
    return (version === 0 || this.#state.last() === undefined) && this.#state.replace(key, value, version);
  }

  /**
   * Adds to a number, a key without a value counting as 0; its `ttl` begins with its first increment.
   * @returns The sum.
   * @throws {TypeError} If the value is no number.
   */
  increment(key: DictKey, by: number = 1, options?: EntryOptions): number {
    const state = this.#state;
    if (typeof by !== "number") {
      throw new TypeError(`Cannot increment in ${state.label}: by must be a number, got ${show(by)}`);
    }
    try {
      // A first -0 counts as the sum 0 + -0, which is 0.
      return state.add(key, by + 0, ttlOf(options, "increment in SharedDict"));
    } catch (error) {
      if (isNativeFailure(error) && error.status === MISMATCH && state.has(key)) {
        throw new TypeError(`Cannot increment in ${state.label}: the value of key ${show(key)} is no number`);
      }
      throw thrown(error, state.attempted("increment in", key));
    }
  }

  /** Removes the entry and gives its value, or the fallback if there is none. */
  pop(key: DictKey, fallback?: V): V | undefined {
    return this.#state.take(key) ? this.#state.last() as V : fallback;
  }

  /** Removes any one entry and gives it. @throws {InvalidStateError} If there is none. */
  popItem(): [DictKey, V] {
    const state = this.#state;
    const status = state.binding.dictTakeAny(state.native);
    if (status === OK) return [state.binding.lastKey(), state.last() as V];
    if (status !== NOT_FOUND) throw errorOf(status, state.attempted("take from", undefined));
    throw new InvalidStateError(`Cannot take from ${state.label}: it is empty`);
  }

  // --- changes ------------------------------------------------------------------------------------------------------

  /**
   * What becomes of one key, or of all, from now on, whoever does it in whatever process. Of several changes of a key
   * since the last look only the last counts: who is slow sees fewer of them, and the present value always. Nothing is
   * left out unsaid: after `clear()`, or when a watcher of all keys is some thousands of changes behind, comes a change
   * of type `reset`, which means that each key may have changed. A change may come that leaves a value as it was seen.
   *
   * An entry that was evicted is a `delete`; one whose time is over is one when its memory comes back, with later
   * writes. Who dies in the midst of a change has told nothing, as nothing has changed; a change that stands was told.
   *
   * A look blocks the thread for as long as others copy a value; a wait does not, and keeps the process alive. It ends
   * with the loop, with `signal`, whose reason is then thrown, and with the dict's disposal, an `InvalidStateError`. It
   * needs 64 KiB, once for each dict, which stay as long as the dict; its writers then note each key that they change.
   * @param key All keys if it is undefined.
   * @throws {TypeError | RangeError} If the key is none, or an option is not allowed.
   * @throws {SegmentFullError} If there is no room for it.
   * @example
   * ```ts
   * import { SharedDict } from "@lockstep/manager";
   *
   * const settings = new SharedDict<number>({ name: "settings" });
   * for await (const change of settings.watch("level", { signal: AbortSignal.timeout(60_000) })) {
   *   if (change.type === "set") console.log(change.value);
   * }
   * ```
   */
  watch(key?: DictKey, options?: WatchOptions): AsyncIterableIterator<DictChange<V>> & AsyncDisposable {
    return new DictWatch<V>(this, this.#state, key, options);
  }

  // --- bytes --------------------------------------------------------------------------------------------------------

  /** Stores a copy of the bytes. As `set()` with a `Uint8Array`. */
  setBytes(key: DictKey, bytes: Uint8Array, options?: EntryOptions): this {
    if (bytes instanceof Uint8Array) return this.set(key, bytes as V, options);
    throw new TypeError(`Cannot set in ${this.#state.label}: bytes must be a Uint8Array, got ${show(bytes)}`);
  }

  /** A copy of the bytes; undefined when there is no value. @throws {TypeError} If it is no `Uint8Array`. */
  getBytes(key: DictKey): Uint8Array | undefined {
    const result = this.#state.getRaw(key);
    const bytes = plainBytesOf(result);
    if (bytes !== undefined || result === undefined) return bytes;
    throw new TypeError(`Cannot get from ${this.#state.label}: the value of key ${show(key)} is no Uint8Array`);
  }

  /** As of every shared object. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#state = closedState(this.#state);
  }
}

classes.set(KIND.dict, (handle) => SharedDict.from(handle));
