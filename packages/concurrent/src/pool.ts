import { checkOptions, InvalidStateError, show } from "@lockstep/contract";

import { type CallsOptions, checkIterable, resultsOf, zip } from "./chunks.ts";
import { cpuCount } from "./current.ts";
import { Engine } from "./engine.ts";
import { type CrewOptions, engineOptionsOf } from "./executor.ts";
import { processStarter, threadStarter } from "./executors.ts";
import type { Future } from "./future.ts";
import type { ProcessOptions } from "./process.ts";
import type { Results } from "./results.ts";
import type { ExecutorStats, ProgressSource } from "./tally.ts";
import { targetOf, type Task } from "./task.ts";

/** How a `Pool` is made. */
export interface PoolOptions extends CrewOptions, Pick<ProcessOptions, "execArgv" | "env"> {}

const CHUNKS_PER_WORKER = 4; // as Python

/** What pools have in common. */
export abstract class AnyPool implements Disposable, AsyncDisposable {
  readonly #engine: Engine;
  readonly #label: string;
  #state: "open" | "closed" | "terminated" = "open";

  /** With this engine. @ignore */
  constructor(engine: Engine, label: string) {
    this.#engine = engine;
    this.#label = label;
    engine.shutDownWith(this);
  }

  /** Gives a task to the workers, as `submit()` of an executor. @throws What that throws. */
  submit<A extends readonly unknown[], R>(task: Task<A, R>, ...args: A): Future<Awaited<R>> {
    return this.apply(task, args);
  }

  /** Calls the task with those arguments. @throws As `submit()`. */
  apply<A extends readonly unknown[], R>(task: Task<A, R>, args: A): Future<Awaited<R>> {
    const where = this.#where("apply task");
    const target = targetOf(task, where);
    if (!Array.isArray(args)) throw new TypeError(`Cannot ${where}: arguments must be an array, got ${show(args)}`);
    return this.#engine.submit({ message: [target, args] }) as Future<Awaited<R>>;
  }

  /** The same, blocking the thread until its result is there. @throws What the task throws. */
  applySync<A extends readonly unknown[], R>(task: Task<A, R>, args: A): Awaited<R> {
    return this.apply(task, args).resultSync();
  }

