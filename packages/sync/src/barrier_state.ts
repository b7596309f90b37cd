import { BrokenBarrierError, type WaitOptions } from "@lockstep/contract";
import { BROKEN, check, FRESH, type Handle, LAYOUT, OK, type Status, TIMED_OUT, UNAVAILABLE } from "@lockstep/native";
import {
  type Closable,
  FOR_EVER,
  type Found,
  inSlices,
  type Limits,
  limitsOf,
  ObjectState,
  remaining,
  WaitList,
} from "@lockstep/segment";

/** A place in one round: generation and index. */
export type Arrival = [number, number];

// What native code fills in; one for all, because a typed array that native code has seen costs 1 to 2 us to make.
const FILLED_IN = new Uint32Array(2);

// How long a thread that waits to be let in leaves promises of its own alone.
const OWN_PROMISES_MS = 1;

/** Limits of a wait in two parts. */
export interface BarrierLimits extends Limits {
  readonly deadline: number;
}

/**
 * A `Barrier` as one thread has it. Protocol: `native/core/barrier.cpp`.
 *
 * Promises wait in two lists: to be let in while a reset drains or a full round is about to pass, and for their round
 * to pass. Places are in the order of arrival, so the head of the second list belongs to the oldest round.
 */
export class BarrierState extends ObjectState {
  readonly entering: WaitList<Arrival, Arrival>;
  readonly passing: WaitList<Arrival, number>;
  /** Parties whose promises are rejected, though their round could not be broken any more: it is about to pass. */
  readonly leaving: WaitList<Arrival, void>;

  constructor(found: Found) {
    super(found);
    const { binding, native } = this;
    const disarm = (): void => void binding.barrierDisarm(native);
    this.entering = new WaitList({
      where: this.where,
      arm: (arrival) => this.#takePlace(arrival),
      attempt: (arrival) => this.#takePlace(arrival),
      disarm,
      expire: () => {
        throw this.#broken("time ran out");
      },
      grant: (arrival, status) => this.#entered(arrival, status),
    }, this);
    this.passing = new WaitList({
      where: this.where,
      arm: ([generation, index]) => binding.barrierPoll(native, generation, index),
      attempt: ([generation, index]) => binding.barrierPoll(native, generation, index),
      disarm,
      expire: (arrival) => this.#giveUp(arrival, () => this.passing.wait(arrival, FOR_EVER)),
      grant: (arrival, status) => this.#passed(arrival, status),
      abandon: (arrival) => this.#abandon(arrival),
    }, this);
    this.leaving = new WaitList({
      where: this.where,
      arm: ([generation, index]) => binding.barrierPoll(native, generation, index),
      attempt: ([generation, index]) => binding.barrierPoll(native, generation, index),
      disarm,
      expire: () => {},
      grant: () => {},
    }, this);
    this.entering.siblings = [this.passing, this.leaving];
    this.passing.siblings = [this.entering, this.leaving];
    this.leaving.siblings = [this.entering, this.passing];
  }

  get where(): string {
    return `wait at ${this.label}`;
  }

  get isBroken(): boolean {
    return (this.read(0) & LAYOUT.barrierBroken) !== 0;
  }

  isLast([, index]: Arrival): boolean {
    return index === this.info.parameter - 1;
  }

  limitsOf(options: WaitOptions | undefined, usual: number): BarrierLimits {
    const { timeout: given, signal } = limitsOf(options, this.where);
    const timeout = options?.timeout === undefined ? usual : given;
    return { timeout, signal, deadline: this.binding.now() + timeout };
  }

  /** Takes a place in the present round at once; undefined when that has to wait. */
  tryArrive(): Arrival | undefined {
    if (this.entering.length > 0) return undefined;
    const arrival: Arrival = [0, 0];
    const status = this.#tryArrive(arrival);
    return status === UNAVAILABLE ? undefined : this.#entered(arrival, status);
  }

  /** Waits for a place. A party that is disposed between getting one and using it breaks its round. */
  async arrive(limits: BarrierLimits): Promise<Arrival> {
    const arrival = await this.entering.wait([0, 0], limits);
    if (this.users > 0) return arrival;
    this.giveBackDetached((native) => this.binding.barrierBreak(native, ...arrival));
    throw this.disposed();
  }

