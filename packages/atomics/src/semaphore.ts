// PROTOCOL. The word is the number of free permits; bits as in `word.ts`.
//
//     step                         word                               partner
//     acquire n                    v -> v - n, bits stay              release
//     release n                    v -> v + n                         acquire
//     release n with waiters       v | bits -> v + n, wake n          sleepUntil, WaitList
//
// Each object remembers the value that it last saw: while no other thread comes by, that is the value, and one
// compareExchange does. A wrong guess costs one that fails.
//
// CROWD is set for good by the first thread that waits for more than one permit: from then on a release wakes
// everybody, since the sleeper whose turn it is may be one that the permits are not enough for.
import { checkInteger, checkOptions, checkTimeout, type Guard, SemaphoreBoundError } from "@lockstep/contract";
import type { CountOptions, SemaphoreLike, SyncWaitOptions, WaitOptions } from "@lockstep/contract";
import { attachPlace, type Handle, type Kind, openPlace, type Place, type PlaceOptions } from "./place.ts";
import { takeLater, takeSlow, type Taking } from "./taking.ts";
import { WaitList } from "./wait_list.ts";
import { attempt, OWN, STATE, wake, type Want, WORD } from "./word.ts";

const CROWD = OWN;
const SIZE = OWN + 1;
const SEMAPHORE: Kind = { name: "Semaphore", size: SIZE };
const BOUNDED: Kind = { name: "BoundedSemaphore", size: SIZE };
const MOST_PERMITS = STATE;

const ONE = wantOf(1);

function wantOf(count: number): Want {
  return { take: (seen) => (seen & STATE) >= count ? seen - count : undefined, bits: 0, isSingle: true };
}

/**
 * A count of permits that any number of threads take and give back.
 *
 * The permits are no one's: anybody may release, also without having acquired, so that it serves for signals, too. What
 * a thread holds when it ends stays taken; `BoundedSemaphore` of `@lockstep/sync` recovers from that.
 *
 * @example
 * const connections = new Semaphore(3);
 * using _connection = await connections.acquire({ timeout: 500 });
 */
export class Semaphore implements SemaphoreLike {
  /** Bytes that one takes in a buffer. */
  static readonly byteLength: number = SIZE * Int32Array.BYTES_PER_ELEMENT;

  readonly #place: Place;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #waits: WaitList;
  /** As many permits as there may be. */
  readonly #bound: number;
  /** Free permits when this object last changed them. */
  #seen: number;

  /**
   * Makes a semaphore, or opens the one that is at the place.
   * @param value Permits that are free at first, 0 to 2^30 - 1; 1 when absent.
   * @throws {TypeError | RangeError} If the value is not allowed.
   * @throws {MismatchError} If something else, or a semaphore made with another value, is at the place.
   */
  constructor(value: number = 1, options: PlaceOptions = {}) {
    const kind = this instanceof BoundedSemaphore ? BOUNDED : SEMAPHORE;
    checkInteger(value, { name: "value", min: 0, max: MOST_PERMITS }, `create ${kind.name}`);
    this.#place = openPlace(kind, options, value, (words) => words[WORD] = value);
    this.#words = this.#place.words;
    this.#waits = new WaitList(this.#words);
    this.#bound = kind === BOUNDED ? this.#place.parameter : MOST_PERMITS;
    this.#seen = this.value;
  }

  /** The semaphore that another thread's `handle` names. @throws {MismatchError} If it names another kind of object. */
  static from(handle: Handle): Semaphore {
    const place = attachPlace(SEMAPHORE, handle);
    return new Semaphore(place.parameter, place);
  }

  /** What another thread needs to attach to this semaphore. */
  get handle(): Handle {
    return this.#place.handle;
  }

