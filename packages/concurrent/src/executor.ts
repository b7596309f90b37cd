import { checkInteger, checkOptions, checkTimeout, show, type WaitOptions } from "@lockstep/contract";

import { type CallsOptions, checkIterable, isIterable, resultsOf, zip } from "./chunks.ts";
import type { Engine, EngineOptions } from "./engine.ts";
import type { Future } from "./future.ts";
import { transferOf } from "./parcel.ts";
import { MOST_WORKERS } from "./task_words.ts";
import type { Results } from "./results.ts";
import type { ExecutorStats, ProgressSource } from "./tally.ts";
import { targetOf, type Task } from "./task.ts";

/** How an executor or pool makes its workers. */
export interface CrewOptions {
  /** What each worker runs before its first task. If it throws, the executor is broken. */
  initializer?: Task | undefined;
  /** What the initializer is called with. */
  initArgs?: readonly unknown[] | undefined;
  /** A worker is replaced after so many tasks, a chunk counting as one. Never when absent. */
  maxTasksPerWorker?: number | undefined;
}

/** How an executor is made. */
export interface ExecutorOptions extends CrewOptions {
  /** Most workers at once; they are started when there are tasks for them. */
  maxWorkers?: number | undefined;
  /**
   * Whether a worker that dies is replaced, and fails its task only. Without it the executor is broken by that, as in
   * Python. A task whose time is over, or whose signal is aborted, has its worker killed then, else it goes on.
   */
  replaceWorkers?: boolean | undefined;
}

/** What `submitWith()` is given besides the task. */
export interface SubmitOptions extends WaitOptions {
  /** Milliseconds from the call until the future fails with `TimeoutError`. For ever when absent. */
  timeout?: number;
  /**
   * What is moved to the thread instead of being copied, as `postMessage()` does: an `ArrayBuffer` that is in the
   * arguments, or is that of a view in them, or a `MessagePort`. It is nothing here from the call on, even if the task
   * never begins. With processes a `TypeError`.
   */
  transfer?: readonly object[];
}

