import { type Guard, InvalidStateError, LockNotHeldError, NotOwnerError, type WaitOptions } from "@lockstep/contract";
import {
  attempt,
  check,
  FRESH,
  GONE,
  type Handle,
  LAYOUT,
  OK,
  OWNER_DIED,
  type Status,
  TIMED_OUT,
  UNAVAILABLE,
} from "@lockstep/native";
import {
  type Closable,
  type Found,
  inSlices,
  type Limits,
  limitsOf,
  POISON,
  remaining,
  timedOut,
  WaitList,
} from "@lockstep/segment";

import { LockWordState, NO_HOLD } from "./lock_word.ts";
import { ReadGuard, WriteGuard } from "./rwlock_guards.ts";

/** What a promise at the turnstile wants. */
interface Request {
  readonly side: "read" | "write";
  /** Of the whole wait: a writer goes on to wait for the readers. */
  readonly limits: Limits;
  readonly deadline: number;
}

/**
 * An `RWLock` as one thread has it. Protocol: `native/core/rwlock.cpp`; word 0 is the turnstile, word 1 the event count
 * on which a writer waits for readers, and this thread has a reader word somewhere, 0 or its owner id.
 *
 *     step              turnstile        reader word    guards
 *     read, fast        looked at: 0     0 -> me        + 1; the word is set with the first one
 *     read, slow        taken, released  me             + 1
 *     end read          -                me -> 0        - 1; the word is cleared with the last one
 *     write             taken            of all: 0      hold numbered as in lock_word.ts
 *     downgrade         released         me             + 1, the write hold is over
 */
export class RWLockState extends LockWordState<Request, Guard> {
  readonly #draining: WaitList<Status, Guard>;
  readonly #readers = new Set<ReadGuard>();
  #readerWords: Int32Array = POISON;
  #readerAt = 0;

