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
//     break      BROKEN, wake all                           neither flag; not all arrived, unless by the last
//     abort      BROKEN instead of RESETTING, wake all      -
//     reset      RESETTING instead of BROKEN, wake all      COUNT > 0; else both flags away
//     leave      COUNT - 1; RESETTING and none left:        either flag
//                round + 1, no flags, wake all
//
// A waiter has passed when the round is another than at its arrival: while it counts, only trip can change the round,
// since a reset must wait for it to leave. The round comes back to a value after 2^12 and more trips.
//
// A RESET DRAINS, because whoever counts either sleeps on the word, or runs the action, or is in the list `passing` of
// its thread, from the moment of its arrival until it has passed or left. The list is looked at when the bell rings,
// and by a thread that is about to block for as long as the reset takes.
import { BrokenBarrierError } from "@lockstep/contract";
import { type Limits, UNLIMITED } from "./limit.ts";
import { WaitList } from "./wait_list.ts";
import { attempt, attemptOrListen, sleepUntil, STATE, wake, type Want, WORD } from "./word.ts";

const BROKEN = 1 << 29;
const RESETTING = 1 << 28;
const FLAGS = BROKEN | RESETTING;
const ROUND_AND_COUNT = 0x0fffffff;

const TIME_OVER = "time ran out";
const BROKEN_OFF = "it was broken or reset";

/** Runs in the last party to arrive. */
export type Action = (() => void) | undefined;

/** Limits of a wait in two parts: to be let in, and for the others. */
export interface BarrierLimits extends Limits {
  /** When the timeout is over, on the clock of `performance.now()`. */
  readonly end: number;
}

/** The word of a `Barrier`, and the promises of this thread that wait to be let in and for their round to pass. */
export class BarrierState {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #parties: number;
  readonly #count: number;
  readonly #entering: WaitList;
  readonly #passing: WaitList;

  constructor(words: Int32Array<SharedArrayBuffer>, parties: number) {
    this.#words = words;
    this.#parties = parties;
    this.#count = 2 ** (32 - Math.clz32(parties)) - 1;
    this.#entering = new WaitList(words);
    this.#passing = new WaitList(words);
  }

