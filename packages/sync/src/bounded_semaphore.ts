import {
  checkInteger,
  checkOptions,
  checkTimeout,
  type CountOptions,
  type Guard,
  type PlaceOptions,
  type SemaphoreLike,
  type SyncWaitOptions,
  type WaitOptions,
} from "@lockstep/contract";
import { check, KIND, LAYOUT } from "@lockstep/native";
import { attachState, closedState, Opened, openState, SharedObject } from "@lockstep/segment";

import { BoundedSemaphoreState, NO_PERMIT, PermitGuard } from "./bounded_semaphore_state.ts";

const ACQUIRE = "acquire BoundedSemaphore";
const RELEASE = "release BoundedSemaphore";

/**
 * A fixed number of permits between all threads and processes that share it, for pools and limits.
 *
 * Each permit belongs to the thread that took it and comes back when that thread or its process dies; whoever gets it
 * then has `ownerDied` on the guard. A guard gives back its own permits. A bare `release()` gives back one of this
 * thread's, or one of another holder's when this thread has none, as in Python. Waiters are not served strictly in
 * order.
 *
 * @example
 * ```ts
 * import { BoundedSemaphore } from "@lockstep/sync";
 *
 * const connections = new BoundedSemaphore(3, { name: "connections" });
 * const guard = await connections.acquire();
 * try {
 *   // at most three at once, in all processes of this user
 * } finally {
 *   guard.release();
 * }
 * ```
 */
export class BoundedSemaphore extends SharedObject implements SemaphoreLike {
  #state: BoundedSemaphoreState;

  /**
   * Opens the semaphore of that name, or makes one.
   * @param value Number of permits, 0 to 65536, all free at first.
   * @throws {TypeError | RangeError} If the value or an option is not allowed.
   * @throws {MismatchError} If the name belongs to another kind of object, or to a semaphore made with another value.
   * @throws {SegmentFullError} If there is no room for it.
   */
  constructor(value: number = 1, options: PlaceOptions = {}) {
    const where = "open BoundedSemaphore";
    const parameter = checkInteger(value, { name: "value", min: 0, max: LAYOUT.maxBoundedPermits }, where);
    const state = openState(BoundedSemaphoreState, { kind: KIND.boundedSemaphore, parameter, where }, options);
    super(state);
    this.#state = state;
  }

  /** The semaphore of that handle. @throws {InvalidStateError} If it is not there any more. */
  static from(handle: string): BoundedSemaphore {
    return new BoundedSemaphore(0, new Opened(attachState(BoundedSemaphoreState, KIND.boundedSemaphore, handle)));
  }

  /**
   * Takes permits, all or none, blocking the thread until there are enough.
   * @throws {RangeError} If the count is above the bound, so that there never would be.
   * @throws {TimeoutError} If the timeout passes first.
   */
  acquireSync(options?: SyncWaitOptions & CountOptions): Guard {
    const state = this.#state;
    const permit = options === undefined ? state.tryTakeOne() : NO_PERMIT;
    if (permit !== NO_PERMIT) return new PermitGuard(state, permit, false);
    return state.takeSync(this.#countOf(options), checkTimeout(options, ACQUIRE));
  }

  /** Takes permits, all or none, if there are enough now. */
  tryAcquire(options?: CountOptions): Guard | undefined {
    const state = this.#state;
    const permit = options === undefined ? state.tryTakeOne() : NO_PERMIT;
    if (permit !== NO_PERMIT) return new PermitGuard(state, permit, false);
    return state.tryTake(this.#countOf(options));
  }

  /**
   * Takes permits, all or none, without blocking the thread; the pending promise keeps the process alive.
   * Rejects with `TimeoutError` if the timeout passes first, with the signal's reason if it is aborted.
   */
  acquire(options?: WaitOptions & CountOptions): Promise<Guard> {
    const state = this.#state;
    const permit = options === undefined && state.list.length === 0 ? state.tryTakeOne() : NO_PERMIT;
    if (permit !== NO_PERMIT) return Promise.resolve(new PermitGuard(state, permit, false));
    try {
      return state.list.start(new Uint32Array(this.#countOf(options)), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Gives permits back, 1 when `count` is absent, all or none.
   * @throws {SemaphoreBoundError} If fewer are taken; nothing is changed.
   */
  release(count: number = 1): void {
    if (count !== 1) checkInteger(count, { name: "count", min: 1, max: LAYOUT.maxPermits }, RELEASE);
    else if (this.#state.giveHinted()) return;
    this.#state.giveAny(count, RELEASE);
  }

  /** Permits that are free at this moment. */
  get value(): number {
    const state = this.#state;
    state.checkOpen("read BoundedSemaphore.value");
    return check(state.binding.boundedValue(state.native), "read BoundedSemaphore.value");
  }

  /** Number of permits in all. */
  get initialValue(): number {
    return this.#state.limit;
  }

  /** As of every shared object. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#state = closedState(this.#state);
  }

  #countOf(options: CountOptions | undefined): number {
    if (options === undefined) return 1;
    checkOptions(options, ACQUIRE);
    const max = Math.max(1, this.#state.limit);
    const { count = 1 } = options;
    return checkInteger(count, { name: "options.count", min: 1, max }, ACQUIRE);
  }
}