  constructor(found: Found) {
    super(found);
    const { binding, native } = this;
    this.#draining = new WaitList<Status, Guard>({
      where: this.where,
      arm: () => binding.rwlockDrainArm(native),
      attempt: () => this.hasReaders ? UNAVAILABLE : OK, // or throws, for a lock disposed meanwhile
      disarm: () => void binding.rwlockDrainDisarm(native),
      grant: (turnstile) => new WriteGuard(this, turnstile === OWNER_DIED),
      expire: (_turnstile, timeout) => {
        this.#leaveTurnstile();
        throw timedOut(this.where, timeout);
      },
      abandon: () => this.#leaveTurnstile(),
    }, this);
  }

  // --- readers ---

  /** Marks this thread as a reader if no writer has or wants the lock. The caller makes the guard at once. */
  tryRead(): boolean {
    if (this.#readers.size > 0) return this.read(0) === 0;
    if (Atomics.compareExchange(this.#readerWords, this.#readerAt, 0, this.me) !== 0) return this.#tryFirstRead();
    if (Atomics.load(this.words, this.at) === 0) return true;
    this.binding.rwlockEndRead(this.native);
    return false;
  }

  /** The reader word is not known yet, or not to be had from here. */
  #tryFirstRead(): boolean {
    const [window, index] = attempt(() => this.binding.rwlockReaderWord(this.native), this.where);
    const words = this.segment?.words(window);
    if (words !== undefined) {
      this.#readerWords = words;
      this.#readerAt = index;
    }
    return check(this.binding.rwlockTryRead(this.native), this.where) === OK;
  }

  tryReadSlow(): Guard | undefined {
    const status = this.tryTake();
    return status === UNAVAILABLE ? undefined : this.#readInTurn(status);
  }

  readSync(timeout: number): Guard {
    if (timeout === Infinity && this.isMine) throw this.#neverEnds("this thread has the write side, or is to have it");
    return this.#readInTurn(this.takeSync(timeout));
  }

  async readLater(options: WaitOptions | undefined): Promise<Guard> {
    const limits = limitsOf(options, this.where);
    if (this.list.length === 0 && this.tryRead()) return new ReadGuard(this, false);
    return await this.list.start({ side: "read", limits, deadline: Infinity }, limits);
  }

  /** This thread has the turnstile: no writer is inside. */
  #readInTurn(status: Status): ReadGuard {
    try {
      return this.#startReading(status);
    } finally {
      this.#leaveTurnstile();
    }
  }

  #startReading(status: Status): ReadGuard {
    check(this.binding.rwlockMark(this.native), this.where);
    return new ReadGuard(this, status === OWNER_DIED);
  }

  /**
   * All that follows from having the turnstile begins in this turn: the promise may have to wait long for its own. A
   * reader leaves the turnstile, and who calls this has the list look at the next one; a writer waits for the readers.
   */
  grant(request: Request, status: Status): Guard | Promise<Guard> {
    if (request.side === "write") return this.#drain(request, status);
    try {
      return this.#startReading(status);
    } finally {
      this.binding.lockRelease(this.native);
    }
  }

  /** A wait that ends before all readers have left leaves the turnstile. */
  #drain({ limits, deadline }: Request, status: Status): Guard | Promise<Guard> {
    if (!this.hasReaders) return new WriteGuard(this, status === OWNER_DIED);
    return this.#draining.wait(status, remaining(limits, deadline, this.binding.now()));
  }

  override afterHandOver(): void {
    if (this.list.length > 0 && !this.isMine) this.list.look(FRESH);
  }

  /** For guards. */
  startRead(guard: ReadGuard): void {
    this.#readers.add(guard);
  }

  /** For guards, which must never fail. */
  endRead(guard: ReadGuard): void {
    if (!this.#readers.delete(guard) || this.#readers.size > 0) return;
    if (Atomics.compareExchange(this.#readerWords, this.#readerAt, this.me, 0) !== this.me) this.#endReadSlow();
    else if ((this.read(1) & LAYOUT.countWaiters) !== 0) this.binding.rwlockWakeWriter(this.native);
  }

  #endReadSlow(): void {
    const end = (native: Handle): Status => this.binding.rwlockEndRead(native);
    if (end(this.native) === GONE) this.giveBackDetached(end);
  }

  /** Ends the oldest read hold of this thread. */
  endAnyRead(where: string): void {
    const [oldest] = this.#readers;
    if (oldest !== undefined) return this.endRead(oldest);
    this.checkOpen(where);
    if (this.hasReaders) throw new NotOwnerError(`Cannot ${where}: other threads hold it, this one does not`);
    throw new LockNotHeldError(`Cannot ${where}: nobody holds it`);
  }

  get hasReaders(): boolean {
    return check(this.binding.rwlockHasReaders(this.native), `use ${this.label}`) === 1;
  }

  // --- writers ---

  tryWrite(): Guard | undefined {
    const status = this.tryTake();
    if (status === UNAVAILABLE) return undefined;
    if (!this.hasReaders) return new WriteGuard(this, status === OWNER_DIED);
    this.#leaveTurnstile();
    return undefined;
  }

  writeSync(timeout: number): Guard {
    const isForEver = timeout === Infinity;
    if (isForEver && this.isMine) throw this.#neverEnds("this thread has the write side, or is to have it");
    if (isForEver && this.#readers.size > 0) throw this.#neverEnds("this thread has the read side");
    const { binding, native } = this;
    const deadline = isForEver ? Infinity : binding.now() + timeout;
    const status = this.takeSync(timeout);
    const drained = inSlices(() => binding.rwlockDrain(native, deadline));
    if (drained !== OK) this.#leaveTurnstile();
    if (drained === TIMED_OUT) throw timedOut(this.where, timeout);
    check(drained, this.where);
    return new WriteGuard(this, status === OWNER_DIED);
  }

  async writeLater(options: WaitOptions | undefined): Promise<Guard> {
    const limits = limitsOf(options, this.where);
    const deadline = this.binding.now() + limits.timeout;
    return await this.list.start({ side: "write", limits, deadline }, limits);
  }

  downgrade(): Guard {
    this.checkWriter("downgrade RWLock");
    check(this.binding.rwlockMark(this.native), "downgrade RWLock");
    const guard = new ReadGuard(this, false);
    this.endHold(this.hold);
    return guard;
  }

  checkWriter(where: string): void {
    if (this.hold !== NO_HOLD) return;
    this.checkOpen(where);
    if (this.isTaken && !this.hasReaders) {
      throw new NotOwnerError(`Cannot ${where}: another thread holds the write side`);
    }
    throw new LockNotHeldError(`Cannot ${where}: nobody holds the write side`);
  }

  #leaveTurnstile(): void {
    if (Atomics.compareExchange(this.words, this.at, this.me, 0) !== this.me) this.giveBackSlow();
  }

  #neverEnds(reason: string): InvalidStateError {
    return new InvalidStateError(`Cannot ${this.where}: ${reason}, the wait could never end`);
  }

  override get hasHolds(): boolean {
    return super.hasHolds || this.#readers.size > 0;
  }

  override describe(): string {
    if (this.hasReaders) return "read-locked";
    return this.isTaken ? "write-locked" : "unlocked";
  }

  override waits(): Iterable<Closable> {
    return [this.list, this.#draining];
  }

  override close(): void {
    this.#readerWords = POISON;
    this.#readerAt = 0;
    super.close();
  }
}
