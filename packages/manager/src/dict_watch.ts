import { checkOptions, checkSignal } from "@lockstep/contract";
import { BOUND, type DictKey, OK, type Status, UNAVAILABLE } from "@lockstep/native";
import { type Closable, type SharedObject, timedOut, type Waitable, WaitList } from "@lockstep/segment";

import { errorOf } from "./container_failure.ts";
import type { DictState } from "./dict_state.ts";

/** What `SharedDict.watch()` tells. */
export type DictChange<V = unknown> =
  /** The key was set, once or more often; `value` is what it has now. */
  | { readonly type: "set"; readonly key: DictKey; readonly value: V }
  /** The key was there and is gone, or came and went. */
  | { readonly type: "delete"; readonly key: DictKey }
  /** Each key may have changed: the dict was cleared, or this watcher was too slow. What it has is to be read anew. */
  | { readonly type: "reset" };

/** How to watch. */
export interface WatchOptions {
  /** Ends it: the pending `next()` rejects with the reason. */
  signal?: AbortSignal | undefined;
}

const SEEN_WORDS = 32;
const RING_BYTES = 64 * 1024;

/** The watches of one thread on one dict that are awaited. All share its bell, so each list has to know the others. */
export class WatchLists implements Iterable<Closable> {
  #all: WaitList<DictWatch<unknown>, void>[] = [];

  add(list: WaitList<DictWatch<unknown>, void>): void {
    this.#renew([...this.#all, list]);
  }

  remove(list: WaitList<DictWatch<unknown>, void>): void {
    this.#renew(this.#all.filter((other) => other !== list));
  }

  [Symbol.iterator](): Iterator<Closable> {
    return this.#all[Symbol.iterator]();
  }

  #renew(all: WaitList<DictWatch<unknown>, void>[]): void {
    this.#all = all;
    for (const list of all) list.siblings = all.filter((other) => other !== list);
  }
}

/** How the promise of a watch waits. */
class ChangesWait implements Waitable<DictWatch<unknown>, void> {
  readonly where: string;
  readonly #state: DictState;

  constructor(state: DictState) {
    this.#state = state;
    this.where = `watch ${state.label}`;
  }

  arm({ seen }: DictWatch<unknown>): Status {
    return this.#state.binding.changesArm(this.#state.native, seen);
  }

  attempt({ seen }: DictWatch<unknown>): Status {
    return this.#state.binding.changesLook(this.#state.native, seen);
  }

  disarm(): void {
    this.#state.binding.changesDisarm(this.#state.native);
  }

  grant(): void {}

  expire(_watch: DictWatch<unknown>, timeout: number): never {
    throw timedOut(this.where, timeout);
  }
}

/** Changes of a dict, or of one of its keys, from its making on. Protocol: `native/core/dict_changes.cpp`. */
export class DictWatch<V> implements AsyncIterableIterator<DictChange<V>>, AsyncDisposable {
  /** How far it has looked: for native code. */
  readonly seen: Uint32Array = new Uint32Array(SEEN_WORDS);
  /** It is watched through this one, which therefore must not be collected meanwhile. */
  readonly dict: SharedObject;
  readonly #state: DictState;
  readonly #only: Set<DictKey> | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #list: WaitList<DictWatch<unknown>, void>;
  readonly #changed = new Set<DictKey>();
  #isReset = false;
  #isOver = false;
  #turn: Promise<unknown> = Promise.resolve();

  /** Watches all keys, or the one that is given. */
  constructor(dict: SharedObject, state: DictState, key: DictKey | undefined, options: WatchOptions = {}) {
    const where = `watch ${state.label}`;
    checkOptions(options, where);
    this.#signal = checkSignal(options, where);
    this.dict = dict;
    this.#state = state;
    this.#only = key === undefined ? undefined : new Set([key]);
    this.#check(state.binding.changesBegin(state.native, this.seen, key));
    this.#list = new WaitList<DictWatch<unknown>, void>(new ChangesWait(state), state);
  }

  /** The next change; waits for it without blocking the thread. */
  next(): Promise<IteratorResult<DictChange<V>, undefined>> {
    const turn = this.#turn.then(() => this.#advance());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Ends it; a pending `next()` is done. */
  return(): Promise<IteratorResult<DictChange<V>, undefined>> {
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** As `return()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #advance(): Promise<IteratorResult<DictChange<V>, undefined>> {
    try {
      while (!this.#isOver) {
        this.#signal?.throwIfAborted();
        if (!this.#hasChange()) this.#take();
        if (this.#hasChange()) return { done: false, value: this.#change() };
        await this.#wait();
      }
    } catch (error) {
      if (!this.#isOver) {
        this.#end();
        throw error;
      }
    }
    return { done: true, value: undefined };
  }

  async #wait(): Promise<void> {
    const { watches } = this.#state;
    watches.add(this.#list);
    try {
      await this.#list.start(this, { signal: this.#signal });
    } finally {
      watches.remove(this.#list);
    }
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#list.close(this.#state.disposed());
  }

  /** Several changes of a key since the last time are one. */
  #take(): void {
    const keys: DictKey[] = [];
    const status = this.#state.binding.changesTake(this.#state.native, this.seen, keys);
    if (status === UNAVAILABLE) return;
    if (status !== BOUND) this.#check(status);
    const only = this.#only;
    const news = status === BOUND && only !== undefined ? only : keys;
    for (const key of news) if (only === undefined || only.has(key)) this.#changed.add(key);
    if (status !== BOUND || only !== undefined) return;
    this.#changed.clear();
    this.#isReset = true;
  }

  #hasChange(): boolean {
    return this.#isReset || this.#changed.size > 0;
  }

  #change(): DictChange<V> {
    if (this.#isReset) {
      this.#isReset = false;
      return { type: "reset" };
    }
    const key = this.#changed.values().next().value!;
    this.#changed.delete(key);
    const isThere = this.#state.find(key) > 0;
    return isThere ? { type: "set", key, value: this.#state.last() as V } : { type: "delete", key };
  }

  #check(status: Status): void {
    if (status === OK) return;
    const key = this.#only === undefined ? undefined : [...this.#only][0];
    throw errorOf(status, { state: this.#state, action: "watch", key, bytes: RING_BYTES });
  }
}
