import {
  type BarrierLike,
  type BarrierOptions,
  checkFunction,
  checkInteger,
  checkOptions,
  checkTimeout,
  type PlaceOptions,
  type SyncWaitOptions,
  type WaitOptions,
} from "@lockstep/contract";
import { check, KIND, LAYOUT } from "@lockstep/native";
import { attachState, closedState, Opened, openState, SharedObject } from "@lockstep/segment";

import { BarrierState } from "./barrier_state.ts";

/**
 * A point that a fixed number of threads or processes pass together, again and again: nobody goes on before all have
 * arrived.
 *
 * A party that runs out of time, is aborted or dies while it waits breaks the barrier for the others, which get
 * `BrokenBarrierError`. A party that dies elsewhere is not known to the barrier: give a timeout where that may happen.
 *
 * @example
 * ```ts
 * import { Barrier } from "@lockstep/sync";
 *
 * const ready = new Barrier(3, { name: "ready", timeout: 10_000 });
 * const index = await ready.wait();
 * if (index === 0) console.log("all three are here");
 * ```
 */
export class Barrier extends SharedObject implements BarrierLike {
  #state: BarrierState;
  readonly #action: (() => void) | undefined;
  readonly #timeout: number;

  /**
   * Opens the barrier of that name, or makes one.
   * @param parties How many must arrive, 1 to 65536.
   * @throws {TypeError | RangeError} If the number or an option is not allowed.
   * @throws {MismatchError} If the name belongs to another kind of object, or to a barrier for another number.
   * @throws {SegmentFullError} If there is no room for it.
   */
  constructor(parties: number, options: PlaceOptions & BarrierOptions = {}) {
    const where = "open Barrier";
    const parameter = checkInteger(parties, { name: "parties", min: 1, max: LAYOUT.maxParties }, where);
    checkOptions(options, where);
    const { action } = options;
    if (action !== undefined) checkFunction(action, "options.action", where);
    const timeout = checkTimeout(options, where);
    const state = openState(BarrierState, { kind: KIND.barrier, parameter, where }, options);
    super(state);
    this.#state = state;
    this.#action = action;
    this.#timeout = timeout;
  }

  /**
   * The barrier of that handle, without action and timeout.
   * @throws {InvalidStateError} If it is not there any more.
   */
  static from(handle: string): Barrier {
    return new Barrier(1, new Opened(attachState(BarrierState, KIND.barrier, handle)));
  }

  /**
   * Waits for all parties without blocking the thread; the pending promise keeps the process alive.
   * @returns 0 to `parties` - 1 in order of arrival, each to one party.
   *
   * Rejects with `BrokenBarrierError` if the barrier is or gets broken, or if the timeout passes first, which breaks
   * it; with the signal's reason if it is aborted, which breaks it too; with what the action throws.
   */
  async wait(options?: WaitOptions): Promise<number> {
    const state = this.#state;
    const limits = state.limitsOf(options, this.#timeout);
    // At once where possible: a barrier that is disposed before the next turn must know of its party.
    const arrival = state.tryArrive() ?? await state.arrive(limits);
    return state.isLast(arrival) ? state.trip(arrival, this.#action) : await state.waitForOthers(arrival, limits);
  }

  /**
   * As `wait()`, blocking the thread.
   * @throws {BrokenBarrierError} If the barrier is or gets broken, or if the timeout passes first, which breaks it.
   */
  waitSync(options?: SyncWaitOptions): number {
    const state = this.#state;
    const given = checkTimeout(options, state.where);
    const timeout = options?.timeout === undefined ? this.#timeout : given;
    const deadline = state.binding.now() + timeout;
    const arrival = state.arriveSync(deadline);
    return state.isLast(arrival) ? state.trip(arrival, this.#action) : state.waitForOthersSync(arrival, deadline);
  }

  /** Sends those who wait away with `BrokenBarrierError`, and makes the barrier usable again. */
  reset(): void {
    this.#state.change((native) => this.#state.binding.barrierReset(native), "reset Barrier");
  }

  /** Breaks the barrier for those who wait and all who come, until `reset()`. */
  abort(): void {
    this.#state.change((native) => this.#state.binding.barrierAbort(native), "abort Barrier");
  }

  /** How many must arrive. */
  get parties(): number {
    return this.#state.info.parameter;
  }

  /** How many have arrived and wait at this moment. */
  get waiting(): number {
    const state = this.#state;
    state.checkOpen("read Barrier.waiting");
    return check(state.binding.barrierWaiting(state.native), "read Barrier.waiting");
  }

  /** Whether the barrier is broken. */
  get broken(): boolean {
    this.#state.checkOpen("read Barrier.broken");
    return this.#state.isBroken;
  }

  /** As of every shared object. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#state = closedState(this.#state);
  }
}
