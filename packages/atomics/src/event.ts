// PROTOCOL. The word is a round counter and the flag; bits as in `word.ts`.
//
//      31        30        29 ....... 1   0
//     +---------+---------+------------+-----+
//     | ASLEEP  | PENDING | round      | SET |
//     +---------+---------+------------+-----+
//
//     step    change                          partner
//     set     round + 1, SET, no bits, wake   wait: SET stands, or the round is another than at its start
//     clear   SET away                        -
//
// The round is why everybody who waited before `set()` returns, even when `clear()` follows before they look.
import { checkTimeout, type EventLike, type SyncWaitOptions, type WaitOptions } from "@lockstep/contract";
import { limitsOf } from "./limit.ts";
import { attachPlace, type Handle, type Kind, openPlace, type Place, type PlaceOptions } from "./place.ts";
import { WaitList } from "./wait_list.ts";
import { attemptOrListen, OWN, sleepUntil, STATE, wake, type Want, WORD } from "./word.ts";

const SET = 1;
const ONE_ROUND = 2;
const KIND: Kind = { name: "Event", size: OWN };
const WAIT = "wait for Event";

/**
 * A flag that threads wait for, in worker threads that share its memory.
 *
 * @example
 * const ready = new Event();
 * new Worker(url, { workerData: ready.handle }); // there: Event.from(workerData).set()
 * await ready.wait();
 */
export class Event implements EventLike {
  /** Bytes that one takes in a buffer. */
  static readonly byteLength: number = KIND.size * Int32Array.BYTES_PER_ELEMENT;

  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #place: Place;
  readonly #waits: WaitList;

  /**
   * Makes an event that is not set, or opens the one at the place. @throws {MismatchError} If something else is there.
   */
  constructor(options: PlaceOptions = {}) {
    this.#place = openPlace(KIND, options);
    this.#words = this.#place.words;
    this.#waits = new WaitList(this.#words);
  }

  /** The event that another thread's `handle` names. @throws {MismatchError} If it names another kind of object. */
  static from(handle: Handle): Event {
    return new Event(attachPlace(KIND, handle));
  }

  /** What another thread needs to attach to this event. */
  get handle(): Handle {
    return this.#place.handle;
  }

  /** Whether the flag is up. */
  get isSet(): boolean {
    return (Atomics.load(this.#words, WORD) & SET) !== 0;
  }

  /** Raises the flag and wakes all who wait, even if `clear()` follows at once. */
  set(): void {
    for (;;) {
      const seen = Atomics.load(this.#words, WORD);
      if ((seen & SET) !== 0) return;
      const next = ((seen & STATE) + ONE_ROUND | SET) & STATE;
      if (Atomics.compareExchange(this.#words, WORD, seen, next) === seen) return wake(this.#words, seen, Infinity);
    }
  }

  /** Lowers the flag. */
  clear(): void {
    Atomics.and(this.#words, WORD, ~SET);
  }

  /**
   * Waits until the flag is up, blocking the thread.
   * @returns False if the timeout passed first.
   */
  waitSync(options?: SyncWaitOptions): boolean {
    const timeout = options === undefined ? Infinity : checkTimeout(options, WAIT);
    return this.isSet || sleepUntil(this.#words, this.#nextSet(), timeout);
  }

  /**
   * Waits until the flag is up, without blocking the thread: true, or false if the timeout passed first.
   * Rejects with the signal's reason.
   */
  async wait(options?: WaitOptions): Promise<boolean> {
    const limits = limitsOf(options, WAIT);
    if (this.isSet) return true;
    const want = this.#nextSet();
    return await this.#waits.wait({
      ...limits,
      attempt: () => attemptOrListen(this.#words, want),
      grant: () => true,
      expire: () => false,
    });
  }

  #nextSet(): Want {
    const round = Atomics.load(this.#words, WORD) & STATE & ~SET;
    return {
      take: (seen) => (seen & SET) !== 0 || (seen & STATE) !== round ? seen : undefined,
      bits: 0,
      isSingle: false,
    };
  }
}
