// PROTOCOL. One word; ASLEEP and PENDING as in `word.ts`. COUNT has as many bits as the number of parties needs.
//
//      31       30        29       28          27 ...... n   n-1 .... 0
//     +--------+---------+--------+-----------+------------+-----------+
//     | ASLEEP | PENDING | BROKEN | RESETTING | round      | COUNT     |
//     +--------+---------+--------+-----------+------------+-----------+
//
//     step       change                                     only while
//     arrive     COUNT + 1                                  neither flag, not all arrived
//     trip       round + 1, COUNT 0, wake all               all arrived, neither flag; by the last to arrive
//     break      BROKEN, wake all                           not RESETTING
//     reset      RESETTING instead of BROKEN, wake all      COUNT > 0; else both flags away
//     leave      COUNT - 1; RESETTING and none left:        either flag
//                round + 1, no flags, wake all
//
// A waiter has passed when the round is another than at its arrival: while it counts, only trip can change the round,
// since a reset must wait for it to leave. The round comes back to a value after 2^12 and more trips.
import { BrokenBarrierError, checkFunction, checkInteger, checkTimeout } from "@lockstep/contract";
import type { BarrierLike, BarrierOptions, SyncWaitOptions, WaitOptions } from "@lockstep/contract";
import { type Limits, limitsOf } from "./limit.ts";
import { attachPlace, type Handle, type Kind, openPlace, type Place, type PlaceOptions } from "./place.ts";
import { WaitList } from "./wait_list.ts";
import { attempt, attemptOrListen, OWN, sleepUntil, STATE, wake, type Want, WORD } from "./word.ts";

const BROKEN = 1 << 29;
const RESETTING = 1 << 28;
const FLAGS = BROKEN | RESETTING;
const ROUND_AND_COUNT = 0x0fffffff;
const MOST_PARTIES = 0x7fff;
const KIND: Kind = { name: "Barrier", size: OWN };
const WAIT = "wait for Barrier";
const NO_LIMITS: Limits = { timeout: Infinity, signal: undefined };

/**
 * A point that a fixed number of threads pass together, again and again, in worker threads that share its memory.
 *
 * It breaks when a party times out, is aborted, or its action throws. A thread that ends while it waits leaves the
 * others waiting; `@lockstep/sync` breaks the barrier then.
 *
 * @example
 * const barrier = new Barrier(3);
 * const index = await barrier.wait({ timeout: 2000 });
 */
export class Barrier implements BarrierLike {
  /** Bytes that one takes in a buffer. */
  static readonly byteLength: number = KIND.size * Int32Array.BYTES_PER_ELEMENT;

  /** How many must arrive. */
  readonly parties: number;
  readonly #place: Place;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #waits: WaitList;
  readonly #action: (() => void) | undefined;
  readonly #timeout: number;
  readonly #count: number;

  /**
   * Makes a barrier, or opens the one that is at the place.
   * @param parties How many must arrive, 1 to 32767.
   * @throws {TypeError | RangeError} If an argument is not allowed.
   * @throws {MismatchError} If something else, or a barrier for another number of parties, is at the place.
   */
  constructor(parties: number, options: PlaceOptions & BarrierOptions = {}) {
    const where = "create Barrier";
    this.parties = checkInteger(parties, { name: "parties", min: 1, max: MOST_PARTIES }, where);
    this.#timeout = checkTimeout(options, where);
    if (options.action !== undefined) this.#action = checkFunction(options.action, "options.action", where);
    this.#place = openPlace(KIND, options, parties);
    this.#words = this.#place.words;
    this.#waits = new WaitList(this.#words);
    this.#count = 2 ** (32 - Math.clz32(parties)) - 1;
  }

  /**
   * The barrier that another thread's `handle` names. Action and timeout are each party's own.
   * @throws {MismatchError} If it names another kind of object.
   */
  static from(handle: Handle, options: BarrierOptions = {}): Barrier {
    const { parameter, buffer, byteOffset } = attachPlace(KIND, handle);
    return new Barrier(parameter, { ...options, buffer, byteOffset });
  }

  /** What another thread needs to attach to this barrier. */
  get handle(): Handle {
    return this.#place.handle;
  }

