import {
  checkInteger,
  checkOptions,
  checkTimeout,
  type CountOptions,
  type Guard,
  type PlaceOptions,
  SemaphoreBoundError,
  type SemaphoreLike,
  type SyncWaitOptions,
  type WaitOptions,
} from "@lockstep/contract";
import { BOUND, check, FRESH, GONE, KIND, LAYOUT, OK, type Status, TIMED_OUT } from "@lockstep/native";
import {
  attachState,
  type Closable,
  closedState,
  type Found,
  inSlices,
  ObjectState,
  Opened,
  openState,
  readAfterExchange,
  SharedObject,
  timedOut,
  type Waitable,
  WaitList,
} from "@lockstep/segment";

const ACQUIRE = "acquire Semaphore";
const RELEASE = "release Semaphore";
const MOST = LAYOUT.maxPermits;

/**
 * A count of permits between all threads and processes that share it.
 *
 * Permits belong to nobody: anyone may release, so it serves for signals too, and what a dead process had taken does
 * not come back. For a pool or a limit take `BoundedSemaphore`. Waiters are not served strictly in order.
 *
 * @example
 * ```ts
 * import { Semaphore } from "@lockstep/sync";
 *
 * const ready = new Semaphore(0, { name: "ready" });
 * ready.release(2);
 * await ready.acquire({ count: 2 });
 * ```
 */
export class Semaphore extends SharedObject implements SemaphoreLike {
  #state: SemaphoreState;

  /**
   * Opens the semaphore of that name, or makes one.
   * @param value Permits that a new one starts with, 0 to 2^30.
   * @throws {TypeError | RangeError} If the value or an option is not allowed.
   * @throws {MismatchError} If the name belongs to another kind of object, or to a semaphore made with another value.
   * @throws {SegmentFullError} If there is no room for it.
   */
  constructor(value: number = 1, options: PlaceOptions = {}) {
    const where = "open Semaphore";
    const parameter = checkInteger(value, { name: "value", min: 0, max: MOST }, where);
    const state = openState(SemaphoreState, { kind: KIND.semaphore, parameter, where }, options);
    super(state);
    this.#state = state;
  }

  /** The semaphore of that handle. @throws {InvalidStateError} If it is not there any more. */
  static from(handle: string): Semaphore {
    return new Semaphore(0, new Opened(attachState(SemaphoreState, KIND.semaphore, handle)));
  }

  /**
   * Takes permits, blocking the thread until there are enough.
   * @throws {TimeoutError} If the timeout passes first.
   */
  acquireSync(options?: SyncWaitOptions & CountOptions): Guard {
    const state = this.#state;
    if (options === undefined && state.tryTakeOne()) return new SemaphoreGuard(state, 1);
    return state.takeSync(countOf(options), checkTimeout(options, ACQUIRE));
  }

  /** Takes permits if there are enough now. */
  tryAcquire(options?: CountOptions): Guard | undefined {
    const state = this.#state;
    if (options === undefined && state.tryTakeOne()) return new SemaphoreGuard(state, 1);
    return state.tryTake(countOf(options));
  }

