import { checkFunction, checkInteger, checkTimeout } from "@lockstep/contract";
import type { BarrierLike, BarrierOptions, SyncWaitOptions, WaitOptions } from "@lockstep/contract";
import { BarrierState, endOf } from "./barrier_state.ts";
import { limitsOf } from "./limit.ts";
import { attachPlace, type Handle, type Kind, openPlace, type Place, type PlaceOptions } from "./place.ts";
import { OWN } from "./word.ts";

const MOST_PARTIES = 0x7fff;
const KIND: Kind = { name: "Barrier", size: OWN };
const WAIT = "wait at Barrier";

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
  readonly #state: BarrierState;
  readonly #action: (() => void) | undefined;
  readonly #timeout: number;

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
    this.#state = new BarrierState(this.#place.words, parties);
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
   * @throws {BrokenBarrierError} If the barrier is or gets broken or reset, or the timeout passes. That breaks it,
   * unless the party was still waiting for a full or a reset round to end.
   * @throws What the action throws, which breaks the barrier.
   */
  waitSync(options?: SyncWaitOptions): number {
    return this.#state.waitSync(endOf(this.#timeoutOf(options)), this.#action);
  }

  /** As `waitSync()`, without blocking. Rejects with the signal's reason, too; an abort breaks the barrier. */
  async wait(options?: WaitOptions): Promise<number> {
    const { signal } = limitsOf(options, WAIT);
    const timeout = this.#timeoutOf(options);
    return await this.#state.wait({ timeout, signal, end: endOf(timeout) }, this.#action);
  }

  /** Sends those who wait away with `BrokenBarrierError` and makes the barrier usable again. */
  reset(): void {
    this.#state.reset();
  }

  /** Breaks the barrier for those who wait and all who come, until `reset()`. */
  abort(): void {
    this.#state.abort();
  }

  /** How many have arrived and wait; 0 while the barrier is broken. */
  get waiting(): number {
    return this.#state.waiting;
  }

  /** Whether the barrier is broken. */
  get broken(): boolean {
    return this.#state.broken;
  }

  #timeoutOf(options: SyncWaitOptions | undefined): number {
    const timeout = checkTimeout(options, WAIT);
    return options?.timeout === undefined ? this.#timeout : timeout;
  }
}
