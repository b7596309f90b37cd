import { type Guard, SemaphoreBoundError } from "@lockstep/contract";
import {
  BOUND,
  check,
  FRESH,
  GONE,
  LAYOUT,
  OK,
  OWNER_DIED,
  type Status,
  TIMED_OUT,
  UNAVAILABLE,
} from "@lockstep/native";
import {
  type Closable,
  type Found,
  inSlices,
  ObjectState,
  POISON,
  readAfterExchange,
  timedOut,
  type Waitable,
  WaitList,
} from "@lockstep/segment";

/** No permit was to be had on the fast path. */
export const NO_PERMIT = -1;

// Native code looks at all; a scan in JavaScript costs more than the call from here on.
const MOST_PROBES = 8;
const { firstPermit: FIRST_PERMIT, countWaiters: WAITERS } = LAYOUT;
const SLOT_MASK = 0x1fff;
const HOLD_NUMBERS = 0x3fffffff; // small integers in every V8
const SPENT = -1;

/**
 * A `BoundedSemaphore` as one thread has it. Protocol: `native/core/bounded_semaphore.cpp`; word 0 is the event count,
 * and from word 16 on each permit is a word, 0 or the owner id of its holder.
 *
 *     step         permit word     number of the permit's hold
 *     take         0 -> me         + 1, kept by the guard
 *     give back    me -> 0         the guard forgets it; + 1 when no guard does it
 *     hand over    stays me        + 1
 *
 * What a promise requests is an array with room for its permits.
 */
export class BoundedSemaphoreState extends ObjectState implements Waitable<Uint32Array, Guard> {
  readonly limit: number;
  /** Numbers of the present holds of this thread, a permit each. */
  readonly holds: Int32Array;
  readonly list: WaitList<Uint32Array, Guard> = new WaitList(this, this);
  /** Permits that JavaScript can reach: all, or none where there are no words. */
  reachable: number;
  /** The permit that this thread took last. */
  hint: number;

  constructor(found: Found) {
    super(found);
    this.limit = this.info.parameter;
    this.holds = new Int32Array(this.limit);
    this.hint = this.limit === 0 ? 0 : (this.me & SLOT_MASK) % this.limit;
    this.reachable = this.words === POISON ? 0 : this.limit;
  }

  get where(): string {
    return `acquire ${this.label}`;
  }

  override get hasHolds(): boolean {
    for (let permit = 0; permit < this.limit; permit++) {
      if (this.read(FIRST_PERMIT + permit) === this.me) return true;
    }
    return false;
  }

  /** A permit from near the last one, or NO_PERMIT. */
  tryTakeOne(): number {
    const permit = this.hint;
    if (permit >= this.reachable) return NO_PERMIT;
    const isFree = Atomics.compareExchange(this.words, this.at + FIRST_PERMIT + permit, 0, this.me) === 0;
    return isFree ? permit : this.#tryTakeNext(permit);
  }