  arriveSync(deadline: number): Arrival {
    const { binding, native } = this;
    const arrival: Arrival = [0, 0];
    let status = this.#tryArrive(arrival);
    while (status === UNAVAILABLE) {
      // A reset also waits for promises of this very thread to leave, which they do when #tryArrive looks.
      const isAlone = this.passing.length + this.leaving.length === 0;
      const until = isAlone ? deadline : Math.min(deadline, binding.now() + OWN_PROMISES_MS);
      const waited = inSlices(() => binding.barrierAwaitReset(native, until));
      if (waited === TIMED_OUT && until === deadline) throw this.#broken("time ran out");
      status = this.#tryArrive(arrival);
    }
    return this.#entered(arrival, status);
  }

  /** The last party: runs the action and lets the others go. */
  trip(arrival: Arrival, action: (() => void) | undefined): number {
    const [generation, index] = arrival;
    try {
      action?.();
    } catch (error) {
      this.change((native) => this.binding.barrierBreak(native, generation, index), this.where);
      throw error;
    }
    const status = this.binding.barrierTrip(this.native, generation, index);
    this.#look();
    return this.#passed(arrival, check(status, this.where));
  }

  waitForOthers(arrival: Arrival, limits: BarrierLimits): Promise<number> {
    return this.passing.wait(arrival, remaining(limits, limits.deadline, this.binding.now()));
  }

  waitForOthersSync(arrival: Arrival, deadline: number): number {
    const [generation, index] = arrival;
    const { binding, native } = this;
    const wait = (until: number): Status => inSlices(() => binding.barrierWait(native, generation, index, until));
    const status = wait(deadline);
    if (status !== TIMED_OUT) return this.#passed(arrival, check(status, this.where));
    return this.#giveUp(arrival, () => this.#passed(arrival, wait(Infinity)));
  }

  /** Changes the barrier for all; promises of this thread hear of it at once. */
  change(change: (native: Handle) => Status, where: string): void {
    check(change(this.native), where);
    this.#look();
  }

  override get hasHolds(): boolean {
    return this.leaving.length > 0;
  }

  override describe(): string {
    const waiting = this.binding.barrierWaiting(this.native);
    return this.isBroken ? "broken" : `${waiting}/${this.info.parameter} waiting`;
  }

  override waits(): Iterable<Closable> {
    return [this.entering, this.passing];
  }

  /** Time is over: breaks the round, unless all have arrived meanwhile. */
  #giveUp<T>(arrival: Arrival, waitOn: () => T): T | number {
    const [generation, index] = arrival;
    const status = this.binding.barrierBreak(this.native, generation, index);
    this.#look();
    if (status === UNAVAILABLE) return waitOn();
    if (status === BROKEN) throw this.#broken("time ran out");
    return this.#passed(arrival, check(status, this.where));
  }

  /** The promise is rejected. A round in which all have arrived passes; or it is reset, and the party has to leave. */
  #abandon(arrival: Arrival): void {
    const [generation, index] = arrival;
    if (this.binding.barrierBreak(this.native, generation, index) === UNAVAILABLE) {
      void this.leaving.wait(arrival, FOR_EVER);
    }
  }

  #takePlace(arrival: Arrival): Status {
    const status = this.binding.barrierArrive(this.native, FILLED_IN);
    [arrival[0] = 0, arrival[1] = 0] = FILLED_IN;
    return status;
  }

  /** Native code may have taken the bell back, for which promises of this thread wait. */
  #tryArrive(arrival: Arrival): Status {
    const status = this.#takePlace(arrival);
    this.#look();
    return status;
  }

  #look(): void {
    if (this.leaving.length > 0) this.leaving.look(FRESH);
    if (this.passing.length > 0) this.passing.look(FRESH);
    if (this.entering.length > 0) this.entering.look(FRESH);
  }

  #entered(arrival: Arrival, status: Status): Arrival {
    if (check(status, this.where) === BROKEN) throw this.#broken("it is broken");
    return arrival;
  }

  #passed([, index]: Arrival, status: Status): number {
    if (status === OK) return index;
    throw this.#broken("it was broken or reset");
  }

  #broken(reason: string): BrokenBarrierError {
    return new BrokenBarrierError(`Cannot ${this.where}: ${reason}`);
  }
}
