// PROTOCOL. Each waiter has an entry of its own, a word: 0 free, else the waiter's ticket and its state. Tickets grow,
// so that the oldest waiter is the one with the smallest.
//
//      31 ............... 2   1 ... 0
//     +--------------------+---------+     THREAD     asleep on the entry itself
//     | ticket             | state   |     PROMISE    listens to the object's BELL
//     +--------------------+---------+     NOTIFIED   chosen; the entry is still its own
//
//     step     change                                     by
//     enter    0 -> ticket, THREAD or PROMISE             the waiter, before it gives the lock back
//     notify   THREAD or PROMISE -> NOTIFIED, wake        anybody, oldest ticket first
//     leave    THREAD or PROMISE -> 0: not notified       the waiter
//     leave    NOTIFIED -> 0: notified                    the waiter
//
// Notify and leave are each one compareExchange on the entry, so a waiter that runs out of time was either notified or
// not, and every notification reaches one waiter. USED is one more than the largest index that an entry ever had.
import { checkFunction, checkInteger, checkTimeout, LockNotHeldError, show } from "@lockstep/contract";
import { type ConditionLike, type Guard, SegmentFullError } from "@lockstep/contract";
import type { SyncWaitOptions, WaitOptions } from "@lockstep/contract";
import { countdown, limitsOf } from "./limit.ts";
import { Lock, lockSuspension } from "./lock.ts";
import { attachPlace, type Handle, type Kind, openPlace, type Place, type PlaceOptions } from "./place.ts";
import { RLock, rlockSuspension } from "./rlock.ts";
import type { Suspended } from "./suspension.ts";
import { WaitList } from "./wait_list.ts";
import { OWN, ring } from "./word.ts";

const LAST_TICKET = OWN;
const USED = OWN + 1;
const FIRST_ENTRY = OWN + 2;
const MOST_WAITERS = 1024;
const LOCK = FIRST_ENTRY + MOST_WAITERS;
const KIND: Kind = { name: "Condition", size: LOCK + RLock.byteLength / Int32Array.BYTES_PER_ELEMENT };
const WAIT = "wait for Condition";

const ONE_TICKET = 4;
const THREAD = 1;
const PROMISE = 2;
const NOTIFIED = 3;

/** The word of a waiter. */
interface Entry {
  /** Index of the word. */
  readonly entry: number;
  /** Its value until the waiter is notified. */
  readonly waiting: number;
}

/** A waiter that has entered and given the lock back. */
interface Waiter extends Entry {
  readonly suspended: Suspended;
}

/** What `postMessage` and `workerData` carry to another thread, for `Condition.from()`. */
export interface ConditionHandle extends Handle {
  /** Handle of the condition's lock. */
  readonly lock: Handle;
}

/**
 * A lock together with waiters for a change of what it protects, for worker threads that share its memory. At most 1024
 * may wait at a time.
 *
 * @example
 * const changed = new Condition();
 * using _held = await changed.acquire();
 * await changed.waitFor(() => items.length > 0);
 */
export class Condition implements ConditionLike {
  /** Bytes that one takes in a buffer, with the lock that it makes when it is given none. */
  static readonly byteLength: number = KIND.size * Int32Array.BYTES_PER_ELEMENT;

  readonly #lock: Lock | RLock;
  readonly #place: Place;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #waits: WaitList;

  /**
   * Makes a condition, or opens the one that is at the place.
   * @param lock Its lock; an `RLock` of its own when absent.
   * @throws {TypeError} If the lock is neither `Lock` nor `RLock`.
   * @throws {MismatchError} If something else is at the place.
   */
  constructor(lock?: Lock | RLock, options: PlaceOptions = {}) {
    if (lock !== undefined && !(lock instanceof Lock) && !(lock instanceof RLock)) {
      throw new TypeError(`Cannot create Condition: lock must be a Lock or an RLock, got ${show(lock)}`);
    }
    this.#place = openPlace(KIND, options);
    const { buffer, byteOffset, words } = this.#place;
    this.#lock = lock ?? new RLock({ buffer, byteOffset: byteOffset + LOCK * Int32Array.BYTES_PER_ELEMENT });
    this.#words = words;
    this.#waits = new WaitList(words);
  }

