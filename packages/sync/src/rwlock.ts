import {
  checkTimeout,
  type Guard,
  type LockLike,
  type PlaceOptions,
  type RWLockLike,
  type SyncWaitOptions,
  type WaitOptions,
} from "@lockstep/contract";
import { KIND } from "@lockstep/native";
import { attachState, closedState, Opened, openState, SharedObject } from "@lockstep/segment";

import { ReadGuard } from "./rwlock_guards.ts";
import { RWLockState } from "./rwlock_state.ts";

/**
 * A lock that many readers share, or one writer has alone, between all threads and processes that share it.
 *
 * Readers and writers that cannot go at once queue together: a waiting writer keeps later readers out, so none starves.
 * Therefore a reader must not take the read side again while it holds it: with a writer in between, both would wait for
 * ever. Read holds belong to the thread, and only it gives them back, as it does a write hold. A dead reader's share is
 * free at once; when a writer dies, the next holder of either side has `ownerDied`.
 *
 * @example
 * ```ts
 * import { RWLock } from "@lockstep/sync";
 *
 * const lock = new RWLock({ name: "settings" });
 * const guard = await lock.read.acquire();
 * try {
 *   // with other readers, but no writer
 * } finally {
 *   guard.release();
 * }
 * ```
 */
export class RWLock extends SharedObject implements RWLockLike {
  /** The side that any number of holders share while there is no writer. */
  readonly read: LockLike;
  /** The side that one holder has alone. */
  readonly write: LockLike;
  #state: RWLockState;
  readonly #sides: readonly [ReadSide, WriteSide];

  /**
   * Opens the lock of that name, or makes one.
   * @throws {TypeError | RangeError} If an option is not allowed.
   * @throws {MismatchError} If the name belongs to another kind of object.
   * @throws {SegmentFullError} If there is no room for it.
   */
  constructor(options: PlaceOptions = {}) {
    const state = openState(RWLockState, { kind: KIND.rwlock, where: "open RWLock" }, options);
    super(state);
    this.#state = state;
    const sides = [new ReadSide(state), new WriteSide(state)] as const;
    [this.read, this.write] = sides;
    this.#sides = sides;
  }

  /** The lock of that handle. @throws {InvalidStateError} If it is not there any more. */
  static from(handle: string): RWLock {
    return new RWLock(new Opened(attachState(RWLockState, KIND.rwlock, handle)));
  }

  /**
   * Turns this thread's write hold into a read hold without letting another writer in between; the write guard is
   * spent.
   * @throws {LockNotHeldError} If nobody holds the write side.
   * @throws {NotOwnerError} If another thread does.
   */
  downgrade(): Guard {
    return this.#state.downgrade();
  }

  /** As of every shared object; its sides are disposed with it. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#state = closedState(this.#state);
    for (const side of this.#sides) side.use(this.#state);
  }
}

class ReadSide implements LockLike {
  #state: RWLockState;

  constructor(state: RWLockState) {
    this.#state = state;
  }

  use(state: RWLockState): void {
    this.#state = state;
  }

  acquireSync(options?: SyncWaitOptions): Guard {
    const timeout = options === undefined ? Infinity : checkTimeout(options, "acquire RWLock.read");
    const state = this.#state;
    return state.tryRead() ? new ReadGuard(state, false) : state.readSync(timeout);
  }

  tryAcquire(): Guard | undefined {
    const state = this.#state;
    return state.tryRead() ? new ReadGuard(state, false) : state.tryReadSlow();
  }

  acquire(options?: WaitOptions): Promise<Guard> {
    return this.#state.readLater(options);
  }

  release(): void {
    this.#state.endAnyRead("release RWLock.read");
  }

  get locked(): boolean {
    this.#state.checkOpen("read RWLock.read.locked");
    return this.#state.hasReaders;
  }
}

class WriteSide implements LockLike {
  #state: RWLockState;

  constructor(state: RWLockState) {
    this.#state = state;
  }

  use(state: RWLockState): void {
    this.#state = state;
  }

  acquireSync(options?: SyncWaitOptions): Guard {
    const timeout = options === undefined ? Infinity : checkTimeout(options, "acquire RWLock.write");
    return this.#state.writeSync(timeout);
  }

  tryAcquire(): Guard | undefined {
    return this.#state.tryWrite();
  }

  acquire(options?: WaitOptions): Promise<Guard> {
    return this.#state.writeLater(options);
  }

  release(): void {
    this.#state.checkWriter("release RWLock.write");
    this.#state.endHold(this.#state.hold);
  }

  get locked(): boolean {
    this.#state.checkOpen("read RWLock.write.locked");
    return this.#state.isTaken && !this.#state.hasReaders;
  }
}
