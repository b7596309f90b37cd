import {
  CancelledError,
  checkFunction,
  checkTimeout,
  InvalidStateError,
  type SyncWaitOptions,
  TimeoutError,
  type WaitOptions,
} from "@lockstep/contract";
import { type Limits, limitsOf } from "@lockstep/segment";

import { settledWithin } from "./within.ts";

/** Who makes a future's result. */
export interface FutureSource {
  /** Whether the task has begun. */
  isRunning(): boolean;
  /** True if the task will not begin any more. */
  cancel(): boolean;
  /** Blocks the thread until the future is done, or so many milliseconds have passed. */
  waitSync(timeoutMs: number): void;
}

/** The future and the ways to settle it, for whoever makes the result. */
export interface FutureResolvers<R> {
  /** The future. */
  readonly future: Future<R>;
  /** Says that the work has begun, so that it cannot be cancelled any more. @returns False if it was cancelled. */
  start(): boolean;
  /** Settles it with a value. @throws {InvalidStateError} If it is done. */
  resolve(value: R): void;
  /** Settles it with an error. @throws {InvalidStateError} If it is done. */
  reject(error: unknown): void;
}

type State = "pending" | "cancelled" | "returned" | "raised";

/** Gives this package the ways to settle a future, and nobody else. */
export let settleFuture: {
  resolve(future: Future<unknown>, value: unknown): void;
  reject(future: Future<unknown>, error: unknown): void;
  cancel(future: Future<unknown>): void;
};

/**
 * The result of a task that may not be there yet, as Python's `concurrent.futures.Future`, and as a Promise: it can be
 * awaited. A failure that nobody looks at is reported as an unhandled rejection is.
 *
 * It belongs to the thread that has submitted the task. Once done, it stays as it is.
 *
 * @example
 * ```ts
 * import { ThreadPoolExecutor } from "@lockstep/concurrent";
 *
 * await using executor = new ThreadPoolExecutor({ maxWorkers: 2 });
 * const future = executor.submit((a: number, b: number) => a + b, 1, 2);
 * console.log(await future, future.done); // 3 true
 * ```
 */
export class Future<R = unknown> implements Promise<R> {
  readonly #promise: Promise<R>;
  #fulfil!: (value: unknown) => void;
  #fail!: (error: unknown) => void;
  #state: State = "pending";
  #result: unknown;
  #callbacks: (() => void)[] | undefined;
  readonly #source: FutureSource;

  static {
    settleFuture = {
      resolve: (future, value) => future.#settle("returned", value),
      reject: (future, error) => future.#settle("raised", error),
      cancel: (future) => future.#cancelled(),
    };
  }