  /**
   * Takes permits, all or none, blocking the thread until there are enough.
   * @throws {RangeError} If the count is above the bound, so that there never would be.
   * @throws {TimeoutError} If the timeout passes first.
   */
  acquireSync(options?: SyncWaitOptions & CountOptions): Guard {
    const seen = this.#seen;
    const isPlain = options === undefined && seen > 0;
    if (!isPlain || Atomics.compareExchange(this.#words, WORD, seen, seen - 1) !== seen) {
      return this.#acquireSlow(options);
    }
    this.#seen = seen - 1;
    return new Permits(this, 1);
  }

  /** Takes permits, all or none, if there are enough. */
  tryAcquire(options?: CountOptions): Guard | undefined {
    const count = this.#countOf(options);
    return attempt(this.#words, wantOf(count)) ? new Permits(this, count) : undefined;
  }

  /**
   * Takes permits, all or none, without blocking the thread, behind the promises of this thread that wait already.
   * Rejects with `TimeoutError`, or with the signal's reason.
   */
  async acquire(options?: WaitOptions & CountOptions): Promise<Guard> {
    const isPlain = options === undefined && this.#waits.isEmpty;
    if (isPlain && attempt(this.#words, ONE)) return new Permits(this, 1);
    return await takeLater(this.#words, this.#waits, options, this.#takingOf(this.#countOf(options)));
  }

  /**
   * Adds permits, 1 when `count` is absent.
   * @throws {SemaphoreBoundError} If there would be more than the bound; none is added then.
   */
  release(count: number = 1): void {
    if (count !== 1) checkInteger(count, { name: "count", min: 1, max: MOST_PERMITS }, this.#where("release"));
    if (this.giveBack(count)) return;
    throw new SemaphoreBoundError(
      `Cannot ${this.#where("release")}: ${this.value} and ${count} permits are more than its bound of ${this.#bound}`,
    );
  }

  /** Permits that are free at this moment. */
  get value(): number {
    return Atomics.load(this.#words, WORD) & STATE;
  }

  /** Permits it was made with. */
  get initialValue(): number {
    return this.#place.parameter;
  }

  /** @internal As `release()`, but false instead of an error. */
  giveBack(count: number): boolean {
    const seen = this.#seen;
    const next = seen + count;
    if (next > this.#bound || Atomics.compareExchange(this.#words, WORD, seen, next) !== seen) {
      return this.#giveBackSlow(count);
    }
    this.#seen = next;
    return true;
  }

  #giveBackSlow(count: number): boolean {
    const words = this.#words;
    for (;;) {
      const seen = Atomics.load(words, WORD);
      const next = (seen & STATE) + count;
      if (next > this.#bound) return false;
      if (Atomics.compareExchange(words, WORD, seen, next) !== seen) continue;
      this.#seen = next;
      wake(words, seen, Atomics.load(words, CROWD) === 0 ? count : Infinity);
      return true;
    }
  }

  #acquireSlow(options: SyncWaitOptions & CountOptions | undefined): Guard {
    const count = this.#countOf(options);
    const timeout = checkTimeout(options, this.#where("acquire"));
    if (count > 1) Atomics.store(this.#words, CROWD, 1);
    return takeSlow(this.#words, timeout, this.#takingOf(count));
  }

  #takingOf(count: number): Taking<Guard> {
    const want = count === 1 ? ONE : wantOf(count);
    const grant = (): Guard => {
      this.#seen = this.value;
      return new Permits(this, count);
    };
    return { want, where: this.#where("acquire"), grant };
  }

  #countOf(options: CountOptions | undefined): number {
    if (options === undefined) return 1;
    const where = this.#where("acquire");
    checkOptions(options, where);
    const { count = 1 } = options;
    return checkInteger(count, { name: "options.count", min: 1, max: Math.max(1, this.#bound) }, where);
  }

  #where(verb: string): string {
    return `${verb} ${this.#place.kind}`;
  }
}

/**
 * A semaphore that never has more permits than at first: it guards a resource of that many pieces.
 *
 * A release too many is a `SemaphoreBoundError`. Permits are not returned when their thread ends, other than those of
 * the class of this name in `@lockstep/sync`.
 */
export class BoundedSemaphore extends Semaphore {
  /** The semaphore that another thread's `handle` names. @throws {MismatchError} If it names another kind of object. */
  static override from(handle: Handle): BoundedSemaphore {
    const place = attachPlace(BOUNDED, handle);
    return new BoundedSemaphore(place.parameter, place);
  }
}

/** The permits of one acquire. */
class Permits implements Guard {
  readonly #semaphore: Semaphore;
  #count: number;

  constructor(semaphore: Semaphore, count: number) {
    this.#semaphore = semaphore;
    this.#count = count;
  }

  release(): void {
    const count = this.#count;
    this.#count = 0;
    if (count > 0) this.#semaphore.giveBack(count); // false: somebody else has given them back already
  }

  [Symbol.dispose](): void {
    this.release();
  }

  /** Always false: the death of a thread is not noticed. */
  get ownerDied(): boolean {
    return false;
  }
}
