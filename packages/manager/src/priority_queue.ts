import { KIND } from "@lockstep/native";
import { attachState, closedState, Opened } from "@lockstep/segment";

import { AnyQueue } from "./any_queue.ts";
import { classes } from "./classes.ts";
import { openQueue } from "./queue.ts";
import {
  priorityOf,
  type PriorityOptions,
  type PrioritySyncOptions,
  type PriorityWaitOptions,
  type QueueOptions,
} from "./queue_options.ts";
import { QueueState } from "./queue_state.ts";

/**
 * As `Queue`, but the item of the lowest priority is got first, and of equal ones the one that was put first. The
 * priority is a number that is given with the item; items themselves are not compared.
 */
export class PriorityQueue<T = unknown> extends AnyQueue<T> {
  #state: QueueState;

  /** As that of `Queue`. */
  constructor(options: QueueOptions = {}) {
    const state = openQueue(KIND.priorityQueue, options, "open PriorityQueue");
    super(state);
    this.#state = state;
  }

  /** The queue of that handle. @throws {InvalidStateError} If it is not there any more. */
  static from<T = unknown>(handle: string): PriorityQueue<T> {
    return new PriorityQueue<T>(new Opened(attachState(QueueState, KIND.priorityQueue, handle)));
  }

  /** As that of `Queue`, with a priority. Rejects with `TypeError` or `RangeError` if that is no number. */
  put(value: T, options: PriorityWaitOptions): Promise<void> {
    try {
      return this.#state.put(value, priorityOf(options, this.#where), options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As `put()`, blocking the thread. @throws What `put()` rejects with. */
  putSync(value: T, options: PrioritySyncOptions): void {
    this.#state.putSync(value, priorityOf(options, this.#where), options);
  }

  /** Puts a copy of the value if a place is free now. @returns False if none is. @throws What `put()` rejects with. */
  tryPut(value: T, options: PriorityOptions): boolean {
    return this.#state.tryPut(value, priorityOf(options, this.#where));
  }

  /** As of every shared object. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#state = closedState(this.#state);
  }

  get #where(): string {
    return `put into ${this.#state.label}`;
  }
}

classes.set(KIND.priorityQueue, (handle) => PriorityQueue.from(handle));
