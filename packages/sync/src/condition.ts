import {
  checkFunction,
  checkInteger,
  checkTimeout,
  type ConditionLike,
  type Guard,
  LockNotHeldError,
  type PlaceOptions,
  show,
  type SyncWaitOptions,
  type WaitOptions,
} from "@lockstep/contract";
import { KIND } from "@lockstep/native";
import { attachState, closedState, limitsOf, Opened, SharedObject } from "@lockstep/segment";

import { openCondition, stateOf } from "./condition_lock.ts";
import { type ConditionLock, ConditionState } from "./condition_state.ts";
import type { Lock } from "./lock.ts";
import type { RLock } from "./rlock.ts";

const WAIT = "wait for Condition";
const NOTIFY = "notify Condition";
const EVERYBODY = 0x7fffffff;

/**
 * A lock together with a queue of those who wait for a change of what the lock protects, between all threads and
 * processes that share it.
 *
 * Waiters are woken in the order in which they came, across threads and processes. A waiter that dies takes no
 * notification with it: the next one gets it. As in Python, with a plain `Lock` "held" means held by anyone.
 *
 * @example
 * ```ts
 * import { Condition } from "@lockstep/sync";
 *
 * const condition = new Condition();
 * const items: number[] = [];
 *
 * async function take(): Promise<void> {
 *   const guard = await condition.acquire();
 *   await condition.waitFor(() => items.length > 0);
 *   console.log(items.shift());
 *   guard.release();
 * }
 *
 * async function put(item: number): Promise<void> {
 *   const guard = await condition.acquire();
 *   items.push(item);
 *   condition.notify();
 *   guard.release();
 * }
 *
 * await Promise.all([take(), put(1)]);
 * ```
 */
export class Condition extends SharedObject implements ConditionLike {
  /** The lock that must be held around `wait` and `notify`. */
  readonly lock: Lock | RLock;
  #state: ConditionState;
  readonly #ownsLock: boolean;

  /**
   * Opens the condition of that name, or makes one.
   * @param lock The lock to use; the condition lives in the segment of the lock. Without it, a new condition makes an
   * `RLock` of its own, and one that exists brings the lock that it has.
   * @throws {TypeError | RangeError} If the lock or an option is not allowed, or the two are in different segments.
   * @throws {MismatchError} If the name belongs to another kind of object, or to a condition with another lock.
   * @throws {SegmentFullError} If there is no room for it.
   */
  constructor(lock?: Lock | RLock, options: PlaceOptions = {}) {
    const opened = openCondition(lock, options);
    super(opened.state);
    this.#state = opened.state;
    this.lock = opened.lock;
    this.#ownsLock = opened.lock !== lock;
  }

  /** The condition of that handle, with its lock. @throws {InvalidStateError} If it is not there any more. */
  static from(handle: string): Condition {
    return new Condition(undefined, new Opened(attachState(ConditionState, KIND.condition, handle)));
  }

  /** As `lock.acquire()`. */
  acquire(options?: WaitOptions): Promise<Guard> {
    return this.lock.acquire(options);
  }

  /** As `lock.acquireSync()`. */
  acquireSync(options?: SyncWaitOptions): Guard {
    return this.lock.acquireSync(options);
  }

  /** As `lock.tryAcquire()`. */
  tryAcquire(): Guard | undefined {
    return this.lock.tryAcquire();
  }

  /** As `lock.release()`. */
  release(): void {
    this.lock.release();
  }

  /**
   * Lets go of the lock, waits for a notification, and takes the lock again as often as it was held, all without
   * blocking the thread; the pending promise keeps the process alive. Taking the lock again is not limited by the
   * options.
   *
   * Resolves with false if the timeout passes first; rejects with the signal's reason if it is aborted, and with
   * `LockNotHeldError` if the lock is not held.
   */
  async wait(options?: WaitOptions): Promise<boolean> {
    const limits = limitsOf(options, WAIT);
    const lock = this.#heldLock(WAIT);
    const state = this.#state;
    const place = state.enter();
    const takeBack = state.unlessThrown(place, () => lock.letGo(WAIT));
    try {
      await state.wait(place, limits);
    } catch (error) {
      await takeBack();
      throw error;
    }
    await takeBack().catch((error) => state.giveUp(place, error));
    return state.accept(place);
  }

  /** As `wait()`, blocking the thread. @throws {LockNotHeldError} If the lock is not held. */
  waitSync(options?: SyncWaitOptions): boolean {
    const timeout = checkTimeout(options, WAIT);
    const lock = this.#heldLock(WAIT);
    const state = this.#state;
    const place = state.enter();
    const takeBack = state.unlessThrown(place, () => lock.letGoSync(WAIT));
    try {
      state.waitSync(place, timeout);
    } finally {
      state.unlessThrown(place, takeBack);
    }
    return state.accept(place);
  }

  /**
   * Waits until the predicate gives a truthy value. It is called with the lock held: at once, after each notification,
   * and once more when time has run out.
   * @returns What the predicate gave last; falsy only if the timeout passed, which is for the whole.
   *
   * Rejects as `wait()` does, and with what the predicate throws.
   */
  async waitFor<T>(predicate: () => T | Promise<T>, options?: WaitOptions): Promise<T> {
    checkFunction(predicate, "predicate", WAIT);
    const { timeout: whole, signal } = limitsOf(options, WAIT);
    const left = this.#countdown(whole);
    this.#heldLock(WAIT);
    let value = await predicate();
    for (let timeout = left(); !value && timeout >= 0; timeout = left()) {
      await this.wait({ timeout, signal });
      value = await predicate();
    }
    return value;
  }

  /** As `waitFor()`, blocking the thread. */
  waitForSync<T>(predicate: () => T, options?: SyncWaitOptions): T {
    checkFunction(predicate, "predicate", WAIT);
    const left = this.#countdown(checkTimeout(options, WAIT));
    this.#heldLock(WAIT);
    let value = predicate();
    for (let timeout = left(); !value && timeout >= 0; timeout = left()) {
      this.waitSync({ timeout });
      value = predicate();
    }
    return value;
  }

  /**
   * Wakes up to `count` waiters, 1 when absent, those who have waited longest. Nothing is stored when nobody waits.
   * @throws {LockNotHeldError} If the lock is not held.
   */
  notify(count: number = 1): void {
    checkInteger(count, { name: "count", min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }, NOTIFY);
    this.#heldLock(NOTIFY);
    if (count > 0) this.#state.notify(Math.min(count, EVERYBODY));
  }

  /** Wakes all who wait now. @throws {LockNotHeldError} If the lock is not held. */
  notifyAll(): void {
    this.#heldLock(NOTIFY);
    this.#state.notify(EVERYBODY);
  }

  /** As of every shared object; a lock of its own is disposed with it. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#state = closedState(this.#state);
    if (this.#ownsLock) this.lock[Symbol.dispose]();
  }

  #heldLock(where: string): ConditionLock {
    this.#state.checkOpen(where);
    const lock = stateOf(this.lock);
    if (lock.isHeldByCaller()) return lock;
    throw new LockNotHeldError(`Cannot ${where}: its lock ${show(String(this.lock))} is not held by the caller`);
  }

  /** Milliseconds that are left: the first answer is the whole, later ones are negative once nothing is. */
  #countdown(timeout: number): () => number {
    const { binding } = this.#state;
    let deadline: number | undefined;
    return () => {
      const now = binding.now();
      deadline ??= now + timeout;
      return deadline === Infinity ? Infinity : deadline - now;
    };
  }
}