  /** Executors make futures; `Future.withResolvers()` makes one by hand. @ignore */
  constructor(source: FutureSource) {
    this.#source = source;
    this.#promise = new Promise((resolve, reject) => {
      this.#fulfil = resolve as (value: unknown) => void;
      this.#fail = reject;
    });
  }

  /** A future that the caller settles, for executors of one's own and for tests. */
  static withResolvers<R>(): FutureResolvers<R> {
    let running = false;
    const future = new Future<R>({ isRunning: () => running, cancel: () => !running, waitSync: () => {} });
    return {
      future,
      start: () => running = future.#state === "pending",
      resolve: (value) => future.#settleOnce("returned", value),
      reject: (error) => future.#settleOnce("raised", error),
    };
  }

  /** Whether it has a result, or has failed, or was cancelled. */
  get done(): boolean {
    return this.#state !== "pending";
  }

  /** Whether the task has begun and is not done. */
  get running(): boolean {
    return this.#state === "pending" && this.#source.isRunning();
  }

  /** Whether it was cancelled. */
  get cancelled(): boolean {
    return this.#state === "cancelled";
  }

  /**
   * Keeps the task from being run, unless a worker has begun it.
   * @returns Whether the future is cancelled: false if the task runs or is done.
   */
  cancel(): boolean {
    if (this.#state !== "pending") return this.#state === "cancelled";
    if (!this.#source.cancel()) return false;
    this.#cancelled();
    return true;
  }

  /**
   * The value of the task, without blocking the thread.
   * Rejects with what the task has thrown, with `CancelledError` if it was cancelled, with `BrokenExecutorError` if its
   * worker died; with `TimeoutError` if the timeout passes first and with the signal's reason if that is aborted: the
   * task goes on then.
   */
  result(options?: WaitOptions): Promise<R> {
    if (options === undefined) return this.#promise;
    return this.#within(options, () => this.#promise);
  }

  /** As `result()`, blocking the thread. @throws What `result()` rejects with. */
  resultSync(options?: SyncWaitOptions): R {
    this.#waitSync(checkTimeout(options, GET_RESULT));
    if (this.#state === "returned") return this.#result as R;
    throw this.#result;
  }

  /**
   * What the task has thrown, or null if it has returned, without blocking the thread.
   * Rejects with `CancelledError` if it was cancelled, else as `result()` does.
   */
  exception(options?: WaitOptions): Promise<unknown> {
    const outcome = () => this.#promise.then(() => null, () => this.#exceptionNow());
    return options === undefined ? outcome() : this.#within(options, outcome);
  }

  /** As `exception()`, blocking the thread. @throws What `exception()` rejects with. */
  exceptionSync(options?: SyncWaitOptions): unknown {
    this.#waitSync(checkTimeout(options, GET_RESULT));
    return this.#exceptionNow();
  }

  /**
   * Calls the function with this future once it is done; at once if it is. Functions are called in the order in which
   * they were added; what one of them throws is printed, as in Python, and stops nothing.
   */
  addDoneCallback(callback: (future: this) => void): void {
    checkFunction(callback, "callback", "add done callback");
    this.#observed();
    if (this.#state === "pending") (this.#callbacks ??= []).push(() => this.#call(callback));
    else this.#call(callback);
  }

  /** As of a Promise. */
  then<A = R, B = never>(
    onFulfilled?: ((value: R) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#promise.then(onFulfilled, onRejected);
  }

  /** As of a Promise. */
  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<R | B> {
    return this.#promise.catch(onRejected);
  }

  /** As of a Promise. */
  finally(onFinally?: (() => void) | null): Promise<R> {
    return this.#promise.finally(onFinally);
  }

  /** `Future`: what takes a Promise takes one. */
  get [Symbol.toStringTag](): string {
    return "Future";
  }

  /** State and outcome, for people. */
  toString(): string {
    if (this.#state !== "pending") return `Future(${this.#state})`;
    return `Future(${this.running ? "running" : "pending"})`;
  }

  #within<T>(options: WaitOptions, outcome: () => Promise<T>): Promise<T> {
    let limits: Limits;
    try {
      limits = limitsOf(options, GET_RESULT);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#observed();
    return settledWithin(outcome(), limits, (timeout) => this.#timedOut(timeout));
  }

  #waitSync(timeout: number): void {
    this.#observed();
    if (this.#state === "pending") this.#source.waitSync(timeout);
    if (this.#state === "pending") throw this.#timedOut(timeout);
  }

  #timedOut(timeout: number): TimeoutError {
    return new TimeoutError(`Cannot ${GET_RESULT}: its task was not done within ${timeout} ms`);
  }

  #exceptionNow(): unknown {
    if (this.#state === "cancelled") throw this.#result;
    return this.#state === "raised" ? this.#result : null;
  }

  #cancelled(): void {
    this.#observed(); // whoever cancels knows it
    this.#settle("cancelled", new CancelledError(`Cannot ${GET_RESULT}: its task was cancelled`));
  }

  #observed(): void {
    this.#promise.catch(() => {});
  }

  #settleOnce(state: State, result: unknown): void {
    if (this.done) throw new InvalidStateError(`Cannot settle Future: it is done, state ${this.#state}`);
    this.#settle(state, result);
  }

  #settle(state: State, result: unknown): void {
    if (this.done) return;
    this.#state = state;
    this.#result = result;
    if (state === "returned") this.#fulfil(result);
    else this.#fail(result);
    const callbacks = this.#callbacks;
    this.#callbacks = undefined;
    for (const callback of callbacks ?? []) callback();
  }

  #call(callback: (future: never) => void): void {
    try {
      callback(this as never);
    } catch (error) {
      console.error(`A done callback of ${this} has thrown:`, error);
    }
  }
}

const GET_RESULT = "get result of Future";
