import { checkTimeout, InvalidStateError, type SyncWaitOptions, type WaitOptions } from "@lockstep/contract";
import {
  BOUND,
  BROKEN,
  check,
  FRESH,
  NOT_FOUND,
  NOT_HELD,
  type Status,
  TIMED_OUT,
  UNAVAILABLE,
} from "@lockstep/native";
import { type Closable, inSlices, limitsOf, ObjectState, WaitList } from "@lockstep/segment";

import { Getting, type Item, Joining, Putting, type Request } from "./queue_waits.ts";
import { TakenItems } from "./taken_items.ts";
import { payloadKind, payloadOf } from "./values.ts";

const MOST_AT_ONCE = 256; // of one native call
const DONE: Promise<void> = Promise.resolve();

/** A queue as one thread has it. Protocol: `native/core/queue.cpp`. */
export class QueueState extends ObjectState {
  readonly #items = new TakenItems(this.binding);
  readonly #putting = new Putting(this);
  readonly #getting = new Getting(this, this.#items);
  readonly #joining = new Joining(this);
  readonly #puts = new WaitList<Item, void>(this.#putting, this);
  readonly #gets = new WaitList<Request<unknown>, unknown>(this.#getting, this);
  readonly #joins = new WaitList<void, boolean>(this.#joining, this);

  // --- put ----------------------------------------------------------------------------------------------------------

