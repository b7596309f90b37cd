// PROTOCOL. The word as in `lock_word.ts`. OWNER and DEPTH belong to the thread that the word names, and to it alone.
//
//     step            word      OWNER                                    DEPTH
//     acquire         0 -> ME   THREAD_OWNER, or the number of a task    1
//     acquire again   ME        stays                                    +1
//     release         ME        stays                                    -1
//     release last    ME -> 0   stays                                    stays 1
//
// Who may acquire again and release: on that thread, whoever `isOwner(OWNER)` is true for.
import { checkTimeout, endOwner, type Guard, InvalidStateError, isOwner, LockNotHeldError } from "@lockstep/contract";
import { type LockLike, NotOwnerError, OwnerContext, THREAD_OWNER } from "@lockstep/contract";
import type { SyncWaitOptions, WaitOptions } from "@lockstep/contract";
import { limitsOf } from "./limit.ts";
import { EXCLUSIVE, giveBackSlow, HOLD, holderOf, isMe, OWN_OF_LOCK, startHold } from "./lock_word.ts";
import { attachPlace, type Handle, type Kind, openPlace, type Place, type PlaceOptions } from "./place.ts";
import type { Suspended, Suspension } from "./suspension.ts";
import { takeLater, takeSlow } from "./taking.ts";
import { ME } from "./thread_number.ts";
import { WaitList } from "./wait_list.ts";
import { WORD } from "./word.ts";

const OWNER = OWN_OF_LOCK;
const DEPTH = OWN_OF_LOCK + 1;
const KIND: Kind = { name: "RLock", size: OWN_OF_LOCK + 2 };
const ACQUIRE = "acquire RLock";

/** For `Condition`. */
export let rlockSuspension: Suspension<RLock>;

/**
 * A lock that its owner may acquire again, for worker threads that share its memory. It is free once the owner has
 * released it as often.
 *
 * After `acquireSync()` and `tryAcquire()` the thread owns it, so give it back before the next `await`. After
 * `await acquire()` the async task owns it, together with all that it calls; two tasks of one thread exclude each
 * other. A function that starts a task without awaiting it counts as part of the task from then on, unless the task
 * takes the lock by `using`.
 *
 * A thread that ends while it holds leaves the lock locked; `@lockstep/sync` recovers from that.
 *
 * @example
 * const lock = new RLock();
 * async function task(): Promise<void> {
 *   using _outer = await lock.acquire();
 *   using _inner = await lock.acquire(); // does not wait
 * }
 */
export class RLock implements LockLike {
  /** Bytes that one takes in a buffer. */
  static readonly byteLength: number = KIND.size * Int32Array.BYTES_PER_ELEMENT;

  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #place: Place;
  readonly #waits: WaitList;

  /** Makes a free lock, or opens the one that is at the place. @throws {MismatchError} If something else is there. */
  constructor(options: PlaceOptions = {}) {
    this.#place = openPlace(KIND, options);
    this.#words = this.#place.words;
    this.#waits = new WaitList(this.#words);
  }

  /** The lock that another thread's `handle` names. @throws {MismatchError} If it names another kind of object. */
  static from(handle: Handle): RLock {
    return new RLock(attachPlace(KIND, handle));
  }

  /** What another thread needs to attach to this lock. */
  get handle(): Handle {
    return this.#place.handle;
  }

