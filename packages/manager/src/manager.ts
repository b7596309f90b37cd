import { type BarrierOptions, checkOptions } from "@lockstep/contract";
import {
  type Element,
  type ElementType,
  Segment,
  type SegmentOptions,
  SharedArray,
  SharedMemory,
  SharedValue,
} from "@lockstep/memory";
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, RWLock, Semaphore } from "@lockstep/sync";

import type { DictOptions } from "./dict_options.ts";
import { type Namespace, namespace } from "./namespace.ts";
import { PriorityQueue } from "./priority_queue.ts";
import { LifoQueue, Queue } from "./queue.ts";
import type { QueueOptions } from "./queue_options.ts";
import { SharedDict } from "./shared_dict.ts";
import { SharedList } from "./shared_list.ts";

/** The segment in which objects with a name live when nobody says otherwise. */
const COMMON_SEGMENT = "default";

/** Options of a dict that a manager makes. */
export type ManagedDictOptions = Pick<DictOptions, "maxEntries" | "evict">;

/** Options of a queue that a manager makes. */
export type ManagedQueueOptions = Pick<QueueOptions, "maxSize" | "redeliver">;

/**
 * Makes and finds objects in one segment, as Python's `multiprocessing.Manager()` does in its server. There is no
 * server here: everything is in shared memory, and nothing is lost with the process that opened the manager.
 *
 * With a name, a method gives the same object in every process that opens the same segment; without, a new one, to be
 * handed over by its `handle`.
 *
 * @example
 * ```ts
 * import { Manager } from "@lockstep/manager";
 *
 * const manager = Manager.open("my-app");
 * const hits = manager.dict<number>("hits");
 * hits.increment("/index.html");
 * ```
 */
export class Manager implements Disposable {
  /** Where everything lives. */
  readonly segment: Segment;

  /**
   * Opens the segment of this name, `"default"` when absent, or makes it.
   * @throws As `Segment.open()`.
   */
  static open(name: string = COMMON_SEGMENT, options: SegmentOptions = {}): Manager {
    return new Manager(Segment.open(name, options));
  }

  private constructor(segment: Segment) {
    this.segment = segment;
  }

  /** A dict. */
  dict<V = unknown>(name?: string, options: ManagedDictOptions = {}): SharedDict<V> {
    checkOptions(options, "open SharedDict");
    return new SharedDict<V>({ ...options, ...this.#place(name) });
  }

  /** A list. */
  list<V = unknown>(name?: string): SharedList<V> {
    return new SharedList<V>(this.#place(name));
  }

  /** An object with shared properties. */
  namespace<T extends object = Record<string, unknown>>(name?: string): Namespace<T> {
    return namespace<T>(this.#place(name));
  }

  /** A queue, first in, first out. */
  queue<T = unknown>(name?: string, options: ManagedQueueOptions = {}): Queue<T> {
    checkOptions(options, "open Queue");
    return new Queue<T>({ ...options, ...this.#place(name) });
  }

  /** A queue, last in, first out. */
  lifoQueue<T = unknown>(name?: string, options: ManagedQueueOptions = {}): LifoQueue<T> {
    checkOptions(options, "open LifoQueue");
    return new LifoQueue<T>({ ...options, ...this.#place(name) });
  }

  /** A queue, lowest priority first. */
  priorityQueue<T = unknown>(name?: string, options: ManagedQueueOptions = {}): PriorityQueue<T> {
    checkOptions(options, "open PriorityQueue");
    return new PriorityQueue<T>({ ...options, ...this.#place(name) });
  }

  /** A lock. */
  lock(name?: string): Lock {
    return new Lock(this.#place(name));
  }

  /** A reentrant lock. */
  rlock(name?: string): RLock {
    return new RLock(this.#place(name));
  }

  /** A readers-writer lock. */
  rwlock(name?: string): RWLock {
    return new RWLock(this.#place(name));
  }

  /** A semaphore, with this many permits, 1 when absent. */
  semaphore(name?: string, value?: number): Semaphore {
    return new Semaphore(value, this.#place(name));
  }

  /** A semaphore whose permits belong to those who have taken them, with this many, 1 when absent. */
  boundedSemaphore(name?: string, value?: number): BoundedSemaphore {
    return new BoundedSemaphore(value, this.#place(name));
  }

  /** A condition, with a lock of its own unless one is given. */
  condition(name?: string, lock?: Lock | RLock): Condition {
    return new Condition(lock, this.#place(name));
  }

  /** A flag to wait for. */
  event(name?: string): Event {
    return new Event(this.#place(name));
  }

  /** A barrier for this many parties. */
  barrier(name: string | undefined, parties: number, options: BarrierOptions = {}): Barrier {
    return new Barrier(parties, { ...options, ...this.#place(name) });
  }

  /** Bytes, as many as that. */
  memory(name: string | undefined, byteLength: number): SharedMemory {
    return new SharedMemory(byteLength, this.#place(name));
  }

  /** An array, with this many elements or with these. */
  array<T extends ElementType>(
    name: string | undefined,
    type: T,
    lengthOrValues: number | Iterable<Element<T>>,
  ): SharedArray<T> {
    return new SharedArray(type, lengthOrValues, this.#place(name));
  }

  /** A number, 0 when new and none is given. */
  value<T extends ElementType>(name: string | undefined, type: T, initial?: Element<T>): SharedValue<T> {
    return new SharedValue(type, initial, this.#place(name));
  }

  /** Lets go of the segment; the objects stay, for whoever has them. */
  [Symbol.dispose](): void {
    this.segment[Symbol.dispose]();
  }

  #place(name: string | undefined): { name?: string; segment: Segment } {
    return name === undefined ? { segment: this.segment } : { name, segment: this.segment };
  }
}
