import { QueueEmptyError, QueueFullError, QueueShutDownError } from "@lockstep/contract";
import { BROKEN, OK, type Status } from "@lockstep/native";
import type { ObjectState, Waitable } from "@lockstep/segment";

import { errorOf } from "./container_failure.ts";
import type { TakenItems } from "./taken_items.ts";
import { sizeOf } from "./values.ts";

/** An item that is to be put, as native code takes it. */
export interface Item {
  value: unknown;
  readonly kind: number;
  readonly priority: number;
  /** Why it cannot be put. */
  error?: Error;
}

/** Promises that wait for a free place. */
export class Putting implements Waitable<Item, void> {
  readonly where: string;
  readonly #state: ObjectState;

  constructor(state: ObjectState) {
    this.where = `put into ${state.label}`;
    this.#state = state;
  }

  attempt(item: Item): Status {
    const { binding, native } = this.#state;
    return this.judge(item, binding.queueTryPut(native, item.value, item.kind, item.priority));
  }

  arm(item: Item): Status {
    const { binding, native } = this.#state;
    return this.judge(item, binding.queueArmPut(native, item.value, item.kind, item.priority));
  }

  disarm(): void {
    this.#state.binding.queueDisarmPut(this.#state.native);
  }

  /** @throws {SegmentFullError} If the segment had no room. @throws {QueueShutDownError} */
  grant(item: Item, status: Status): void {
    if (item.error !== undefined) throw item.error;
    if (status === BROKEN) throw shutDown(this.where);
  }

  expire(_item: Item, timeout: number): never {
    const most = this.#state.info.parameter >>> 1;
    throw new QueueFullError(`Cannot ${this.where}: it had ${most} items, its maxSize, for ${timeout} ms`);
  }

  /** How a native call ended for the item. A failure ends the wait as well: it is thrown in grant(). */
  judge(item: Item, status: Status): Status {
    if (status >= OK) return status;
    const bytes = sizeOf(item.value);
    item.error = errorOf(status, { state: this.#state, action: "put into", key: undefined, bytes });
    return OK;
  }
}

/** What a promise wants of a queue: so many items at most, as it makes them. */
export interface Request<R> {
  readonly count: number;
  /** It gets undefined, instead of an error, when the queue is shut down and empty. */
  readonly mayEnd?: boolean;
  make(items: TakenItems): R;
}

/** Promises that wait for an item. */
export class Getting implements Waitable<Request<unknown>, unknown> {
  readonly where: string;
  readonly #state: ObjectState;
  readonly #items: TakenItems;

  constructor(state: ObjectState, items: TakenItems) {
    this.where = `get from ${state.label}`;
    this.#state = state;
    this.#items = items;
  }

  attempt({ count }: Request<unknown>): Status {
    if (this.#items.length > 0) return OK;
    return this.#items.receive(this.#state.binding.queueTryGet(this.#state.native, count));
  }

  arm({ count }: Request<unknown>): Status {
    if (this.#items.length > 0) return this.disarm(), OK;
    return this.#items.receive(this.#state.binding.queueArmGet(this.#state.native, count));
  }

  disarm(): void {
    this.#state.binding.queueDisarmGet(this.#state.native);
  }

  /** @throws {QueueShutDownError} */
  grant(request: Request<unknown>, status: Status): unknown {
    if (status === BROKEN && request.mayEnd) return undefined;
    if (status === BROKEN) throw shutDown(this.where);
    return request.make(this.#items);
  }

  expire(_request: Request<unknown>, timeout: number): never {
    throw new QueueEmptyError(`Cannot ${this.where}: it had no item for ${timeout} ms`);
  }
}

/** Promises that wait until all items are done. */
export class Joining implements Waitable<void, boolean> {
  readonly where: string;
  readonly #state: ObjectState;

  constructor(state: ObjectState) {
    this.where = `join ${state.label}`;
    this.#state = state;
  }

  attempt(): Status {
    return this.#state.binding.queueTryJoin(this.#state.native);
  }

  arm(): Status {
    return this.#state.binding.queueArmJoin(this.#state.native);
  }

  disarm(): void {
    this.#state.binding.queueDisarmJoin(this.#state.native);
  }

  grant(): boolean {
    return true;
  }

  expire(): boolean {
    return false;
  }
}

function shutDown(where: string): QueueShutDownError {
  return new QueueShutDownError(`Cannot ${where}: it was shut down`);
}