  /**
   * Takes the lock, or one more level of it, blocking the thread until it is free.
   * @throws {TimeoutError} If the timeout passes first.
   * @throws {InvalidStateError} If another task of this thread holds it and there is no timeout: that could never end.
   */
  acquireSync(options?: SyncWaitOptions): Guard {
    const timeout = options === undefined ? Infinity : checkTimeout(options, ACQUIRE);
    if (Atomics.compareExchange(this.#words, WORD, 0, ME) !== 0) return this.#acquireSlow(timeout);
    return new Level(this.#words, begin(this.#words, THREAD_OWNER));
  }

  /** Takes the lock, or one more level of it, if that needs no waiting. */
  tryAcquire(): Guard | undefined {
    const words = this.#words;
    if (Atomics.compareExchange(words, WORD, 0, ME) === 0) return new Level(words, begin(words, THREAD_OWNER));
    return mayUse(words) ? deepen(words) : undefined;
  }

  /**
   * Takes the lock, or one more level of it, without blocking the thread, behind the promises of this thread that wait
   * already. Rejects with `TimeoutError`, or with the signal's reason.
   */
  acquire(options?: WaitOptions): Promise<Guard> {
    const words = this.#words;
    if (mayUse(words)) return this.#acquireAgain(options);
    const context = OwnerContext.enter();
    const grant = (): Guard => new TaskLevel(words, begin(words, context.owner), context);
    return context.deliver(takeLater(words, this.#waits, options, { want: EXCLUSIVE, where: ACQUIRE, grant }));
  }

  /**
   * Gives back one level.
   * @throws {LockNotHeldError} If nobody holds the lock.
   * @throws {NotOwnerError} If another thread, or another task of this one, holds it.
   */
  release(): void {
    const words = this.#words;
    const isPlain = words[DEPTH] === 1 && words[OWNER] === THREAD_OWNER;
    if (isPlain && Atomics.compareExchange(words, WORD, ME, 0) === ME) return;
    releaseLevel(words);
  }

  /** Whether anybody holds the lock at this moment. */
  get locked(): boolean {
    return holderOf(this.#words) !== 0;
  }

  #acquireSlow(timeout: number): Guard {
    const words = this.#words;
    if (mayUse(words)) return deepen(words);
    if (timeout === Infinity && holderOf(words) === ME) {
      throw new InvalidStateError(`Cannot ${ACQUIRE}: another task of this thread owns it, the wait could never end`);
    }
    const grant = (): Guard => new Level(words, begin(words, THREAD_OWNER));
    return takeSlow(words, timeout, { want: EXCLUSIVE, where: ACQUIRE, grant });
  }

  #acquireAgain(options: WaitOptions | undefined): Promise<Guard> {
    return new Promise((resolve) => {
      limitsOf(options, ACQUIRE);
      resolve(deepen(this.#words));
    });
  }

  #suspend(): Suspended {
    const words = this.#words;
    const [hold, owner, depth] = [words[HOLD]!, words[OWNER]!, words[DEPTH]!];
    const grant = (): void => {
      [words[HOLD], words[OWNER], words[DEPTH]] = [hold, owner, depth];
    };
    const again = { want: EXCLUSIVE, where: ACQUIRE, grant };
    words[DEPTH] = 1;
    giveBackSlow(words, isMe);
    return {
      resumeSync: () => takeSlow(words, Infinity, again),
      resume: () => takeLater(words, this.#waits, undefined, again),
    };
  }

  static {
    rlockSuspension = { isHeld: (lock) => mayUse(lock.#words), suspend: (lock) => lock.#suspend() };
  }
}

/** Whether the code that runs now owns the hold. */
function mayUse(words: Int32Array): boolean {
  return holderOf(words) === ME && isOwner(words[OWNER]!);
}

function begin(words: Int32Array, owner: number): number {
  words[OWNER] = owner;
  words[DEPTH] = 1;
  return startHold(words);
}

function deepen(words: Int32Array): Guard {
  words[DEPTH] = words[DEPTH]! + 1;
  return new Level(words, words[HOLD]!);
}

/** By its owner. */
function releaseLevel(words: Int32Array): void {
  if (!mayUse(words)) throw notMine(words);
  const depth = words[DEPTH]!;
  if (depth > 1) {
    words[DEPTH] = depth - 1;
    return;
  }
  endOwner(words[OWNER]!);
  giveBackSlow(words, isMe);
}

function notMine(words: Int32Array): Error {
  if (holderOf(words) === 0) return new LockNotHeldError("Cannot release RLock: nobody holds it");
  return new NotOwnerError("Cannot release RLock: another thread or task holds it");
}

/** One level of a hold. */
class Level implements Guard {
  readonly #words: Int32Array;
  readonly #hold: number;
  #isHeld = true;

  constructor(words: Int32Array, hold: number) {
    this.#words = words;
    this.#hold = hold;
  }

  release(): void {
    const words = this.#words;
    if (!this.#isHeld || words[HOLD] !== this.#hold) return;
    const isPlain = words[DEPTH] === 1 && words[OWNER] === THREAD_OWNER;
    if (!isPlain || Atomics.compareExchange(words, WORD, ME, 0) !== ME) {
      if (holderOf(words) !== ME) return; // the hold is over, or a Condition has suspended it
      releaseLevel(words);
    }
    this.#isHeld = false;
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** Always false: the death of a thread is not noticed. */
  get ownerDied(): boolean {
    return false;
  }
}

/** The level by which a task became the owner. */
class TaskLevel implements Guard {
  readonly #level: Level;
  readonly #context: OwnerContext;

  constructor(words: Int32Array, hold: number, context: OwnerContext) {
    this.#level = new Level(words, hold);
    this.#context = context;
  }

  release(): void {
    this.#level.release();
  }

  /** Read by `using` where the guard is declared: in the task. */
  get [Symbol.dispose](): () => void {
    this.#context.claim();
    return this.release;
  }

  /** Always false: the death of a thread is not noticed. */
  get ownerDied(): boolean {
    return false;
  }
}
