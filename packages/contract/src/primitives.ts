import type { Guard } from "./guard.ts";
import type { CountOptions, SyncWaitOptions, WaitOptions } from "./options.ts";

/** What can be held by one at a time: `Lock`, `RLock`, and the two sides of an `RWLock`. */
export interface LockLike {
  /** Takes it without blocking the thread. Rejects with `TimeoutError`, or with the signal's reason. */
  acquire(options?: WaitOptions): Promise<Guard>;
  /** Takes it, blocking the thread until it is free. @throws {TimeoutError} If the timeout passes first. */
  acquireSync(options?: SyncWaitOptions): Guard;
  /** Takes it if that needs no waiting. */
  tryAcquire(): Guard | undefined;
  /** Gives back the present hold. @throws {LockNotHeldError} If nobody holds it. */
  release(): void;
  /** Whether anybody holds it at this moment. */
  readonly locked: boolean;
}

/** A lock that many readers share or one writer has alone. */
export interface RWLockLike {
  /** The side that any number of holders share while there is no writer. */
  readonly read: LockLike;
  /** The side that one holder has alone. */
  readonly write: LockLike;
  /**
   * Turns the write hold into a read hold without letting another writer in between; the write guard is spent by it.
   * @throws {LockNotHeldError} If nobody holds the write side.
   */
  downgrade(): Guard;
}

/** A count of permits: `Semaphore` and `BoundedSemaphore`. */
export interface SemaphoreLike {
  /** Takes permits without blocking the thread. Rejects with `TimeoutError`, or with the signal's reason. */
  acquire(options?: WaitOptions & CountOptions): Promise<Guard>;
  /** Takes permits, blocking the thread until there are enough. @throws {TimeoutError} If the timeout passes first. */
  acquireSync(options?: SyncWaitOptions & CountOptions): Guard;
  /** Takes permits if that needs no waiting. */
  tryAcquire(options?: CountOptions): Guard | undefined;
  /** Adds permits, 1 when `count` is absent. @throws {SemaphoreBoundError} If that would pass the bound. */
  release(count?: number): void;
  /** Permits that are free at this moment. */
  readonly value: number;
}

/** A lock together with a queue of waiters for a change of what the lock protects. */
export interface ConditionLike {
  /** The lock that must be held around `wait` and `notify`. */
  readonly lock: LockLike;
  /** As `lock.acquire()`. */
  acquire(options?: WaitOptions): Promise<Guard>;
  /** As `lock.acquireSync()`. */
  acquireSync(options?: SyncWaitOptions): Guard;
  /** As `lock.tryAcquire()`. */
  tryAcquire(): Guard | undefined;
  /** As `lock.release()`. */
  release(): void;
  /** Lets go of the lock, waits for a notification, takes the lock again: true if notified, false if time ran out. */
  wait(options?: WaitOptions): Promise<boolean>;
  /** As `wait()`, blocking the thread. */
  waitSync(options?: SyncWaitOptions): boolean;
  /** Waits until the predicate gives a truthy value, and gives its last value; the timeout is for the whole. */
  waitFor<T>(predicate: () => T | Promise<T>, options?: WaitOptions): Promise<T>;
  /** As `waitFor()`, blocking the thread. */
  waitForSync<T>(predicate: () => T, options?: SyncWaitOptions): T;
  /** Wakes up to `count` waiters, 1 when absent, the longest waiting first; nothing is stored when nobody waits. */
  notify(count?: number): void;
  /** Wakes all who wait now. */
  notifyAll(): void;
}

/** A flag to wait for. */
export interface EventLike {
  /** Whether the flag is up. */
  readonly isSet: boolean;
  /** Raises the flag and wakes all who wait, even if `clear()` follows at once. */
  set(): void;
  /** Lowers the flag. */
  clear(): void;
  /** Waits until the flag is up: true, or false if time ran out. */
  wait(options?: WaitOptions): Promise<boolean>;
  /** As `wait()`, blocking the thread. */
  waitSync(options?: SyncWaitOptions): boolean;
}

/** A point that a fixed number of parties pass together, again and again. */
export interface BarrierLike {
  /** Waits for all parties; gives 0 to `parties` - 1, each to one party. Running out of time breaks the barrier. */
  wait(options?: WaitOptions): Promise<number>;
  /** As `wait()`, blocking the thread. */
  waitSync(options?: SyncWaitOptions): number;
  /** Sends those who wait away with `BrokenBarrierError` and makes the barrier usable again. */
  reset(): void;
  /** Breaks the barrier for those who wait and all who come, until `reset()`. */
  abort(): void;
  /** How many must arrive. */
  readonly parties: number;
  /** How many have arrived and wait. */
  readonly waiting: number;
  /** Whether the barrier is broken. */
  readonly broken: boolean;
}
