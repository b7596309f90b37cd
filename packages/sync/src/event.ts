import {
  checkTimeout,
  type EventLike,
  type PlaceOptions,
  type SyncWaitOptions,
  type WaitOptions,
} from "@lockstep/contract";
import { check, FRESH, KIND, LAYOUT, OK, type Status, UNAVAILABLE } from "@lockstep/native";
import {
  attachState,
  type Closable,
  closedState,
  inSlices,
  limitsOf,
  ObjectState,
  Opened,
  openState,
  SharedObject,
  type Waitable,
  WaitList,
} from "@lockstep/segment";

const WAIT = "wait for Event";
const DISPOSED = -1; // what a disposed event's word reads as; a real one that does is asked again natively

/**
 * A flag between all threads and processes that share it. Everybody who waits when it rises sees it rise, even if it
 * falls at once. It has no owner: the death of who raised it changes nothing.
 *
 * @example
 * ```ts
 * import { Event } from "@lockstep/sync";
 *
 * const started = new Event({ name: "server-started" });
 * if (!await started.wait({ timeout: 5000 })) console.error("no server");
 * ```
 */
export class Event extends SharedObject implements EventLike {
  #state: EventState;

  /**
   * Opens the event of that name, or makes one whose flag is down.
   * @throws {TypeError | RangeError} If an option is not allowed.
   * @throws {MismatchError} If the name belongs to another kind of object.
   * @throws {SegmentFullError} If there is no room for it.
   */
  constructor(options: PlaceOptions = {}) {
    const state = openState(EventState, { kind: KIND.event, where: "open Event" }, options);
    super(state);
    this.#state = state;
  }

  /** The event of that handle. @throws {InvalidStateError} If it is not there any more. */
  static from(handle: string): Event {
    return new Event(new Opened(attachState(EventState, KIND.event, handle)));
  }

  /** Whether the flag is up at this moment. */
  get isSet(): boolean {
    return this.#state.isSet;
  }

  /** Raises the flag and wakes all who wait. */
  set(): void {
    const state = this.#state;
    if (!state.isSet) state.set();
  }

  /** Lowers the flag; who was woken by the last `set()` stays so. */
  clear(): void {
    const state = this.#state;
    if (state.isSet) state.clear();
  }

  /**
   * Waits until the flag is up or rises, without blocking the thread; the pending promise keeps the process alive.
   * Resolves with false if the timeout passes first, rejects with the signal's reason if it is aborted.
   */
  async wait(options?: WaitOptions): Promise<boolean> {
    const state = this.#state;
    const limits = limitsOf(options, WAIT);
    return state.isSet || await state.list.start(state.generation, limits);
  }

  /** As `wait()`, blocking the thread. */
  waitSync(options?: SyncWaitOptions): boolean {
    const timeout = checkTimeout(options, WAIT);
    const state = this.#state;
    return state.isSet || (timeout > 0 && state.waitSync(timeout));
  }

  /** As of every shared object. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#state = closedState(this.#state);
  }
}

/**
 * An `Event` as one thread has it. Protocol: `native/core/event.cpp`. What a promise requests is to see another
 * generation than the one in which its wait began.
 */
export class EventState extends ObjectState implements Waitable<number, boolean> {
  readonly list: WaitList<number, boolean> = new WaitList(this, this);

  get where(): string {
    return `wait for ${this.label}`;
  }

  get generation(): number {
    return (this.read(0) & ~(LAYOUT.eventSet | LAYOUT.countWaiters)) >>> 0;
  }

  get isSet(): boolean {
    const word = Atomics.load(this.words, this.at);
    return ((word === DISPOSED ? this.#readSlow() : word) & LAYOUT.eventSet) !== 0;
  }

  #readSlow(): number {
    this.checkOpen("use Event");
    return this.read(0);
  }

  clear(): void {
    check(this.binding.eventClear(this.native), "clear Event");
  }

  set(): void {
    check(this.binding.eventSet(this.native), "set Event");
    if (this.list.length > 0) this.list.look(FRESH);
  }

  waitSync(timeout: number): boolean {
    const { binding, native, generation } = this;
    const deadline = binding.now() + timeout;
    return check(inSlices(() => binding.eventWait(native, generation, deadline)), this.where) === OK;
  }

  attempt(generation: number): Status {
    return this.isSet || this.generation !== generation ? OK : UNAVAILABLE;
  }

  expire(): boolean {
    return false;
  }

  arm(generation: number): Status {
    return this.binding.eventArm(this.native, generation);
  }

  isHopeless(generation: number): boolean {
    return this.isArmed && this.read(0) >>> 0 === generation + LAYOUT.countWaiters;
  }

  disarm(): void {
    this.binding.eventDisarm(this.native);
  }

  grant(): boolean {
    return true;
  }

  override describe(): string {
    return (this.read(0) & LAYOUT.eventSet) === 0 ? "unset" : "set";
  }

  override waits(): Iterable<Closable> {
    return [this.list];
  }
}
