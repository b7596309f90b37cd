import type { SyncWaitOptions, WaitOptions } from "@lockstep/contract";
import { KIND } from "@lockstep/native";
import { attachState, closedState, Opened, openState } from "@lockstep/segment";

import { AnyQueue } from "./any_queue.ts";
import { classes } from "./classes.ts";
import { parameterOf, type QueueOptions } from "./queue_options.ts";
import { QueueState } from "./queue_state.ts";

const NO_PRIORITY = 0;

/** Gives this package the state behind a queue, and nobody else. */
export let queueStateOf: (queue: OrderedQueue<never>) => QueueState;

/** A queue whose order does not depend on what is put. */
export abstract class OrderedQueue<T> extends AnyQueue<T> {
  #state: QueueState;

  static {
    queueStateOf = (queue) => queue.#state;
  }

  /** As that of `AnyQueue`. @ignore */
  constructor(state: QueueState) {
    super(state);
    this.#state = state;
  }

  /**
   * Puts a copy of the value, made at once, without blocking the thread while `maxSize` items lie in the queue.
   * Rejects with `QueueFullError` if the timeout passes first, with the signal's reason if it is aborted, with
   * `QueueShutDownError` if the queue is shut down, with `SegmentFullError` if the segment has no room, with a
   * `DOMException` of name `DataCloneError` if something in the value cannot be copied. Nothing is put then.
   */
  put(value: T, options?: WaitOptions): Promise<void> {
    return this.#state.put(value, NO_PRIORITY, options);
  }

  /** As `put()`, blocking the thread. @throws What `put()` rejects with. */
  putSync(value: T, options?: SyncWaitOptions): void {
    this.#state.putSync(value, NO_PRIORITY, options);
  }

  /**
   * Puts a copy of the value if a place is free now.
   * @returns False if none is.
   * @throws What `put()` rejects with.
   */
  tryPut(value: T): boolean {
    return this.#state.tryPut(value, NO_PRIORITY);
  }

  /** As of every shared object. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#state = closedState(this.#state);
  }
}

/**
 * A queue between all threads and processes that share it, first in, first out: the items of one thread are got in the
 * order in which it put them. As Python's `queue.Queue` and `multiprocessing.JoinableQueue`, without a feeder thread
 * and without a pipe.
 *
 * A queue with a name lives as long as its segment or until `destroy()`, and so do its items; one without as long as
 * somebody has it.
 *
 * @example
 * ```ts
 * import { Queue } from "@lockstep/manager";
 *
 * const jobs = new Queue<{ url: string }>({ name: "jobs", redeliver: true });
 * await jobs.put({ url: "https://example.org/" });
 * for await (const job of jobs) console.log(job.url); // here or in any other process
 * ```
 */
export class Queue<T = unknown> extends OrderedQueue<T> {
  /**
   * Opens the queue of that name, or makes one.
   * @throws {TypeError | RangeError} If an option is not allowed.
   * @throws {MismatchError} If the name belongs to another kind of object, or to a queue with other options.
   * @throws {SegmentFullError} If there is no room for it.
   */
  constructor(options: QueueOptions = {}) {
    super(openQueue(KIND.queue, options, "open Queue"));
  }

  /** The queue of that handle. @throws {InvalidStateError} If it is not there any more. */
  static from<T = unknown>(handle: string): Queue<T> {
    return new Queue<T>(new Opened(attachState(QueueState, KIND.queue, handle)));
  }
}

/** As `Queue`, but last in, first out. */
export class LifoQueue<T = unknown> extends OrderedQueue<T> {
  /** As that of `Queue`. */
  constructor(options: QueueOptions = {}) {
    super(openQueue(KIND.lifoQueue, options, "open LifoQueue"));
  }

  /** The queue of that handle. @throws {InvalidStateError} If it is not there any more. */
  static from<T = unknown>(handle: string): LifoQueue<T> {
    return new LifoQueue<T>(new Opened(attachState(QueueState, KIND.lifoQueue, handle)));
  }
}

/** Opens the queue of that name, or makes one. */
export function openQueue(kind: number, options: QueueOptions, where: string): QueueState {
  return openState(QueueState, { kind, parameter: parameterOf(options, where), where }, options);
}

classes.set(KIND.queue, (handle) => Queue.from(handle));
classes.set(KIND.lifoQueue, (handle) => LifoQueue.from(handle));