  /** The condition that another thread's `handle` names. @throws {MismatchError} If it names another kind of object. */
  static from(handle: ConditionHandle): Condition {
    const place = attachPlace(KIND, handle);
    return new Condition(handle.lock?.kind === "Lock" ? Lock.from(handle.lock) : RLock.from(handle.lock), place);
  }

  /** What another thread needs to attach to this condition and its lock. */
  get handle(): ConditionHandle {
    return { ...this.#place.handle, lock: this.#lock.handle };
  }

  /** The lock that must be held around `wait` and `notify`. */
  get lock(): Lock | RLock {
    return this.#lock;
  }

  /** As `lock.acquire()`. */
  acquire(options?: WaitOptions): Promise<Guard> {
    return this.#lock.acquire(options);
  }

  /** As `lock.acquireSync()`. */
  acquireSync(options?: SyncWaitOptions): Guard {
    return this.#lock.acquireSync(options);
  }

  /** As `lock.tryAcquire()`. */
  tryAcquire(): Guard | undefined {
    return this.#lock.tryAcquire();
  }

  /** As `lock.release()`. */
  release(): void {
    this.#lock.release();
  }

  /**
   * Gives back the lock, all levels of it, blocks the thread until it is notified, and takes the lock again.
   * @returns False if the timeout passed first.
   * @throws {LockNotHeldError} If the lock is not held.
   * @throws {SegmentFullError} If 1024 wait already.
   */
  waitSync(options?: SyncWaitOptions): boolean {
    const timeout = checkTimeout(options, WAIT);
    const end = performance.now() + timeout;
    const waiter = this.#enter(THREAD);
    const { entry, waiting } = waiter;
    for (let left = timeout; left > 0 && Atomics.load(this.#words, entry) === waiting;) {
      Atomics.wait(this.#words, entry, waiting, left);
      left = end - performance.now();
    }
    const isNotified = this.#leave(waiter);
    waiter.suspended.resumeSync();
    return isNotified;
  }

  /**
   * Gives back the lock, all levels of it, waits until it is notified, and takes the lock again: true, or false if the
   * timeout passed first. Rejects as `waitSync()` throws, or with the signal's reason; with the lock held, too.
   */
  async wait(options?: WaitOptions): Promise<boolean> {
    const limits = limitsOf(options, WAIT);
    const waiter = this.#enter(PROMISE);
    const { entry, waiting, suspended } = waiter;
    try {
      await this.#waits.wait({
        ...limits,
        attempt: () => Atomics.load(this.#words, entry) !== waiting,
        grant: () => {},
        expire: () => {},
      });
    } catch (reason) {
      if (this.#leave(waiter)) this.#wake(1); // an aborted waiter takes no notification with it
      await suspended.resume();
      throw reason;
    }
    const isNotified = this.#leave(waiter);
    await suspended.resume();
    return isNotified;
  }

  /**
   * Waits, blocking the thread, until the predicate gives a truthy value. It is called with the lock held: at once,
   * after each notification, and once more when time has run out.
   * @returns The predicate's last value, falsy if the timeout, which is for the whole, passed first.
   */
  waitForSync<T>(predicate: () => T, options?: SyncWaitOptions): T {
    checkFunction(predicate, "predicate", WAIT);
    const left = countdown(checkTimeout(options, WAIT));
    this.#checkHeld(WAIT);
    let value = predicate();
    for (let timeout = left(); !value && timeout >= 0; timeout = left()) {
      this.waitSync({ timeout });
      value = predicate();
    }
    return value;
  }

  /** As `waitForSync()`, without blocking; the predicate may give a promise. Rejects with the signal's reason. */
  async waitFor<T>(predicate: () => T | Promise<T>, options?: WaitOptions): Promise<T> {
    checkFunction(predicate, "predicate", WAIT);
    const limits = limitsOf(options, WAIT);
    const left = countdown(limits.timeout);
    this.#checkHeld(WAIT);
    let value = await predicate();
    for (let timeout = left(); !value && timeout >= 0; timeout = left()) {
      await this.wait({ ...limits, timeout });
      value = await predicate();
    }
    return value;
  }

  /**
   * Wakes up to `count` waiters, the longest waiting first; nothing is stored when fewer wait.
   * @throws {LockNotHeldError} If the lock is not held.
   */
  notify(count: number = 1): void {
    const { MIN_SAFE_INTEGER: min, MAX_SAFE_INTEGER: max } = Number;
    checkInteger(count, { name: "count", min, max }, "notify Condition");
    this.#checkHeld("notify Condition");
    this.#wake(count);
  }

  /** Wakes all who wait now. @throws {LockNotHeldError} If the lock is not held. */
  notifyAll(): void {
    this.#checkHeld("notify Condition");
    this.#wake(Infinity);
  }

  #checkHeld(where: string): void {
    const lock = this.#lock;
    const isHeld = lock instanceof Lock ? lockSuspension.isHeld(lock) : rlockSuspension.isHeld(lock);
    if (!isHeld) throw new LockNotHeldError(`Cannot ${where}: its lock must be held`);
  }

  #enter(state: number): Waiter {
    this.#checkHeld(WAIT);
    const lock = this.#lock;
    const waiting = Atomics.add(this.#words, LAST_TICKET, ONE_TICKET) | state;
    const entry = this.#claim(waiting);
    const suspended = lock instanceof Lock ? lockSuspension.suspend(lock) : rlockSuspension.suspend(lock);
    return { entry, waiting, suspended };
  }

  #claim(waiting: number): number {
    for (let index = 0; index < MOST_WAITERS; index++) {
      Atomics.compareExchange(this.#words, USED, index, index + 1);
      const entry = FIRST_ENTRY + index;
      if (Atomics.compareExchange(this.#words, entry, 0, waiting) === 0) return entry;
    }
    throw new SegmentFullError(`Cannot ${WAIT}: ${MOST_WAITERS} wait already`);
  }

  /** Whether it was notified. */
  #leave({ entry, waiting }: Entry): boolean {
    if (Atomics.compareExchange(this.#words, entry, waiting, 0) === waiting) return false;
    Atomics.store(this.#words, entry, 0);
    return true;
  }

  #wake(count: number): void {
    let left = count;
    let rings = false;
    for (const { entry, waiting } of this.#oldestFirst()) {
      if (left <= 0) break;
      if (Atomics.compareExchange(this.#words, entry, waiting, waiting | NOTIFIED) !== waiting) continue;
      left--;
      if ((waiting & NOTIFIED) === THREAD) Atomics.notify(this.#words, entry);
      else rings = true;
    }
    if (rings) ring(this.#words);
  }

  /** A scan may miss who enters meanwhile, and yet find who enters after that one; then there is another scan. */
  #oldestFirst(): Entry[] {
    for (;;) {
      const last = Atomics.load(this.#words, LAST_TICKET);
      const found = this.#scan();
      if (Atomics.load(this.#words, LAST_TICKET) !== last) continue;
      return found.sort((a, b) => (a.waiting - b.waiting) | 0); // tickets wrap
    }
  }

  #scan(): Entry[] {
    const found: Entry[] = [];
    const end = FIRST_ENTRY + Atomics.load(this.#words, USED);
    for (let entry = FIRST_ENTRY; entry < end; entry++) {
      const waiting = Atomics.load(this.#words, entry);
      if (waiting !== 0 && (waiting & NOTIFIED) !== NOTIFIED) found.push({ entry, waiting });
    }
    return found;
  }
}
