// PROTOCOL. One word; ASLEEP and PENDING as in `word.ts`.
//
//      31       30        29       28       27 ................ 0
//     +--------+---------+--------+--------+---------------------+
//     | ASLEEP | PENDING | WRITER | WANTED | readers, or writer  |
//     +--------+---------+--------+--------+---------------------+
//
//     step               change                            only while
//     read               readers + 1                       neither WRITER nor WANTED
//     write              WRITER and ME                     neither readers nor WRITER
//     wait to write      WANTED, ASLEEP or PENDING         readers or WRITER
//     stop reading       readers - 1; after the last: 0, wake all
//     stop writing       0, wake all
//     downgrade          1 reader, wake all                WRITER and ME
//     give up writing    WANTED and bits away, wake all
//
// WANTED keeps new readers out, so that writers get their turn. Whoever clears it wakes all who wait, and a writer that
// still waits sets it again. HOLD is the number of the write hold, as in `lock_word.ts`.
import { checkTimeout, type Guard, InvalidStateError, type LockLike, LockNotHeldError } from "@lockstep/contract";
import { NotOwnerError } from "@lockstep/contract";
import type { RWLockLike, SyncWaitOptions, WaitOptions } from "@lockstep/contract";
import { HOLD, isMe, OWN_OF_LOCK, startHold } from "./lock_word.ts";
import { attachPlace, type Handle, type Kind, openPlace, type Place, type PlaceOptions } from "./place.ts";
import { takeLater, takeSlow, type Taking } from "./taking.ts";
import { ME, THREAD_BITS } from "./thread_number.ts";
import { WaitList } from "./wait_list.ts";
import { attempt, STATE, wake, type Want, WORD } from "./word.ts";

const WRITER = 1 << 29;
const WANTED = 1 << 28;
const COUNT = THREAD_BITS;
const I_WRITE = WRITER | ME;
const KIND: Kind = { name: "RWLock", size: OWN_OF_LOCK };
const READ = "acquire RWLock.read";
const WRITE = "acquire RWLock.write";

const TO_READ: Want = {
  take: (seen) => (seen & (WRITER | WANTED)) === 0 ? seen + 1 : undefined,
  bits: 0,
  isSingle: false,
};
const TO_WRITE: Want = {
  take: (seen) => (seen & (WRITER | COUNT)) === 0 ? seen | I_WRITE : undefined,
  bits: WANTED,
  isSingle: false,
};

/**
 * A lock that many readers share or one writer has alone, for worker threads that share its memory.
 *
 * A waiting writer keeps new readers out; so a reader that acquires again can wait for itself, and so can a reader that
 * wants to write. A write hold belongs to the thread, and only it gives it back. Read holds are a count: they belong to
 * nobody. A thread that ends while it holds leaves its hold; `@lockstep/sync` recovers from that.
 *
 * @example
 * const lock = new RWLock();
 * using _reading = await lock.read.acquire();
 */
export class RWLock implements RWLockLike {
  /** Bytes that one takes in a buffer. */
  static readonly byteLength: number = KIND.size * Int32Array.BYTES_PER_ELEMENT;

  /** The side that any number of holders share while nobody writes. */
  readonly read: LockLike;
  /** The side that one holder has alone. */
  readonly write: LockLike;
  readonly #place: Place;

  /** Makes a free lock, or opens the one that is at the place. @throws {MismatchError} If something else is there. */
  constructor(options: PlaceOptions = {}) {
    this.#place = openPlace(KIND, options);
    const { words } = this.#place;
    const waits = new WaitList(words);
    this.read = new ReadSide(words, waits);
    this.write = new WriteSide(words, waits);
  }

  /** The lock that another thread's `handle` names. @throws {MismatchError} If it names another kind of object. */
  static from(handle: Handle): RWLock {
    return new RWLock(attachPlace(KIND, handle));
  }

  /** What another thread needs to attach to this lock. */
  get handle(): Handle {
    return this.#place.handle;
  }

  /**
   * Turns this thread's write hold into a read hold without letting another writer in between; the write guard is
   * spent.
   * @throws {LockNotHeldError} If nobody writes.
   * @throws {NotOwnerError} If another thread writes.
   */
  downgrade(): Guard {
    const { words } = this.#place;
    if (stopWriting(words, 1)) return new ReadGuard(words);
    throw notMine(words, "downgrade RWLock");
  }
}

class ReadSide implements LockLike {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #waits: WaitList;
  readonly #taking: Taking<Guard>;

  constructor(words: Int32Array<SharedArrayBuffer>, waits: WaitList) {
    this.#words = words;
    this.#waits = waits;
    this.#taking = { want: TO_READ, where: READ, grant: () => new ReadGuard(words) };
  }

