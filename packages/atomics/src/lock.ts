import { checkTimeout, type Guard, type LockLike, LockNotHeldError } from "@lockstep/contract";
import type { SyncWaitOptions, WaitOptions } from "@lockstep/contract";
import { EXCLUSIVE, giveBackSlow, HOLD, holderOf, isAnybody, isMe, OWN_OF_LOCK, startHold } from "./lock_word.ts";
import { attachPlace, type Handle, type Kind, openPlace, type Place, type PlaceOptions } from "./place.ts";
import type { Suspended, Suspension } from "./suspension.ts";
import { takeLater, takeSlow, type Taking } from "./taking.ts";
import { ME } from "./thread_number.ts";
import { WaitList } from "./wait_list.ts";
import { WORD } from "./word.ts";

const KIND: Kind = { name: "Lock", size: OWN_OF_LOCK };
const ACQUIRE = "acquire Lock";

/** For `Condition`. */
export let lockSuspension: Suspension<Lock>;

/**
 * A lock that one thread, or one promise, holds at a time, for worker threads that share its memory.
 *
 * It has no owner: anybody may release it, and the holder that acquires it again waits for itself. A thread that ends
 * while it holds leaves it locked; `@lockstep/sync` recovers from that.
 *
 * @example
 * const lock = new Lock();
 * new Worker(url, { workerData: lock.handle }); // there: Lock.from(workerData)
 * using _held = await lock.acquire({ timeout: 500 });
 */
export class Lock implements LockLike {
  /** Bytes that one takes in a buffer. */
  static readonly byteLength: number = KIND.size * Int32Array.BYTES_PER_ELEMENT;

  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #place: Place;
  readonly #waits: WaitList;
  readonly #taking: Taking<Guard>;

  /** Makes a free lock, or opens the one that is at the place. @throws {MismatchError} If something else is there. */
  constructor(options: PlaceOptions = {}) {
    this.#place = openPlace(KIND, options);
    this.#words = this.#place.words;
    this.#waits = new WaitList(this.#words);
    this.#taking = { want: EXCLUSIVE, where: ACQUIRE, grant: () => new LockGuard(this.#words) };
  }

  /** The lock that another thread's `handle` names. @throws {MismatchError} If it names another kind of object. */
  static from(handle: Handle): Lock {
    return new Lock(attachPlace(KIND, handle));
  }

  /** What another thread needs to attach to this lock. */
  get handle(): Handle {
    return this.#place.handle;
  }

  /** Takes the lock, blocking the thread until it is free. @throws {TimeoutError} If the timeout passes first. */
  acquireSync(options?: SyncWaitOptions): Guard {
    const timeout = options === undefined ? Infinity : checkTimeout(options, ACQUIRE);
    if (Atomics.compareExchange(this.#words, WORD, 0, ME) === 0) return new LockGuard(this.#words);
    return takeSlow(this.#words, timeout, this.#taking);
  }

  /** Takes the lock if it is free. */
  tryAcquire(): Guard | undefined {
    return Atomics.compareExchange(this.#words, WORD, 0, ME) === 0 ? new LockGuard(this.#words) : undefined;
  }

  /**
   * Takes the lock without blocking the thread, behind the promises of this thread that wait already.
   * Rejects with `TimeoutError`, or with the signal's reason.
   */
  acquire(options?: WaitOptions): Promise<Guard> {
    if (options === undefined && this.#waits.isEmpty && Atomics.compareExchange(this.#words, WORD, 0, ME) === 0) {
      return Promise.resolve(new LockGuard(this.#words));
    }
    return takeLater(this.#words, this.#waits, options, this.#taking);
  }

  /** Gives the lock back, whoever took it. @throws {LockNotHeldError} If nobody holds it. */
  release(): void {
    if (Atomics.compareExchange(this.#words, WORD, ME, 0) === ME || giveBackSlow(this.#words, isAnybody)) return;
    throw new LockNotHeldError("Cannot release Lock: nobody holds it");
  }

  /** Whether anybody holds the lock at this moment. */
  get locked(): boolean {
    return holderOf(this.#words) !== 0;
  }

  #suspend(): Suspended {
    const words = this.#words;
    const hold = words[HOLD]!;
    const again = { ...this.#taking, grant: (): void => void (words[HOLD] = hold) };
    giveBackSlow(words, isAnybody);
    return {
      resumeSync: () => takeSlow(words, Infinity, again),
      resume: () => takeLater(words, this.#waits, undefined, again),
    };
  }

  static {
    lockSuspension = { isHeld: (lock) => lock.locked, suspend: (lock) => lock.#suspend() };
  }
}

class LockGuard implements Guard {
  readonly #words: Int32Array;
  readonly #hold: number;

  constructor(words: Int32Array) {
    this.#words = words;
    this.#hold = startHold(words);
  }

  release(): void {
    const words = this.#words;
    if (words[HOLD] === this.#hold && Atomics.compareExchange(words, WORD, ME, 0) !== ME) giveBackSlow(words, isMe);
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** Always false: the death of a thread is not noticed. */
  get ownerDied(): boolean {
    return false;
  }
}