  #tryTakeNext(taken: number): number {
    const { words, at, me, limit } = this;
    const probes = Math.min(limit, MOST_PROBES);
    for (let probe = 1; probe < probes; probe++) {
      const permit = (taken + probe) % limit;
      if (Atomics.compareExchange(words, at + FIRST_PERMIT + permit, 0, me) === 0) return this.hint = permit;
    }
    return NO_PERMIT;
  }

  tryTake(count: number): Guard | undefined {
    const permits = new Uint32Array(count);
    const status = check(this.binding.boundedTry(this.native, permits), this.where);
    return status === UNAVAILABLE ? undefined : this.grant(permits, status);
  }

  takeSync(count: number, timeout: number): Guard {
    const { binding, native } = this;
    const guard = timeout === 0 ? this.tryTake(count) : undefined;
    if (guard !== undefined) return guard;
    const permits = new Uint32Array(count);
    const deadline = binding.now() + timeout;
    const status = inSlices(() => binding.boundedAcquire(native, permits, deadline));
    if (status === TIMED_OUT) throw timedOut(this.where, timeout);
    return this.grant(permits, check(status, this.where));
  }

  /** Numbers the hold on a permit that this thread has just got. */
  startHold(permit: number): number {
    return this.holds[permit] = ((this.holds[permit] as number) + 1) & HOLD_NUMBERS;
  }

  /** Gives the permit back if that hold on it is still the present one. For guards, which must never fail. */
  endHold(permit: number, hold: number): void {
    if (this.holds[permit] !== hold) return;
    if (this.list.length > 0 || !this.giveFast(permit)) this.#giveSlow(permit);
  }

  /** Gives back permits of this thread, else of others. */
  giveAny(count: number, where: string): void {
    if (check(this.binding.boundedReleaseAny(this.native, count), where) === BOUND) {
      throw new SemaphoreBoundError(`Cannot ${where}: fewer than ${count} of its ${this.limit} permits are taken`);
    }
    if (this.list.length > 0) this.list.look(FRESH);
  }

  /** Gives the permit near which the next one will be looked for back, if this thread has it. */
  giveHinted(): boolean {
    const permit = this.hint;
    if (this.list.length > 0 || !this.giveFast(permit)) return false;
    this.startHold(permit);
    return true;
  }

  giveFast(permit: number): boolean {
    const { words, at, me } = this;
    if (permit >= this.reachable) return false;
    if (Atomics.compareExchange(words, at + FIRST_PERMIT + permit, me, 0) !== me) return false;
    if ((readAfterExchange(words, at) & WAITERS) !== 0) this.wake();
    return true;
  }

  wake(): void {
    this.binding.boundedWake(this.native, 1);
  }

  #giveSlow(permit: number): void {
    if (this.list.length > 0 && this.#handOver(permit)) return;
    const status = this.binding.boundedRelease(this.native, permit);
    if (status === GONE) this.giveBackDetached((native) => this.binding.boundedRelease(native, permit));
    if (this.list.length > 0) this.list.look(FRESH);
  }

  #handOver(permit: number): boolean {
    if (this.read(FIRST_PERMIT + permit) !== this.me) return false;
    return this.list.handOver(OK, (permits) => {
      if (permits.length > 1) return false;
      permits[0] = permit;
      return true;
    });
  }

  attempt(permits: Uint32Array): Status {
    return this.binding.boundedTry(this.native, permits);
  }

  expire(_permits: Uint32Array, timeout: number): Guard {
    throw timedOut(this.where, timeout);
  }

  arm(permits: Uint32Array): Status {
    return this.binding.boundedArm(this.native, permits);
  }

  disarm(): void {
    this.binding.boundedDisarm(this.native);
  }

  grant(permits: Uint32Array, status: Status): Guard {
    const [first = 0] = permits;
    const ownerDied = status === OWNER_DIED;
    if (permits.length === 1) return new PermitGuard(this, first, ownerDied);
    return new PermitsGuard(Array.from(permits, (permit) => new PermitGuard(this, permit, ownerDied)), ownerDied);
  }

  override describe(): string {
    return `value ${this.binding.boundedValue(this.native)}/${this.limit}`;
  }

  override waits(): Iterable<Closable> {
    return [this.list];
  }

  override close(): void {
    this.reachable = 0;
    super.close();
  }
}

/** One permit. */
export class PermitGuard implements Guard {
  readonly ownerDied: boolean;
  private readonly state: BoundedSemaphoreState;
  private readonly permit: number;
  private hold: number;

  constructor(state: BoundedSemaphoreState, permit: number, ownerDied: boolean) {
    this.state = state;
    this.permit = permit;
    this.hold = state.startHold(permit);
    this.ownerDied = ownerDied;
  }

  release(): void {
    const { hold } = this;
    this.hold = SPENT;
    this.state.endHold(this.permit, hold);
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

class PermitsGuard implements Guard {
  readonly ownerDied: boolean;
  readonly #guards: readonly PermitGuard[];

  constructor(guards: readonly PermitGuard[], ownerDied: boolean) {
    this.#guards = guards;
    this.ownerDied = ownerDied;
  }

  release(): void {
    for (const guard of this.#guards) guard.release();
  }

  [Symbol.dispose](): void {
    this.release();
  }
}