  acquireSync(options?: SyncWaitOptions): Guard {
    const timeout = options === undefined ? Infinity : checkTimeout(options, READ);
    if (Atomics.compareExchange(this.#words, WORD, 0, 1) === 0) return new ReadGuard(this.#words);
    checkEnds(this.#words, timeout, READ);
    return takeSlow(this.#words, timeout, this.#taking);
  }

  tryAcquire(): Guard | undefined {
    return attempt(this.#words, TO_READ) ? new ReadGuard(this.#words) : undefined;
  }

  acquire(options?: WaitOptions): Promise<Guard> {
    return takeLater(this.#words, this.#waits, options, this.#taking);
  }

  release(): void {
    if (!stopReading(this.#words)) throw new LockNotHeldError("Cannot release RWLock.read: nobody holds it");
  }

  get locked(): boolean {
    const seen = Atomics.load(this.#words, WORD);
    return (seen & WRITER) === 0 && (seen & COUNT) !== 0;
  }
}

class WriteSide implements LockLike {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #waits: WaitList;
  readonly #taking: Taking<Guard>;

  constructor(words: Int32Array<SharedArrayBuffer>, waits: WaitList) {
    this.#words = words;
    this.#waits = waits;
    this.#taking = {
      want: TO_WRITE,
      where: WRITE,
      grant: () => new WriteGuard(words),
      giveUp: () => stopWanting(words),
    };
  }

  acquireSync(options?: SyncWaitOptions): Guard {
    const timeout = options === undefined ? Infinity : checkTimeout(options, WRITE);
    if (Atomics.compareExchange(this.#words, WORD, 0, I_WRITE) === 0) return new WriteGuard(this.#words);
    checkEnds(this.#words, timeout, WRITE);
    return takeSlow(this.#words, timeout, this.#taking);
  }

  tryAcquire(): Guard | undefined {
    return attempt(this.#words, TO_WRITE) ? new WriteGuard(this.#words) : undefined;
  }

  acquire(options?: WaitOptions): Promise<Guard> {
    return takeLater(this.#words, this.#waits, options, this.#taking);
  }

  release(): void {
    if (Atomics.compareExchange(this.#words, WORD, I_WRITE, 0) === I_WRITE || stopWriting(this.#words, 0)) return;
    throw notMine(this.#words, "release RWLock.write");
  }

  get locked(): boolean {
    return (Atomics.load(this.#words, WORD) & WRITER) !== 0;
  }
}

/** False if nobody reads. */
function stopReading(words: Int32Array): boolean {
  for (let seen = 1;;) {
    const readers = seen & COUNT;
    if ((seen & WRITER) !== 0 || readers === 0) return false;
    const met = Atomics.compareExchange(words, WORD, seen, readers === 1 ? 0 : seen - 1);
    if (met === seen) {
      if (readers === 1) wake(words, seen, Infinity);
      return true;
    }
    seen = met;
  }
}

/** Whether this thread has the write side. */
function iWrite(seen: number): boolean {
  return (seen & WRITER) !== 0 && isMe(seen & COUNT);
}

/** @throws {InvalidStateError} If this thread is about to wait for itself. */
function checkEnds(words: Int32Array, timeout: number, where: string): void {
  if (timeout !== Infinity || !iWrite(Atomics.load(words, WORD))) return;
  throw new InvalidStateError(`Cannot ${where}: this thread has the write side, the wait could never end`);
}

function notMine(words: Int32Array, where: string): Error {
  const isWritten = (Atomics.load(words, WORD) & WRITER) !== 0;
  if (isWritten) return new NotOwnerError(`Cannot ${where}: another thread holds the write side`);
  return new LockNotHeldError(`Cannot ${where}: nobody holds the write side`);
}

/** Leaves that number of readers; false if this thread does not write. */
function stopWriting(words: Int32Array, readers: number): boolean {
  for (;;) {
    const seen = Atomics.load(words, WORD);
    if (!iWrite(seen)) return false;
    if (Atomics.compareExchange(words, WORD, seen, readers) !== seen) continue;
    wake(words, seen, Infinity);
    return true;
  }
}

/** A writer has given up; those who still wait say so again. */
function stopWanting(words: Int32Array): void {
  for (;;) {
    const seen = Atomics.load(words, WORD);
    if ((seen & WANTED) === 0) return;
    const next = seen & STATE & ~WANTED;
    if (Atomics.compareExchange(words, WORD, seen, next) === seen) return wake(words, seen, Infinity);
  }
}

class ReadGuard implements Guard {
  readonly #words: Int32Array;
  #isHeld = true;

  constructor(words: Int32Array) {
    this.#words = words;
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    stopReading(this.#words);
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** Always false: the death of a thread is not noticed. */
  get ownerDied(): boolean {
    return false;
  }
}

class WriteGuard implements Guard {
  readonly #words: Int32Array;
  readonly #hold: number;

  constructor(words: Int32Array) {
    this.#words = words;
    this.#hold = startHold(words);
  }

  release(): void {
    const words = this.#words;
    if (words[HOLD] !== this.#hold || Atomics.compareExchange(words, WORD, I_WRITE, 0) === I_WRITE) return;
    stopWriting(words, 0);
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** Always false: the death of a thread is not noticed. */
  get ownerDied(): boolean {
    return false;
  }
}