  get waiting(): number {
    const seen = Atomics.load(this.#words, WORD);
    return (seen & FLAGS) === 0 ? seen & this.#count : 0;
  }

  get broken(): boolean {
    return (Atomics.load(this.#words, WORD) & BROKEN) !== 0;
  }

  reset(): void {
    this.#change((seen) => {
      const rest = seen & ROUND_AND_COUNT;
      return (seen & this.#count) === 0 ? rest : rest | RESETTING;
    });
    this.#passing.look();
  }

  abort(): void {
    this.#change((seen) => seen & ROUND_AND_COUNT | BROKEN);
    this.#passing.look();
  }

  waitSync(end: number, action: Action): number {
    const arrived = this.#arriveSync(end);
    if (this.#isLast(arrived)) return this.#trip(arrived, action);
    const tripped = this.#tripped(arrived);
    const isOver = sleepUntil(this.#words, tripped, timeUntil(end));
    const hasGivenUp = !isOver && this.#giveUp(arrived);
    if (!isOver && !hasGivenUp) sleepUntil(this.#words, tripped, Infinity);
    this.#passing.look();
    return this.#settle(arrived, hasGivenUp ? TIME_OVER : BROKEN_OFF);
  }

  async wait(limits: BarrierLimits, action: Action): Promise<number> {
    const arrival = new Arrival(this.#parties, this.#count);
    if (this.#entering.isEmpty && attempt(this.#words, arrival)) return this.#goOn(arrival.seen, limits, action);
    return await this.#entering.wait({
      ...limits,
      attempt: () => attemptOrListen(this.#words, arrival),
      grant: () => this.#goOn(arrival.seen, limits, action),
      expire: () => {
        throw broken(TIME_OVER);
      },
    });
  }

  /** The word at the arrival. */
  #arriveSync(end: number): number {
    const arrival = new Arrival(this.#parties, this.#count, this.#passing);
    for (;;) {
      this.#passing.look();
      if (!sleepUntil(this.#words, arrival, timeUntil(end))) throw broken(TIME_OVER);
      if ((arrival.seen & RESETTING) === 0) return arrival.seen;
    }
  }

  /** From the arrival on, in one go: no other code of this thread may run while a party counts and does not wait. */
  #goOn(arrived: number, limits: BarrierLimits, action: Action): number | Promise<number> {
    if (this.#isLast(arrived)) return this.#trip(arrived, action);
    return this.#waitForOthers(arrived, { timeout: timeUntil(limits.end), signal: limits.signal });
  }

  #waitForOthers(arrived: number, limits: Limits): Promise<number> {
    const tripped = this.#tripped(arrived);
    const stay = (): Promise<number> => this.#waitForOthers(arrived, UNLIMITED);
    return this.#passing.wait({
      ...limits,
      attempt: () => attemptOrListen(this.#words, tripped),
      grant: () => this.#settle(arrived, BROKEN_OFF),
      expire: () => this.#giveUp(arrived) ? this.#settle(arrived, TIME_OVER) : stay(),
      abandon: () => {
        if (!this.#giveUp(arrived)) stay().catch(() => {}); // it still counts
        else if (!this.#hasPassed(arrived)) this.#leave();
      },
    });
  }

  /** Whether the caller, who found the word so, is the last; if so, it has to trip. */
  #isLast(arrived: number): boolean {
    if ((arrived & BROKEN) !== 0) throw broken("it is broken");
    return (arrived & this.#count) === this.#parties - 1;
  }

  #trip(arrived: number, action: Action): number {
    try {
      action?.();
    } catch (error) {
      this.#change((seen) => (seen & FLAGS) === 0 ? seen & ROUND_AND_COUNT | BROKEN : undefined);
      this.#leave();
      this.#passing.look();
      throw error;
    }
    this.#change((seen) => (seen & FLAGS) === 0 ? this.#nextRound(seen) : undefined);
    return this.#settle(arrived, BROKEN_OFF);
  }

  #tripped(arrived: number): Want {
    return {
      take: (seen) => (seen & FLAGS) !== 0 || this.#roundOf(seen) !== this.#roundOf(arrived) ? seen : undefined,
      bits: 0,
      isSingle: false,
    };
  }

  /** Breaks the barrier for a party that will not wait longer. False if all have arrived, and it is about to trip. */
  #giveUp(arrived: number): boolean {
    let isTripping = false;
    this.#change((seen) => {
      isTripping = false;
      if ((seen & FLAGS) !== 0 || this.#roundOf(seen) !== this.#roundOf(arrived)) return undefined;
      isTripping = (seen & this.#count) === this.#parties;
      return isTripping ? undefined : seen & ROUND_AND_COUNT | BROKEN;
    });
    return !isTripping;
  }

  #hasPassed(arrived: number): boolean {
    return this.#roundOf(Atomics.load(this.#words, WORD)) !== this.#roundOf(arrived);
  }

  /** The index of a party whose wait is over, or the error. */
  #settle(arrived: number, reason: string): number {
    if (this.#hasPassed(arrived)) return arrived & this.#count;
    this.#leave();
    throw broken(reason);
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
  readonly #passing: WaitList | undefined;

  /** With the list of a thread that is going to block: then it also wants to see that a reset waits for the list. */
  constructor(parties: number, count: number, passing?: WaitList) {
    this.#parties = parties;
    this.#count = count;
    this.#passing = passing;
  }

  take(seen: number): number | undefined {
    this.seen = seen;
    if ((seen & BROKEN) !== 0) return seen;
    if ((seen & RESETTING) !== 0) return this.#passing?.isEmpty === false ? seen : undefined;
    return (seen & this.#count) === this.#parties ? undefined : seen + 1;
  }
}

/** When a wait that begins now is over. The clock costs more than all else that the last party does. */
export function endOf(timeout: number): number {
  return timeout === Infinity ? Infinity : performance.now() + timeout;
}

function timeUntil(end: number): number {
  return end === Infinity ? Infinity : Math.max(0, end - performance.now());
}

function broken(reason: string): BrokenBarrierError {
  return new BrokenBarrierError(`Cannot wait at Barrier: ${reason}`);
}
