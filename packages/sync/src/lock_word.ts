import { LockNotHeldError } from "@lockstep/contract";
import {
  check,
  FRESH,
  GONE,
  type Handle,
  LAYOUT,
  NOT_HELD,
  OK,
  OWNER_DIED,
  type Status,
  TIMED_OUT,
  UNAVAILABLE,
  type Urgency,
} from "@lockstep/native";
import { type Closable, holderOf, inSlices, ObjectState, timedOut, type Waitable, WaitList } from "@lockstep/segment";

/** The value of `hold` while this thread has none. */
export const NO_HOLD = -1;

const HOLD_NUMBERS = 0x3fffffff; // small integers in every V8

/**
 * The lock word of a Lock, an RLock, or the turnstile of an RWLock, as one thread uses it. Protocol of the word:
 * `native/core/lock_word.cpp`.
 *
 *     step            word           hold            who
 *     take            0 -> me        new number      acquireSync, tryAcquire, acquire
 *     give back       me -> 0        none            the guard with that number, or release()
 *     hand over       stays me       new number      a give-back while a promise of this thread waits
 *
 * A guard keeps the number of its hold, so that it can only ever give back that one.
 */
export abstract class LockWordState<R, T> extends ObjectState implements Waitable<R, T> {
  /** Number of the present hold of this thread. */
  hold: number = NO_HOLD;
  /** Number of the last hold that a condition suspended and took back from an owner that had died. */
  diedHold: number = NO_HOLD;
  /** Promises of this thread that wait for the word. */
  readonly list: WaitList<R, T> = new WaitList(this, this);
  #holds = 0;

  get where(): string {
    return `acquire ${this.label}`;
  }

  /** What a promise gets that was given the word. */
  abstract grant(request: R, status: Status): T | PromiseLike<T>;

  override get hasHolds(): boolean {
    return this.hold !== NO_HOLD;
  }

  /** Numbers the hold that this thread has just got. */
  startHold(): number {
    return this.hold = this.#holds = (this.#holds + 1) & HOLD_NUMBERS;
  }

  /** Goes on with a hold that was suspended. */
  resumeHold(hold: number, status: Status): void {
    this.hold = hold;
    if (status === OWNER_DIED) this.diedHold = hold;
  }

  /** Ends that hold if it is still the present one. For guards, which must never fail. */
  endHold(hold: number): void {
    if (hold !== this.hold) return;
    this.hold = NO_HOLD;
    if (Atomics.compareExchange(this.words, this.at, this.me, 0) !== this.me) this.giveBackSlow();
  }

  /** Ends the hold of whoever has it. @throws {LockNotHeldError} If nobody does. */
  endAnyHold(where: string): void {
    this.hold = NO_HOLD;
    if (Atomics.compareExchange(this.words, this.at, this.me, 0) === this.me) return;
    this.#checkHeld(this.#giveBack((native) => this.binding.lockReleaseAny(native)), where);
  }

  #checkHeld(status: Status, where: string): void {
    if (check(status, where) === NOT_HELD) throw new LockNotHeldError(`Cannot ${where}: nobody holds it`);
  }

  /** As `endHold`, by a thread that is going to block: promises of its own are passed over. */
  endHoldForOthers(hold: number): void {
    if (hold !== this.hold) return;
    this.hold = NO_HOLD;
    this.binding.lockRelease(this.native);
  }

  /** As `endAnyHold`, by a thread that is going to block. @throws {LockNotHeldError} If nobody holds it. */
  endAnyHoldForOthers(where: string): void {
    this.hold = NO_HOLD;
    this.#checkHeld(this.binding.lockReleaseAny(this.native), where);
  }

  /** Takes the word without waiting: OK, OWNER_DIED or UNAVAILABLE. */
  tryTake(): Status {
    if (Atomics.compareExchange(this.words, this.at, 0, this.me) === 0) return OK;
    return check(this.binding.lockTry(this.native), this.where);
  }

  /** Takes the word, blocking the thread: OK or OWNER_DIED. @throws {TimeoutError} */
  takeSync(timeout: number): Status {
    const status = timeout === 0 ? this.tryTake() : this.#takeSync(timeout);
    if (status === TIMED_OUT || status === UNAVAILABLE) throw timedOut(this.where, timeout);
    return check(status, this.where);
  }

  #takeSync(timeout: number): Status {
    const { binding, native } = this;
    const since = binding.now();
    return inSlices(() => binding.lockAcquire(native, since + timeout, since));
  }

  /** Whether anybody, alive or dead, holds the word. A word granted to a waiter counts as held. */
  get isTaken(): boolean {
    const holder = holderOf(this.read(0));
    return holder !== 0 && holder !== LAYOUT.abandoned;
  }

  get isMine(): boolean {
    return holderOf(this.read(0)) === this.me;
  }

  attempt(): Status {
    return this.tryTake();
  }

  expire(_request: R, timeout: number): T {
    throw timedOut(this.where, timeout);
  }

  arm(_request: R, urgency: Urgency): Status {
    // Whoever starves in this thread is served by this thread's own release.
    return this.binding.lockArm(this.native, urgency !== FRESH && this.isMine ? FRESH : urgency);
  }

  disarm(): void {
    this.binding.lockDisarm(this.native);
  }

  override describe(): string {
    return this.isTaken ? "locked" : "unlocked";
  }

  override waits(): Iterable<Closable> {
    return [this.list];
  }

  /** Ends the hold of this thread, when the compare-exchange that would have done it has failed. */
  giveBackSlow(): void {
    const release = (native: Handle): Status => this.binding.lockRelease(native);
    if (this.#giveBack(release) === GONE) this.giveBackDetached(release);
  }

  /** The word went to a promise of this thread, which may be done with it. */
  afterHandOver(): void {}

  /** Somebody waits, or the hold is not this thread's, or the words are not to be had from here. */
  #giveBack(release: (native: Handle) => Status): Status {
    if (this.list.length > 0 && this.#mayHandOver() && this.list.handOver(OK)) {
      this.afterHandOver();
      return OK;
    }
    const status = release(this.native);
    if (this.list.length > 0) this.list.look(FRESH);
    return status;
  }

  /** Not while a waiter of another thread starves. */
  #mayHandOver(): boolean {
    const word = this.read(0);
    return holderOf(word) === this.me && (word & LAYOUT.starving) === 0;
  }
}
