import { checkOptions, type SyncWaitOptions, type WaitOptions } from "@lockstep/contract";
import { closedState, SharedObject } from "@lockstep/segment";

import { countOf } from "./queue_options.ts";
import { manyOf, ONE, type QueueState } from "./queue_state.ts";
import { prepareScratch } from "./values.ts";

/**
 * What all queues have in common: getting, and knowing when all is done.
 *
 * An item is a copy of a value, of any that `structuredClone` takes, or a shared object, which arrives as the same
 * shared object. It is got once, by one thread of one process. What a process puts or gets while it dies is put or got
 * whole or not at all.
 */
export abstract class AnyQueue<T> extends SharedObject implements AsyncIterable<T> {
  #state: QueueState;

  /** Takes the state over; the subclasses' constructors are the ones to call. @ignore */
  constructor(state: QueueState) {
    super(state);
    this.#state = state;
    prepareScratch();
  }

  // --- get ----------------------------------------------------------------------------------------------------------

  /**
   * The next item, without blocking the thread; the pending promise keeps the process alive. Promises of a thread are
   * served in their order.
   * Rejects with `QueueEmptyError` if the timeout passes first, with the signal's reason if it is aborted, and no item
   * is lost then; with `QueueShutDownError` if the queue is shut down and empty.
   */
  get(options?: WaitOptions): Promise<T> {
    return this.#state.get(ONE, options) as Promise<T>;
  }

  /**
   * The next item, blocking the thread until there is one.
   * @throws {QueueEmptyError} If the timeout passes first.
   * @throws {QueueShutDownError} If the queue is shut down and empty.
   */
  getSync(options?: SyncWaitOptions): T {
    return this.#state.getSync(ONE, options) as T;
  }

  /**
   * The next item if there is one now, else undefined.
   * @throws {QueueShutDownError} If the queue is shut down and empty.
   */
  tryGet(): T | undefined {
    return this.#state.tryGet(ONE) as T | undefined;
  }

  /** The next items, up to `count` and 256: as `get()` waits for the first, and takes what is there besides. */
  getMany(count: number, options?: WaitOptions): Promise<T[]> {
    try {
      return this.#state.get(manyOf(countOf(count, this.#where)), options) as Promise<T[]>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As `getMany()`, blocking the thread as `getSync()` does. */
  getManySync(count: number, options?: SyncWaitOptions): T[] {
    return this.#state.getSync(manyOf(countOf(count, this.#where)), options) as T[];
  }

  /** The items that lie in it now, up to `count` when given; none when it is empty or shut down. */
  drain(count: number = Infinity): T[] {
    if (count !== Infinity) countOf(count, this.#where);
    return this.#state.drain(count) as T[];
  }

  /**
   * Items, one after the other, until the queue is shut down and empty. An item is done when the next one is asked for:
   * whoever leaves the loop early has not done the last one, and calls `taskDone()` first if he has. Several loops may
   * run in one thread.
   */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    return this.items();
  }

  /** The same loop, which waits no longer for the next item than the options say, and then throws as `get()` does. */
  async *items(options?: WaitOptions): AsyncGenerator<T, void, undefined> {
    for (let done = 0;;) {
      const next = await this.#state.next(done, options);
      if (next === undefined) return;
      yield next.value as T;
      done = next.item;
    }
  }

  // --- done ---------------------------------------------------------------------------------------------------------

  /**
   * Says of items that were got that they are done, this thread's oldest first. Where items come back each thread says
   * so for its own, else for anybody's.
   * @throws {InvalidStateError} If there are not so many; nothing is changed then.
   */
  taskDone(count: number = 1): void {
    this.#state.taskDone(countOf(count, `end items of ${this.#state.label}`));
  }

  /**
   * Waits until every item that was put is done, without blocking the thread. An item whose getter has died counts as
   * done, unless it comes back.
   * Rejects with the signal's reason if it is aborted.
   * @returns False if the timeout passes first.
   */
  join(options?: WaitOptions): Promise<boolean> {
    return this.#state.join(options);
  }

  /** As `join()`, blocking the thread. @returns False if the timeout passes first. */
  joinSync(options?: SyncWaitOptions): boolean {
    return this.#state.joinSync(options);
  }

  /**
   * Ends the queue, for all: nothing more is put. What lies in it can still be got; with `immediate` it is thrown away
   * and counts as done. Whoever waits for an item or a place is told. Not to be undone.
   */
  shutdown(options: { immediate?: boolean } = {}): void {
    checkOptions(options, `shut down ${this.#state.label}`);
    this.#state.shutDown(options.immediate === true);
  }

  // --- at this moment -----------------------------------------------------------------------------------------------

  /** Items that lie in it. */
  get size(): number {
    return this.#state.size;
  }

  /** Whether none does. */
  get empty(): boolean {
    return this.size === 0;
  }

  /** Whether there are `maxSize`. */
  get full(): boolean {
    const { size } = this;
    return this.maxSize > 0 && size >= this.maxSize;
  }

  /** Items that may lie in it at once; 0: as many as the segment has room for. */
  get maxSize(): number {
    return this.#state.maxSize;
  }

  /** Items that are not done: those that lie in it, and those that were got and are not done. */
  get unfinished(): number {
    return this.#state.unfinished;
  }

  /** Whether it was shut down. */
  get isShutDown(): boolean {
    return this.#state.isShutDown;
  }

  get #where(): string {
    return `get from ${this.#state.label}`;
  }

  /** As of every shared object. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#state = closedState(this.#state);
  }
}