  /**
   * The results of the task for each of the inputs, in their order, once all are there. Rejects with what the first of
   * the calls that fail has thrown, in the order of the inputs.
   *
   * `chunkSize` is such that each worker gets 4 chunks, when absent.
   */
  async map<R>(task: Task<never, R>, inputs: Iterable<unknown>, options: CallsOptions = {}): Promise<Awaited<R>[]> {
    return await allOf(this.#results(task, single(inputs, this.#where("map")), options));
  }

  /** The same, blocking the thread. */
  mapSync<R>(task: Task<never, R>, inputs: Iterable<unknown>, options: CallsOptions = {}): Awaited<R>[] {
    return allSync(this.#results(task, single(inputs, this.#where("map")), options));
  }

  /** As `map()`, where each of the inputs is the list of the task's arguments. */
  async starmap<R>(
    task: Task<never, R>,
    argLists: Iterable<readonly unknown[]>,
    options: CallsOptions = {},
  ): Promise<Awaited<R>[]> {
    return await allOf(this.#results(task, lists(argLists, this.#where("starmap")), options));
  }

  /** The same, blocking the thread. */
  starmapSync<R>(
    task: Task<never, R>,
    argLists: Iterable<readonly unknown[]>,
    options: CallsOptions = {},
  ): Awaited<R>[] {
    return allSync(this.#results(task, lists(argLists, this.#where("starmap")), options));
  }

  /**
   * The results one after the other, in the order of the inputs, as they are there: for `for await`, or for `for`,
   * which blocks the thread. `chunkSize` is 1 when absent.
   */
  imap<R = unknown>(
    task: Task<never, R>,
    inputs: Iterable<unknown>,
    options: CallsOptions = {},
  ): Results<Awaited<R>> {
    return this.#iterate(task, single(inputs, this.#where("imap")), { chunkSize: 1, ...options }, true);
  }

  /** As `imap()`, in the order in which the calls end. */
  imapUnordered<R = unknown>(
    task: Task<never, R>,
    inputs: Iterable<unknown>,
    options: CallsOptions = {},
  ): Results<Awaited<R>> {
    return this.#iterate(task, single(inputs, this.#where("imap")), { chunkSize: 1, ...options }, false);
  }

  #results<R>(task: Task<never, R>, inputs: Iterable<readonly unknown[]>, options: CallsOptions): Results<Awaited<R>> {
    checkOptions(options, this.#where("map"));
    const all = [...inputs];
    const { chunkSize = Math.max(1, Math.ceil(all.length / (CHUNKS_PER_WORKER * this.#engine.maxWorkers))) } = options;
    return this.#iterate(task, all, { ...options, chunkSize }, true);
  }

  #iterate<R>(
    task: Task<never, R>,
    argLists: Iterable<readonly unknown[]>,
    options: CallsOptions,
    isOrdered: boolean,
  ): Results<Awaited<R>> {
    const where = this.#where("map");
    const target = targetOf(task, where);
    return resultsOf(this.#engine, { target, argLists, isOrdered, owner: this, where }, options);
  }

  /** How far it has come. */
  stats(): ExecutorStats {
    return this.#engine.tally.stats();
  }

  /** Where listeners of `progress` events are added: one comes after some tasks have ended. */
  get progress(): ProgressSource {
    return this.#engine.tally.progress;
  }

  /** Takes no more tasks; the workers end when they have done those that were submitted. */
  close(): void {
    if (this.#state === "open") this.#state = "closed";
    void this.#engine.shutDown(false);
  }

  /** Ends the workers, in the middle of what they do. Futures that are not done fail with `BrokenExecutorError`. */
  terminate(): void {
    this.#state = "terminated";
    this.#engine.terminate("the pool was terminated");
    void this.#engine.shutDown(true);
  }

  /**
   * Resolves when the workers have ended.
   * @throws {InvalidStateError} Before `close()` or `terminate()`.
   */
  async join(): Promise<void> {
    if (this.#state === "open") {
      throw new InvalidStateError(`Cannot ${this.#where("join")}: close() or terminate() it first`);
    }
    await this.#engine.shutDown(false);
  }

  /** As `terminate()`, as in Python: what is not done is lost. `await using` waits for it instead. */
  [Symbol.dispose](): void {
    this.terminate();
  }

  /** As `close()` and `join()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.join();
  }

  /** Kind and how many workers, for people. */
  toString(): string {
    const { workers, pending, running } = this.stats();
    return `${this.#label}(${this.#state}: ${workers} workers, ${running} running, ${pending} pending)`;
  }

  #where(action: string): string {
    return `${action} of ${this.#label}`;
  }
}

/**
 * A fixed number of processes that run tasks, as Python's `multiprocessing.Pool`. A worker that dies fails the task
 * that it was running, and is replaced.
 *
 * `using` terminates it at the end of the block, as Python's `with` does; `await using` waits until all is done.
 *
 * @example
 * ```ts
 * import { Pool } from "@lockstep/concurrent";
 *
 * await using pool = new Pool(2);
 * console.log(await pool.map((x: number) => x * x, [1, 2, 3])); // [1, 4, 9]
 * ```
 */
export class Pool extends AnyPool {
  /**
   * Starts that many processes; as many as the machine has processors when absent.
   * @throws {TypeError | RangeError} If an argument is not allowed.
   */
  constructor(workers: number = cpuCount(), options: PoolOptions = {}) {
    const label = "Pool";
    const checked = engineOptionsOf(
      { ...options, maxWorkers: workers, replaceWorkers: true },
      workers,
      `make ${label}`,
    );
    super(new Engine({ ...checked, label, isFixed: true, start: processStarter(label, options) }), label);
  }
}

/** As `Pool`, with threads of this process. */
export class ThreadPool extends AnyPool {
  /** Starts that many threads; as many as the machine has processors when absent. */
  constructor(workers: number = cpuCount(), options: CrewOptions = {}) {
    const label = "ThreadPool";
    const checked = engineOptionsOf(
      { ...options, maxWorkers: workers, replaceWorkers: true },
      workers,
      `make ${label}`,
    );
    super(new Engine({ ...checked, label, isFixed: true, start: threadStarter(label) }), label);
  }
}

function single(inputs: Iterable<unknown>, where: string): Iterable<readonly unknown[]> {
  return zip([checkIterable(inputs, where)]);
}

function* lists(argLists: Iterable<readonly unknown[]>, where: string): Iterable<readonly unknown[]> {
  for (const list of checkIterable(argLists, where)) {
    if (!Array.isArray(list)) throw new TypeError(`Cannot ${where}: each input is an array, got ${show(list)}`);
    yield list;
  }
}

/** Waits for all, whatever fails. */
async function allOf<R>(results: Results<R>): Promise<R[]> {
  const all: R[] = [];
  const failures: unknown[] = [];
  for (let isAtEnd = false; !isAtEnd;) {
    try {
      const next = await results.next();
      if (next.done) isAtEnd = true;
      else all.push(next.value);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return all;
}

function allSync<R>(results: Results<R>): R[] {
  const all: R[] = [];
  const failures: unknown[] = [];
  for (let isAtEnd = false; !isAtEnd;) {
    try {
      const next = results.nextSync();
      if (next.done) isAtEnd = true;
      else all.push(next.value);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return all;
}
