import {
  checkTimeout,
  endOwner,
  type Guard,
  InvalidStateError,
  isOwner,
  type LockLike,
  LockNotHeldError,
  NotOwnerError,
  OwnerContext,
  type PlaceOptions,
  type SyncWaitOptions,
  THREAD_OWNER,
  type WaitOptions,
} from "@lockstep/contract";
import { KIND, OK, OWNER_DIED, type Status, UNAVAILABLE } from "@lockstep/native";
import { attachState, closedState, limitsOf, Opened, openState, SharedObject } from "@lockstep/segment";

import type { ConditionLock } from "./condition_state.ts";
import { LockWordState, NO_HOLD } from "./lock_word.ts";

/** Gives a condition the state of its lock. */
export let rlockStateOf: (lock: RLock) => RLockState;

/**
 * A lock that its owner may take again, and has to release as often.
 *
 * The owner of what `acquireSync` and `tryAcquire` took is the thread: all code that runs in it. The owner of what
 * `acquire` took is the async task that awaited it, and what that task calls: another task of the same thread waits.
 * Only the owner may release. When the owner's thread or process dies, all its levels are given back at once and the
 * next owner's guard says `ownerDied`.
 *
 * @example
 * ```ts
 * import { RLock } from "@lockstep/sync";
 *
 * const lock = new RLock();
 * const outer = lock.acquireSync();
 * const inner = lock.acquireSync();
 * inner.release();
 * outer.release();
 * ```
 */
export class RLock extends SharedObject implements LockLike {
  #state: RLockState;

  static {
    rlockStateOf = (lock) => lock.#state;
  }

  /**
   * Opens the lock of that name, or makes one.
   * @throws {TypeError | RangeError} If an option is not allowed.
   * @throws {MismatchError} If the name belongs to another kind of object.
   * @throws {SegmentFullError} If there is no room for it.
   */
  constructor(options: PlaceOptions = {}) {
    const state = openState(RLockState, { kind: KIND.rlock, where: "open RLock" }, options);
    super(state);
    this.#state = state;
  }

  /** The lock of that handle. @throws {InvalidStateError} If it is not there any more. */
  static from(handle: string): RLock {
    return new RLock(new Opened(attachState(RLockState, KIND.rlock, handle)));
  }

  /**
   * Takes the lock once more, blocking the thread until it is free or owned by the caller.
   * @throws {TimeoutError} If the timeout passes first.
   * @throws {InvalidStateError} If another task of this thread owns it and there is no timeout: that could never end.
   */
  acquireSync(options?: SyncWaitOptions): Guard {
    const timeout = options === undefined ? Infinity : checkTimeout(options, "acquire RLock");
    const state = this.#state;
    const isFree = Atomics.compareExchange(state.words, state.at, 0, state.me) === 0;
    return isFree ? state.grant(FOR_THREAD, OK) : state.acquireSlow(timeout);
  }

  /** Takes the lock once more if it is free, or owned by the caller. */
  tryAcquire(): Guard | undefined {
    const state = this.#state;
    if (state.isHeldByCaller()) return state.enterAgain();
    const status = state.depth > 0 ? UNAVAILABLE : state.tryTake();
    return status === UNAVAILABLE ? undefined : state.grant(FOR_THREAD, status);
  }

  /**
   * Takes the lock once more for the calling task, without blocking the thread; the pending promise keeps the process
   * alive. Rejects with `TimeoutError` if the timeout passes first, with the signal's reason if it is aborted.
   */
  acquire(options?: WaitOptions): Promise<Guard> {
    const state = this.#state;
    if (state.isHeldByCaller()) return state.acquireAgain(options);
    const context = OwnerContext.enter();
    return context.deliver(state.list.start({ owner: context.owner, depth: 1, hold: NO_HOLD, context }, options));
  }

  /**
   * Gives one level back.
   * @throws {LockNotHeldError} If nobody holds it.
   * @throws {NotOwnerError} If another thread or task does.
   */
  release(): void {
    this.#state.leave("release RLock");
  }

