import { checkOptions, show, TimeoutError, type WaitOptions } from "@lockstep/contract";
import { type Limits, limitsOf } from "@lockstep/segment";

import { Future } from "./future.ts";
import { settledWithin } from "./within.ts";

/** When `wait()` returns: after the first, after the first that has failed or after all, or after all. */
export type ReturnWhen = "FIRST_COMPLETED" | "FIRST_EXCEPTION" | "ALL_COMPLETED";

/** How long `wait()` waits, and for what. */
export interface WaitForOptions extends WaitOptions {
  /** `"ALL_COMPLETED"` when absent. */
  returnWhen?: ReturnWhen;
}

/** What `wait()` has found: each future is in one of the two. */
export interface Waited<F> {
  /** Those that have a result, have failed or were cancelled. */
  done: Set<F>;
  /** The others. */
  notDone: Set<F>;
}

const RETURN_WHEN: readonly unknown[] = ["FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED"];

/**
 * Waits for futures, without blocking the thread. It throws none of their errors; to have waited for a future that
 * fails counts as having looked at it. A cancelled future is done, and no failure. Resolves with what is done when the
 * timeout passes; rejects with the signal's reason if that is aborted.
 * @throws {TypeError | RangeError} If an argument is not allowed.
 */
export async function wait<F extends Future<unknown>>(
  futures: Iterable<F>,
  options: WaitForOptions = {},
): Promise<Waited<F>> {
  const where = "wait for futures";
  const all = setOf(futures, where);
  const limits = limitsOf(options, where);
  const { returnWhen = "ALL_COMPLETED" } = options;
  if (!RETURN_WHEN.includes(returnWhen)) {
    throw new RangeError(
      `Cannot ${where}: options.returnWhen must be one of ${RETURN_WHEN.join(", ")}, got ${show(returnWhen)}`,
    );
  }
  const enough = new Promise<void>((resolve) => {
    let left = all.size;
    for (const future of all) {
      future.addDoneCallback(() => {
        left--;
        if (left === 0 || returnWhen === "FIRST_COMPLETED") resolve();
        else if (returnWhen === "FIRST_EXCEPTION" && hasFailed(future)) resolve();
      });
    }
    if (all.size === 0) resolve();
  });
  try {
    await settledWithin(enough, limits, () => new Expired());
  } catch (error) {
    if (!(error instanceof Expired)) throw error;
  }
  const done = new Set<F>();
  const notDone = new Set<F>();
  for (const future of all) (future.done ? done : notDone).add(future);
  return { done, notDone };
}

class Expired extends Error {}

function hasFailed(future: Future<unknown>): boolean {
  return !future.cancelled && future.exceptionSync() !== null;
}

/**
 * The futures as they are done, each once: first those that are already, then the others in the order in which they
 * end. Throws `TimeoutError` if the timeout, which counts from the call, passes before all are done, and the signal's
 * reason if that is aborted.
 *
 * TypeScript takes what a `for await` loop gets for the results, as a future can be awaited; it is the futures.
 * @throws {TypeError | RangeError} If an argument is not allowed.
 */
export function asCompleted<F extends Future<unknown>>(
  futures: Iterable<F>,
  options: WaitOptions = {},
): AsyncIterableIterator<F> {
  const where = "wait for futures";
  checkOptions(options, where);
  return new Completed(setOf(futures, where), limitsOf(options, where), where);
}

/** No generator, as one would await the futures that it yields. */
class Completed<F extends Future<unknown>> implements AsyncIterableIterator<F> {
  readonly #ended: F[] = [];
  readonly #total: number;
  readonly #limits: Limits;
  readonly #deadline: number;
  readonly #where: string;
  #left: number;
  #change: Promise<void> | undefined;
  #wake = () => {};

  constructor(futures: Set<F>, limits: Limits, where: string) {
    this.#total = this.#left = futures.size;
    this.#limits = limits;
    this.#deadline = performance.now() + limits.timeout;
    this.#where = where;
    for (const future of futures) {
      future.addDoneCallback(() => {
        this.#ended.push(future);
        this.#wake();
      });
    }
  }

  async next(): Promise<IteratorResult<F, undefined>> {
    while (this.#left > 0 && this.#ended.length === 0) {
      const rest = { timeout: Math.max(0, this.#deadline - performance.now()), signal: this.#limits.signal };
      await settledWithin(this.#changed(), rest, () => this.#timedOut());
    }
    if (this.#left === 0) return { done: true, value: undefined };
    this.#left--;
    return { done: false, value: this.#ended.shift()! };
  }

  return(): Promise<IteratorResult<F, undefined>> {
    this.#left = 0;
    this.#wake();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Resolves for all who wait. */
  #changed(): Promise<void> {
    return this.#change ??= new Promise((resolve) => {
      this.#wake = () => {
        this.#change = undefined;
        resolve();
      };
    });
  }

  #timedOut(): TimeoutError {
    return new TimeoutError(`Cannot ${this.#where}: ${this.#left} (of ${this.#total}) futures unfinished`);
  }
}

function setOf<F extends Future<unknown>>(futures: Iterable<F>, where: string): Set<F> {
  const all = new Set(futures);
  for (const future of all) {
    if (!(future instanceof Future)) throw new TypeError(`Cannot ${where}: got ${show(future)} among the futures`);
  }
  return all;
}