  /**
   * Waits for all parties, blocking the thread; the last to arrive runs its action first.
   * @returns How many had arrived before: 0 to `parties` - 1, each once.
   * @throws {BrokenBarrierError} If the barrier is or gets broken or reset, or the timeout passes, which breaks it.
   * @throws What the action throws, which breaks the barrier.
   */
  waitSync(options?: SyncWaitOptions): number {
    const timeout = this.#timeoutOf(options);
    const arrival = new Arrival(this.parties, this.#count);
    sleepUntil(this.#words, arrival, Infinity);
    const arrived = arrival.seen;
    if (this.#isLast(arrived)) return this.#trip(arrived);
    const tripped = this.#tripped(arrived);
    if (!sleepUntil(this.#words, tripped, timeout) && !this.#giveUp(arrived)) {
      sleepUntil(this.#words, tripped, Infinity);
    }
    return this.#settle(arrived);
  }

  /** As `waitSync()`, without blocking. Rejects with the signal's reason, too; an abort breaks the barrier. */
  async wait(options?: WaitOptions): Promise<number> {
    const { signal } = limitsOf(options, WAIT);
    const timeout = this.#timeoutOf(options);
    const arrival = new Arrival(this.parties, this.#count);
    if (!attempt(this.#words, arrival)) await this.#until(arrival, NO_LIMITS);
    const arrived = arrival.seen;
    if (this.#isLast(arrived)) return this.#trip(arrived);
    const tripped = this.#tripped(arrived);
    const isOver = await this.#until(tripped, { timeout, signal }).catch(() => false);
    if (!isOver && !this.#giveUp(arrived)) await this.#until(tripped, NO_LIMITS);
    return this.#settle(arrived, signal);
  }

  /** Sends those who wait away with `BrokenBarrierError` and makes the barrier usable again. */
  reset(): void {
    this.#change((seen) => {
      const rest = seen & ROUND_AND_COUNT;
      return (seen & this.#count) === 0 ? rest : rest | RESETTING;
    });
  }

  /** Breaks the barrier for those who wait and all who come, until `reset()`. */
  abort(): void {
    this.#change((seen) => seen & ROUND_AND_COUNT | BROKEN);
  }

  /** How many have arrived and wait; 0 while the barrier is broken. */
  get waiting(): number {
    const seen = Atomics.load(this.#words, WORD);
    return (seen & FLAGS) === 0 ? seen & this.#count : 0;
  }

  /** Whether the barrier is broken. */
  get broken(): boolean {
    return (Atomics.load(this.#words, WORD) & BROKEN) !== 0;
  }

  #timeoutOf(options: SyncWaitOptions | undefined): number {
    const timeout = checkTimeout(options, WAIT);
    return options?.timeout === undefined ? this.#timeout : timeout;
  }

  /** Whether the caller, who found the word so, is the last; if so, it has to trip. */
  #isLast(arrived: number): boolean {
    if ((arrived & BROKEN) !== 0) throw broken();
    return (arrived & this.#count) === this.parties - 1;
  }

  #trip(arrived: number): number {
    try {
      this.#action?.();
    } catch (error) {
      this.abort();
      this.#leave();
      throw error;
    }
    this.#change((seen) => (seen & FLAGS) === 0 ? this.#nextRound(seen) : undefined);
    return this.#settle(arrived);
  }

  #tripped(arrived: number): Want {
    return {
      take: (seen) => (seen & FLAGS) !== 0 || this.#roundOf(seen) !== this.#roundOf(arrived) ? seen : undefined,
      bits: 0,
      isSingle: false,
    };
  }

  #until(want: Want, limits: Limits): Promise<boolean> {
    return this.#waits.wait({
      ...limits,
      attempt: () => attemptOrListen(this.#words, want),
      grant: () => true,
      expire: () => false,
    });
  }

  /** Breaks the barrier for a party that will not wait longer. False if all have arrived, and it is about to trip. */
  #giveUp(arrived: number): boolean {
    let isTripping = false;
    this.#change((seen) => {
      isTripping = false;
      if ((seen & FLAGS) !== 0 || this.#roundOf(seen) !== this.#roundOf(arrived)) return undefined;
      isTripping = (seen & this.#count) === this.parties;
      return isTripping ? undefined : seen & ROUND_AND_COUNT | BROKEN;
    });
    return !isTripping;
  }

  /** The index of a party whose wait is over, or the error. */
  #settle(arrived: number, signal?: AbortSignal): number {
    if (this.#roundOf(Atomics.load(this.#words, WORD)) !== this.#roundOf(arrived)) return arrived & this.#count;
    this.#leave();
    throw signal?.aborted ? signal.reason : broken();
  }

  #leave(): void {
    this.#change((seen) => {
      const isDrained = (seen & RESETTING) !== 0 && (seen & this.#count) === 1;
      return isDrained ? this.#nextRound(seen) : (seen & STATE) - 1;
    });
  }

  #roundOf(seen: number): number {
    return seen & ROUND_AND_COUNT & ~this.#count;
  }

  /** The round after that one, with nobody there. */
  #nextRound(seen: number): number {
    return (this.#roundOf(seen) + this.#count + 1) & ROUND_AND_COUNT;
  }

  /** Changes the word, without its waiters' bits, and wakes all; does nothing where the change is undefined. */
  #change(change: (seen: number) => number | undefined): void {
    for (;;) {
      const seen = Atomics.load(this.#words, WORD);
      const next = change(seen);
      if (next === undefined) return;
      if (Atomics.compareExchange(this.#words, WORD, seen, next) === seen) return wake(this.#words, seen, Infinity);
    }
  }
}

/** Wants to be counted, or to see that the barrier is broken. */
class Arrival implements Want {
  readonly bits = 0;
  readonly isSingle = false;
  /** The word when it arrived; its count is the party's index. */
  seen = 0;
  readonly #parties: number;
  readonly #count: number;

  constructor(parties: number, count: number) {
    this.#parties = parties;
    this.#count = count;
  }

  take(seen: number): number | undefined {
    this.seen = seen;
    if ((seen & BROKEN) !== 0) return seen;
    return (seen & RESETTING) !== 0 || (seen & this.#count) === this.#parties ? undefined : seen + 1;
  }
}

function broken(): BrokenBarrierError {
  return new BrokenBarrierError("Cannot pass Barrier: it is broken or was reset");
}