  /** Whether anybody holds it at this moment. */
  get locked(): boolean {
    this.#state.checkOpen("read RLock.locked");
    return this.#state.isTaken;
  }

  /** As of every shared object. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#state = closedState(this.#state);
  }
}

/** A hold as a promise wants it, or as it was before a condition let go of it. */
interface Claim {
  owner: number;
  depth: number;
  /** NO_HOLD: a new one. */
  hold: number;
  context: OwnerContext | undefined;
}

const FOR_THREAD: Claim = { owner: THREAD_OWNER, depth: 1, hold: NO_HOLD, context: undefined };

/**
 * An `RLock` as one thread has it. The word in shared memory says which thread holds it; who in the thread, and how
 * often, is known here alone. Out of step they cannot get: nobody else releases it, and with the thread both end.
 */
export class RLockState extends LockWordState<Claim, RLockGuard> implements ConditionLock {
  depth = 0;
  #owner = THREAD_OWNER;

  grant({ owner, depth, hold, context }: Claim, status: Status): RLockGuard {
    this.#owner = owner;
    this.depth = depth;
    if (hold === NO_HOLD) this.startHold();
    else this.resumeHold(hold, status);
    return new RLockGuard(this, status === OWNER_DIED, context);
  }

  isHeldByCaller(): boolean {
    return this.depth > 0 && isOwner(this.#owner);
  }

  enterAgain(): RLockGuard {
    this.depth++;
    return new RLockGuard(this, false, undefined);
  }

  acquireSlow(timeout: number): RLockGuard {
    if (this.isHeldByCaller()) return this.enterAgain();
    if (this.depth > 0 && timeout === Infinity) {
      throw new InvalidStateError(
        `Cannot ${this.where}: another task of this thread owns it, the wait could never end`,
      );
    }
    return this.grant(FOR_THREAD, this.takeSync(timeout));
  }

  async acquireAgain(options: WaitOptions | undefined): Promise<RLockGuard> {
    limitsOf(options, this.where);
    return await Promise.resolve(this.enterAgain());
  }

  /** One level less, by its owner. */
  leave(where: string): void {
    this.#checkOwner(where);
    if (--this.depth > 0) return;
    endOwner(this.#owner);
    this.endHold(this.hold);
  }

  letGo(where: string): () => Promise<void> {
    const claim = this.#suspend(where);
    this.endHold(claim.hold);
    return async () => void await this.list.start(claim, undefined);
  }

  letGoSync(where: string): () => void {
    const claim = this.#suspend(where);
    this.endHoldForOthers(claim.hold);
    return () => void this.grant(claim, this.takeSync(Infinity));
  }

  /** The hold as it is to be again. */
  #suspend(where: string): Claim {
    this.#checkOwner(where);
    const claim: Claim = { owner: this.#owner, depth: this.depth, hold: this.hold, context: undefined };
    this.depth = 0;
    return claim;
  }

  #checkOwner(where: string): void {
    if (this.isHeldByCaller()) return;
    this.checkOpen(where);
    if (this.isTaken) throw new NotOwnerError(`Cannot ${where}: another thread or task holds it`);
    throw new LockNotHeldError(`Cannot ${where}: nobody holds it`);
  }
}

class RLockGuard implements Guard {
  private readonly state: RLockState;
  private readonly hold: number;
  private readonly foundDead: boolean;
  private readonly context: OwnerContext | undefined;
  private isSpent = false;

  constructor(state: RLockState, foundDead: boolean, context: OwnerContext | undefined) {
    this.state = state;
    this.hold = state.hold;
    this.foundDead = foundDead;
    this.context = context;
  }

  get ownerDied(): boolean {
    return this.foundDead || this.state.diedHold === this.hold;
  }

  release(): void {
    if (this.isSpent || this.hold !== this.state.hold) return;
    this.state.leave("release RLock");
    this.isSpent = true;
  }

  /** Whoever reads this, as `using` does, has the guard and is the task that owns the hold. */
  get [Symbol.dispose](): () => void {
    this.context?.claim();
    return () => this.release();
  }
}