/** What executors have in common. */
export abstract class Executor implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #label: string;

  /** With this engine. @ignore */
  constructor(engine: Engine, label: string) {
    this.#engine = engine;
    this.#label = label;
    engine.shutDownWith(this);
  }

  /**
   * Gives a task to the workers, and returns at once. The arguments are copied now. What cannot be copied, or finds no
   * room, fails the future.
   * @throws {TypeError | RangeError} If it is no task.
   * @throws {InvalidStateError} After `shutdown()`.
   * @throws {BrokenExecutorError} When the executor is broken.
   */
  submit<A extends readonly unknown[], R>(task: Task<A, R>, ...args: A): Future<Awaited<R>> {
    return this.#submit(undefined, task, args);
  }

  /** As `submit()`, with a limit of time or a signal, at which the future fails, or with objects that are moved. */
  submitWith<A extends readonly unknown[], R>(
    options: SubmitOptions,
    task: Task<A, R>,
    ...args: A
  ): Future<Awaited<R>> {
    checkOptions(options, `submit task to ${this.#label}`);
    return this.#submit(options, task, args);
  }

  #submit<A extends readonly unknown[], R>(
    options: SubmitOptions | undefined,
    task: Task<A, R>,
    args: A,
  ): Future<Awaited<R>> {
    const where = `submit task to ${this.#label}`;
    const target = targetOf(task, where);
    const limits = options && { timeout: checkTimeout(options, where), signal: signalOf(options, where) };
    const transfer = options && transferOf(options, where);
    if (transfer !== undefined && !this.#engine.canMove) {
      throw new TypeError(`Cannot ${where}: options.transfer is for threads, nothing can be moved to another process`);
    }
    return this.#engine.submit({ message: [target, args], limits, transfer }) as Future<Awaited<R>>;
  }

  /**
   * Calls the task with one argument of each of the iterables, until the shortest ends, and gives the results in that
   * order. The calls are submitted now, or as far as `bufferSize` lets them, `chunkSize` at a time, 1 when absent. The
   * last argument is the options when it cannot be iterated over.
   *
   * The iterator is one for `for await`, and for `for`, which blocks the thread. It throws what a call has thrown in
   * the place of its result; the next ones can still be had. Leaving the loop early cancels what has not begun.
   * @throws As `submit()`.
   */
  map<R = unknown>(task: Task<never, R>, ...inputs: unknown[]): Results<Awaited<R>> {
    const where = `map over ${this.#label}`;
    const target = targetOf(task, where);
    const options = isIterable(inputs.at(-1)) || inputs.length === 0 ? {} : optionsOf(inputs.pop(), where);
    const argLists = zip(inputs.map((input) => checkIterable(input as Iterable<unknown>, where)));
    return resultsOf(this.#engine, { target, argLists, isOrdered: true, owner: this, where }, options);
  }

  /** How far it has come. */
  stats(): ExecutorStats {
    return this.#engine.tally.stats();
  }

  /** Where listeners of `progress` events are added: one comes after some tasks have ended. */
  get progress(): ProgressSource {
    return this.#engine.tally.progress;
  }

  /**
   * Takes no more tasks. Those that were submitted are still run, unless `cancelFutures` says that those not begun are
   * cancelled; then the workers end. May be called again.
   * @returns A promise that resolves when they have; at once without `wait`.
   */
  async shutdown({ wait = true, cancelFutures = false }: ShutdownOptions = {}): Promise<void> {
    const ended = this.#engine.shutDown(cancelFutures);
    if (wait) await ended;
  }

  /** Ends the workers, in the middle of what they do; futures that are not done fail with `BrokenExecutorError`. */
  terminateWorkers(): void {
    this.#engine.terminate("its workers were terminated");
    void this.#engine.shutDown(true);
  }

  /** As `shutdown()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
  }

  /** Kind and how many workers, for people. */
  toString(): string {
    const { workers, pending, running } = this.stats();
    return `${this.#label}(${workers} ${workers === 1 ? "worker" : "workers"}, ${running} running, ${pending} pending)`;
  }
}

/** How `shutdown()` goes about it. */
export interface ShutdownOptions {
  /** Whether to wait until the workers have ended; true when absent. */
  wait?: boolean;
  /** Whether to cancel what has not begun. */
  cancelFutures?: boolean;
}

/** The engine's options among those of a user, checked. */
export function engineOptionsOf(
  options: ExecutorOptions,
  most: number,
  where: string,
): Omit<EngineOptions, "start" | "label" | "isFixed"> {
  checkOptions(options, where);
  const { maxWorkers = most, initializer, initArgs = [], maxTasksPerWorker = Infinity, replaceWorkers = false } =
    options;
  checkInteger(maxWorkers, { name: "options.maxWorkers", min: 1, max: MOST_WORKERS }, where);
  if (maxTasksPerWorker !== Infinity) {
    checkInteger(maxTasksPerWorker, { name: "options.maxTasksPerWorker", min: 1, max: 2 ** 31 }, where);
  }
  if (!Array.isArray(initArgs)) {
    throw new TypeError(`Cannot ${where}: options.initArgs must be an array, got ${show(initArgs)}`);
  }
  return {
    maxWorkers,
    initializer: initializer === undefined ? undefined : targetOf(initializer, where),
    initArgs,
    maxTasksPerWorker,
    replaceWorkers,
  };
}

function optionsOf(last: unknown, where: string): CallsOptions {
  if (last === undefined || (typeof last === "object" && last !== null)) return last ?? {};
  throw new TypeError(`Cannot ${where}: the last argument must be iterable, or the options, got ${show(last)}`);
}

function signalOf({ signal }: SubmitOptions, where: string): AbortSignal | undefined {
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw new TypeError(`Cannot ${where}: options.signal must be an AbortSignal, got ${show(signal)}`);
}
