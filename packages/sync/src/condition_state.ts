import { check, FRESH, OK, type Status, TIMED_OUT } from "@lockstep/native";
import { type Closable, inSlices, type Limits, ObjectState, type Waitable, WaitList } from "@lockstep/segment";

/** What a condition needs of the state of its lock. */
export interface ConditionLock {
  /** Whether the caller may wait and notify. */
  isHeldByCaller(): boolean;
  /**
   * Lets go of all levels, so that the hold and its guards can go on later.
   * @returns What takes the lock as often as it was held. However long that takes: nothing ends this wait.
   */
  letGo(where: string): () => Promise<void>;
  /**
   * The same for a thread that blocks until then. Its own promises do not get the lock meanwhile: they could not go on,
   * nor give it back.
   */
  letGoSync(where: string): () => void;
}

/**
 * A `Condition` as one thread has it. Protocol: `native/core/condition.cpp`. What a promise requests is to be notified
 * in its place in the queue; places of one thread are notified in the order of the list, so that its head tells for
 * all.
 */
export class ConditionState extends ObjectState implements Waitable<number, Status> {
  readonly list: WaitList<number, Status> = new WaitList(this, this);

  get where(): string {
    return `wait for ${this.label}`;
  }

  /** A place in the queue; the caller holds the lock. */
  enter(): number {
    return check(this.binding.conditionEnter(this.native), this.where);
  }

  /** Until the place is notified or time is over. It is kept: take the lock back, then `accept`. */
  waitSync(place: number, timeout: number): void {
    const { binding, native } = this;
    const deadline = binding.now() + timeout;
    if (timeout > 0) check(inSlices(() => binding.conditionWait(native, place, deadline)), this.where);
  }

  /** The same, without blocking the thread. A promise that is rejected has abandoned its place. */
  async wait(place: number, limits: Limits): Promise<void> {
    await this.list.wait(place, limits);
  }

  /** Gives the place up, with the lock held: whoever dies before leaves its notification to another. */
  accept(place: number): boolean {
    return check(this.#leave(place), this.where) === OK;
  }

  /** What the function gives. If it throws, the place is given up: it must not catch notifications that others need. */
  unlessThrown<T>(place: number, work: () => T): T {
    try {
      return work();
    } catch (error) {
      return this.giveUp(place, error);
    }
  }

  /** Gives the place up and throws. */
  giveUp(place: number, error: unknown): never {
    this.abandon(place);
    throw error;
  }

  /** Notifies the `count` who have waited longest; promises of this thread hear of it at once. */
  notify(count: number): void {
    check(this.binding.conditionNotify(this.native, count), `notify ${this.label}`);
    if (this.list.length > 0) this.list.look(FRESH);
  }

  /** OK when a notification had come. */
  #leave(place: number): Status {
    return this.binding.conditionLeave(this.native, place);
  }

  arm(place: number): Status {
    return this.attempt(place);
  }

  attempt(place: number): Status {
    return this.binding.conditionPoll(this.native, place);
  }

  expire(): Status {
    return TIMED_OUT;
  }

  /** The notifier rings the owner of a place without a bell: there is none to take back. */
  disarm(): void {}

  grant(_place: number, status: Status): Status {
    return status;
  }

  /** A notification that came too late for this promise is the next one's, who has it before the place is given up. */
  abandon(place: number): void {
    const passesOn = this.attempt(place) === OK;
    if (passesOn) this.binding.conditionNotify(this.native, 1);
    if (this.#leave(place) === OK && !passesOn) this.binding.conditionNotify(this.native, 1);
  }

  override describe(): string {
    return `${this.binding.conditionWaiting(this.native)} waiting`;
  }

  override waits(): Iterable<Closable> {
    return [this.list];
  }
}