  /**
   * Takes permits without blocking the thread; the pending promise keeps the process alive.
   * Rejects with `TimeoutError` if the timeout passes first, with the signal's reason if it is aborted.
   */
  acquire(options?: WaitOptions & CountOptions): Promise<Guard> {
    const state = this.#state;
    const isPlain = options === undefined && state.list.length === 0;
    if (isPlain && state.tryTakeOne()) return Promise.resolve(new SemaphoreGuard(state, 1));
    try {
      return state.list.start(countOf(options), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Adds permits, 1 when `count` is absent.
   * @throws {SemaphoreBoundError} If there would be more than 2^30; the value is unchanged.
   */
  release(count: number = 1): void {
    if (count !== 1) checkInteger(count, { name: "count", min: 1, max: MOST }, RELEASE);
    if (!this.#state.giveFast(count)) this.#state.give(count);
  }

  /** Permits that are free at this moment. */
  get value(): number {
    this.#state.checkOpen("read Semaphore.value");
    return this.#state.read(0);
  }

  /** Permits it was made with. */
  get initialValue(): number {
    return this.#state.info.parameter;
  }

  /** As of every shared object. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#state = closedState(this.#state);
  }
}

function countOf(options: CountOptions | undefined): number {
  if (options === undefined) return 1;
  checkOptions(options, ACQUIRE);
  const { count = 1 } = options;
  return checkInteger(count, { name: "options.count", min: 1, max: MOST }, ACQUIRE);
}

/**
 * A `Semaphore` as one thread has it. Protocol: `native/core/semaphore.cpp`; word 0 is the value, word 1 the event
 * count. What a promise requests is its count.
 */
export class SemaphoreState extends ObjectState implements Waitable<number, Guard> {
  readonly list: WaitList<number, Guard> = new WaitList(this, this);
  /**
   * The value as this thread saw it last: a guess, which saves a load. A wrong one costs a compare-exchange that fails.
   */
  seen: number;

  constructor(found: Found) {
    super(found);
    this.seen = Atomics.load(this.words, this.at);
  }

  get where(): string {
    return `acquire ${this.label}`;
  }

  tryTakeOne(): boolean {
    const seen = this.seen;
    if (seen <= 0 || Atomics.compareExchange(this.words, this.at, seen, seen - 1) !== seen) return false;
    this.seen = seen - 1;
    return true;
  }

  /** Adds permits where nothing else is to be done. */
  giveFast(count: number): boolean {
    const seen = this.seen;
    if (this.list.length > 0 || seen < 0 || seen > MOST - count) return false;
    if (Atomics.compareExchange(this.words, this.at, seen, seen + count) !== seen) return false;
    this.seen = seen + count;
    if ((readAfterExchange(this.words, this.at + 1) & LAYOUT.countWaiters) !== 0) this.wake(count);
    return true;
  }

  wake(count: number): void {
    this.binding.semaphoreWake(this.native, count);
  }

  tryTake(count: number): Guard | undefined {
    const status = check(this.binding.semaphoreTry(this.native, count), this.where);
    this.seen = Atomics.load(this.words, this.at);
    return status === OK ? new SemaphoreGuard(this, count) : undefined;
  }

  takeSync(count: number, timeout: number): Guard {
    const { binding, native } = this;
    const guard = timeout === 0 ? this.tryTake(count) : undefined;
    if (guard !== undefined) return guard;
    const deadline = binding.now() + timeout;
    const status = inSlices(() => binding.semaphoreAcquire(native, count, deadline));
    this.seen = Atomics.load(this.words, this.at);
    if (status === TIMED_OUT) throw timedOut(this.where, timeout);
    check(status, this.where);
    return new SemaphoreGuard(this, count);
  }

  /** Adds permits. @throws {SemaphoreBoundError} */
  give(count: number): void {
    if (check(this.#give(count), RELEASE) !== BOUND) return;
    throw new SemaphoreBoundError(
      `Cannot ${RELEASE}: ${count} more would pass the bound of ${MOST}, value is ${this.read(0)}`,
    );
  }

  /** As `give`, for guards, which may outlive their semaphore and never fail. */
  giveBack(count: number): void {
    if (this.giveFast(count)) return;
    if (this.#give(count) === GONE) this.giveBackDetached((native) => this.binding.semaphoreRelease(native, count));
  }

  #give(count: number): Status {
    if (this.list.length > 0 && this.list.handOver(OK, (wanted) => wanted === count)) return OK;
    const status = this.binding.semaphoreRelease(this.native, count);
    if (this.list.length > 0) this.list.look(FRESH);
    this.seen = Atomics.load(this.words, this.at);
    return status;
  }

  attempt(count: number): Status {
    return this.binding.semaphoreTry(this.native, count);
  }

  expire(_count: number, timeout: number): Guard {
    throw timedOut(this.where, timeout);
  }

  arm(count: number): Status {
    return this.binding.semaphoreArm(this.native, count);
  }

  /** In the order in which arm() makes it so: bell, waiters' bits, and only then the value. */
  isHopeless(count: number): boolean {
    const bits = count > 1 ? LAYOUT.countWaiters | LAYOUT.countMany : LAYOUT.countWaiters;
    return this.isArmed && (this.read(1) & bits) === bits && this.read(0) < count;
  }

  disarm(): void {
    this.binding.semaphoreDisarm(this.native);
  }

  grant(count: number): Guard {
    return new SemaphoreGuard(this, count);
  }

  override describe(): string {
    return `value ${this.read(0)}`;
  }

  override waits(): Iterable<Closable> {
    return [this.list];
  }
}

class SemaphoreGuard implements Guard {
  readonly ownerDied = false;
  private readonly state: SemaphoreState;
  private count: number;

  constructor(state: SemaphoreState, count: number) {
    this.state = state;
    this.count = count;
  }

  release(): void {
    const { count } = this;
    if (count === 0) return;
    this.count = 0;
    this.state.giveBack(count);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
