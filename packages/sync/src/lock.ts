import {
  checkTimeout,
  type Guard,
  type LockLike,
  type PlaceOptions,
  type SyncWaitOptions,
  type WaitOptions,
} from "@lockstep/contract";
import { KIND, OWNER_DIED, type Status, UNAVAILABLE } from "@lockstep/native";
import { attachState, closedState, Opened, openState, SharedObject } from "@lockstep/segment";

import type { ConditionLock } from "./condition_state.ts";
import { LockWordState, NO_HOLD } from "./lock_word.ts";

const ACQUIRE = "acquire Lock";

/** Gives a condition the state of its lock. */
export let lockStateOf: (lock: Lock) => LockState;

/**
 * Mutual exclusion between all threads and processes that share it: one holder at a time.
 *
 * It is not reentrant: a holder that acquires again waits for itself. Anyone may `release()` it, as in Python; a guard
 * gives back only its own hold. When the holder's thread or process dies, the next one gets the lock at once, with
 * `ownerDied` on its guard. Waiters are not served strictly in order, but none is passed over for long.
 *
 * @example
 * ```ts
 * import { Lock } from "@lockstep/sync";
 *
 * const lock = new Lock({ name: "ledger" });
 * const guard = await lock.acquire({ timeout: 500 });
 * try {
 *   // alone, in whatever process of this user
 * } finally {
 *   guard.release();
 * }
 * ```
 */
export class Lock extends SharedObject implements LockLike {
  #state: LockState;

  static {
    lockStateOf = (lock) => lock.#state;
  }

  /**
   * Opens the lock of that name, or makes one.
   * @throws {TypeError | RangeError} If an option is not allowed.
   * @throws {MismatchError} If the name belongs to another kind of object.
   * @throws {SegmentFullError} If there is no room for it.
   */
  constructor(options: PlaceOptions = {}) {
    const state = openState(LockState, { kind: KIND.lock, where: "open Lock" }, options);
    super(state);
    this.#state = state;
  }

  /** The lock of that handle. @throws {InvalidStateError} If it is not there any more. */
  static from(handle: string): Lock {
    return new Lock(new Opened(attachState(LockState, KIND.lock, handle)));
  }

  /**
   * Takes the lock, blocking the thread until it is free.
   * @throws {TimeoutError} If the timeout passes first.
   */
  acquireSync(options?: SyncWaitOptions): Guard {
    const timeout = options === undefined ? Infinity : checkTimeout(options, ACQUIRE);
    const state = this.#state;
    const isFree = Atomics.compareExchange(state.words, state.at, 0, state.me) === 0;
    return new LockGuard(state, isFree ? false : state.takeSync(timeout) === OWNER_DIED);
  }

  /** Takes the lock if it is free now. */
  tryAcquire(): Guard | undefined {
    const status = this.#state.tryTake();
    return status === UNAVAILABLE ? undefined : new LockGuard(this.#state, status === OWNER_DIED);
  }

  /**
   * Takes the lock without blocking the thread; the pending promise keeps the process alive.
   * Rejects with `TimeoutError` if the timeout passes first, with the signal's reason if it is aborted.
   */
  acquire(options?: WaitOptions): Promise<Guard> {
    const state = this.#state;
    if (options === undefined && state.list.length === 0) {
      const isFree = Atomics.compareExchange(state.words, state.at, 0, state.me) === 0;
      if (isFree) return Promise.resolve(new LockGuard(state, false));
    }
    return state.list.start(NO_HOLD, options);
  }

  /** Gives the lock back, whoever holds it. @throws {LockNotHeldError} If nobody does. */
  release(): void {
    this.#state.endAnyHold("release Lock");
  }

  /** Whether anybody holds it at this moment. */
  get locked(): boolean {
    this.#state.checkOpen("read Lock.locked");
    return this.#state.isTaken;
  }

  /** As of every shared object. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#state = closedState(this.#state);
  }
}

/**
 * A `Lock` as one thread has it. What a promise requests is the number of the hold to go on with, or NO_HOLD for a new
 * one.
 */
export class LockState extends LockWordState<number, LockGuard> implements ConditionLock {
  grant(hold: number, status: Status): LockGuard {
    const guard = new LockGuard(this, status === OWNER_DIED);
    if (hold !== NO_HOLD) this.resumeHold(hold, status);
    return guard;
  }

  /** As in Python, held by anyone. */
  isHeldByCaller(): boolean {
    return this.isTaken;
  }

  letGo(where: string): () => Promise<void> {
    const { hold } = this;
    this.endAnyHold(where);
    return async () => void await this.list.start(hold, undefined);
  }

  letGoSync(where: string): () => void {
    const { hold } = this;
    this.endAnyHoldForOthers(where);
    return () => void this.grant(hold, this.takeSync(Infinity));
  }
}

class LockGuard implements Guard {
  private readonly state: LockState;
  private readonly hold: number;
  private readonly foundDead: boolean;

  constructor(state: LockState, foundDead: boolean) {
    this.state = state;
    this.hold = state.startHold();
    this.foundDead = foundDead;
  }

  get ownerDied(): boolean {
    return this.foundDead || this.state.diedHold === this.hold;
  }

  release(): void {
    this.state.endHold(this.hold);
  }

  [Symbol.dispose](): void {
    this.state.endHold(this.hold);
  }
}