  /** Puts if a place is free. @throws {QueueShutDownError | SegmentFullError | DOMException} */
  tryPut(value: unknown, priority: number): boolean {
    return this.tryPutItem(this.#itemOf(value, priority));
  }

  /** The same for an item that is made already. */
  tryPutItem(item: Item): boolean {
    const status = this.#puts.length === 0 ? this.#putting.attempt(item) : UNAVAILABLE;
    return status !== UNAVAILABLE && this.#hasPut(item, status);
  }

  putSync(value: unknown, priority: number, options: SyncWaitOptions | undefined): void {
    const timeout = checkTimeout(options, this.#putting.where);
    const item = this.#itemOf(value, priority);
    let status = this.#putting.attempt(item);
    if (status === UNAVAILABLE) {
      const { binding, native } = this;
      const deadline = binding.now() + timeout;
      item.value = keep(item.value);
      status = inSlices(() => binding.queuePut(native, item.value, item.kind, priority, deadline));
      if (status === TIMED_OUT) this.#putting.expire(item, timeout);
      status = this.#putting.judge(item, status);
    }
    this.#hasPut(item, status);
  }

  put(value: unknown, priority: number, options: WaitOptions | undefined): Promise<void> {
    try {
      const limits = limitsOf(options, this.#putting.where);
      const item = this.#itemOf(value, priority);
      const status = this.#puts.length === 0 ? this.#putting.attempt(item) : UNAVAILABLE;
      if (status !== UNAVAILABLE) return this.#hasPut(item, status), DONE;
      item.value = keep(item.value);
      return this.#puts.wait(item, limits);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #itemOf(value: unknown, priority: number): Item {
    return { value: payloadOf(value, this.segment), kind: payloadKind, priority };
  }

  #hasPut(item: Item, status: Status): true {
    this.#putting.grant(item, check(status, this.#putting.where));
    this.#lookAtGets();
    return true;
  }

  #lookAtGets(): void {
    if (this.#gets.length > 0) this.#gets.look(FRESH);
  }

  // --- get ----------------------------------------------------------------------------------------------------------

  /** Gets what is there, up to the count; undefined when nothing is. @throws {QueueShutDownError} */
  tryGet<R>(request: Request<R>): R | undefined {
    const status = this.#getting.attempt(request);
    return status === UNAVAILABLE ? undefined : this.#hasGot(request, status);
  }

  getSync<R>(request: Request<R>, options: SyncWaitOptions | undefined): R {
    const timeout = checkTimeout(options, this.#getting.where);
    let status = this.#getting.attempt(request);
    if (status === UNAVAILABLE) {
      const { binding, native } = this;
      const deadline = binding.now() + timeout;
      status = inSlices(() => this.#items.receive(binding.queueGet(native, request.count, deadline)));
      if (status === TIMED_OUT) this.#getting.expire(request, timeout);
    }
    return this.#hasGot(request, status);
  }

  get<R>(request: Request<R>, options: WaitOptions | undefined): Promise<R> {
    const got = this.#gets.start(request, options) as Promise<R>;
    this.#lookAtPuts();
    return got;
  }

  /** From now on the event loop does not stay alive for those who wait for an item. */
  letLoopEnd(): void {
    this.#gets.holdsLoop = false;
  }

  /**
   * Ends an item of a loop, unless that was done before, and gets the next one as `get()` does, at once where it can:
   * then under one hold of the stripe.
   */
  next(done: number, options: WaitOptions | undefined): Next | Promise<Next> {
    if (done === 0 || options !== undefined || this.#gets.length > 0 || this.#items.length > 0) {
      if (done !== 0) this.end(done);
      return this.get(ONE_TO_END, options);
    }
    const status = this.#items.receive(this.binding.queueEndAndTryGet(this.native, done));
    this.#lookAtJoins();
    return status === UNAVAILABLE ? this.get(ONE_TO_END, options) : this.#hasGot(ONE_TO_END, status);
  }

  /** As many as lie in it now, up to the count. */
  drain(count: number): unknown[] {
    const most = Math.min(count, this.size + this.#items.length);
    const all: unknown[] = [];
    for (let before = -1; all.length < most && all.length > before;) {
      before = all.length;
      const request = manyOf(most - before, all);
      const status = this.#getting.attempt(request);
      if (status === UNAVAILABLE || status === BROKEN) break;
      this.#hasGot(request, status);
    }
    return all;
  }

  #hasGot<R>(request: Request<R>, status: Status): R {
    const got = this.#getting.grant(request, check(status, this.#getting.where)) as R;
    this.#lookAtPuts();
    return got;
  }

  #lookAtPuts(): void {
    if (this.#puts.length > 0) this.#puts.look(FRESH);
  }

  // --- done ---------------------------------------------------------------------------------------------------------

  /** @throws {InvalidStateError} If so many were not got. */
  taskDone(count: number): void {
    const where = `end ${count} ${count === 1 ? "item" : "items"} of ${this.label}`;
    const status = check(this.binding.queueTaskDone(this.native, count), where);
    if (status === BOUND) {
      const got = this.unfinished - this.size;
      throw new InvalidStateError(`Cannot ${where}: ${got} were got and are not done`);
    }
    if (status === NOT_HELD) {
      throw new InvalidStateError(`Cannot ${where}: this thread has not got so many, and the queue redelivers`);
    }
    this.#lookAtJoins();
  }

  /** Ends this item unless that was done before. */
  end(item: number): void {
    const status = this.binding.queueEnd(this.native, item);
    if (status !== NOT_FOUND) check(status, `end item of ${this.label}`);
    this.#lookAtJoins();
  }

  joinSync(options: SyncWaitOptions | undefined): boolean {
    const { binding, native } = this;
    const deadline = binding.now() + checkTimeout(options, this.#joining.where);
    const status = inSlices(() => binding.queueJoin(native, deadline));
    return check(status, this.#joining.where) !== TIMED_OUT;
  }

  join(options: WaitOptions | undefined): Promise<boolean> {
    return this.#joins.start(undefined, options);
  }

  shutDown(atOnce: boolean): void {
    check(this.binding.queueShutDown(this.native, atOnce), `shut down ${this.label}`);
    this.#lookAtGets();
    this.#lookAtPuts();
    this.#lookAtJoins();
  }

  #lookAtJoins(): void {
    if (this.#joins.length > 0) this.#joins.look(FRESH);
  }

  // ------------------------------------------------------------------------------------------------------------------

  get size(): number {
    this.checkOpen(`read size of ${this.label}`);
    return this.binding.queueSize(this.native);
  }

  get unfinished(): number {
    this.checkOpen(`read unfinished of ${this.label}`);
    return this.binding.queueUnfinished(this.native);
  }

  get isShutDown(): boolean {
    this.checkOpen(`read isShutDown of ${this.label}`);
    return this.binding.queueIsShutDown(this.native);
  }

  get maxSize(): number {
    return this.info.parameter >>> 1;
  }

  override describe(): string {
    const { size } = this;
    return `${size} ${size === 1 ? "item" : "items"}`;
  }

  override waits(): Iterable<Closable> {
    return [this.#gets, this.#puts, this.#joins];
  }
}

/** One item, its value. */
export const ONE: Request<unknown> = { count: 1, make: (items) => items.one() };

/** What a loop gets: an item with what native code knows it by, or the end of all. */
export type Next = { readonly value: unknown; readonly item: number } | undefined;

const ONE_TO_END: Request<Next> = {
  count: 1,
  mayEnd: true,
  make: (items) => {
    const value = items.one();
    return { value, item: items.item };
  },
};

/** Up to so many items, behind those that are in the array. */
export function manyOf(count: number, into: unknown[] = []): Request<unknown[]> {
  return { count: Math.min(count, MOST_AT_ONCE), make: (items) => items.many(count, into) };
}

/** Bytes are true until the next call only. */
function keep(payload: unknown): unknown {
  return payload instanceof Uint8Array ? payload.slice() : payload;
}
