import { TimeoutError } from "@lockstep/contract";
import type { Limits } from "@lockstep/segment";

import { thrownOf } from "./failure.ts";
import { Future } from "./future.ts";
import type { Outcome } from "./messages.ts";
import { settledWithin } from "./within.ts";

/** Calls that were submitted together. */
export interface Chunk {
  /** Of one call its value; of several their outcomes. */
  readonly future: Future<unknown>;
  /** How many calls. */
  readonly calls: number;
  /** It was submitted as one call, not as a list of one. */
  readonly isSingle: boolean;
}

/** How results are made and given. */
export interface ResultsOptions {
  /** Submits the next calls whenever it is asked. What it throws is given in the place of a result, the last one. */
  readonly chunks: Iterator<Chunk, void>;
  /** How many chunks may be submitted and not given. */
  readonly ahead: number;
  /** Whether they come in the order of the input, not of their ends. */
  readonly isOrdered: boolean;
  /** How long all may take. */
  readonly limits: Limits;
  /** Blocks the thread until the condition holds or so many milliseconds have passed. */
  readonly waitSync: (condition: () => boolean, timeoutMs: number) => void;
  /** Kept from being collected, and so shut down, as long as it is needed. */
  readonly owner: object;
  readonly where: string;
}

type Given = readonly [hasFailed: boolean, value: unknown];

/**
 * The results of many calls, one after the other: an iterator to be used with `for await`, or with `for`, which blocks
 * the thread. A call that has thrown throws in its place, and `next()` can go on behind it. Leaving the loop cancels
 * what has not begun.
 */
export class Results<R> implements AsyncIterableIterator<R>, Iterable<R> {
  readonly #options: ResultsOptions;
  readonly #deadline: number;
  #chunks: Chunk[] = [];
  #ready: Given[] = [];
  #isAtEnd = false; // of the chunks to submit
  #wake = () => {};
  #last: Promise<unknown> = Promise.resolve();

  /** Submits at once what may be submitted. @ignore */
  constructor(options: ResultsOptions) {
    this.#options = options;
    this.#deadline = performance.now() + options.limits.timeout;
    this.#fill();
  }

  /** The next result. Rejects with what the call has thrown, with `TimeoutError` or the signal's reason at the end. */
  next(): Promise<IteratorResult<R, undefined>> {
    const next = this.#last.then(() => this.#next());
    this.#last = next.catch(() => {});
    return next;
  }

  /** Gives up the rest: what has not begun is cancelled. */
  return(): Promise<IteratorResult<R, undefined>> {
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The results, blocking the thread for each that is not there. */
  *[Symbol.iterator](): Generator<R, undefined> {
    try {
      for (;;) {
        const { done, value } = this.nextSync();
        if (done) return undefined;
        yield value as R;
      }
    } finally {
      this.#end();
    }
  }

  /** As `next()`, blocking the thread. */
  nextSync(): IteratorResult<R, undefined> {
    const { waitSync } = this.#options;
    while (this.#ready.length === 0 && this.#chunks.length > 0) {
      if (this.#takeDone()) continue;
      const left = this.#deadline - performance.now();
      if (left <= 0) throw this.#timedOut();
      waitSync(() => this.#doneIndex() >= 0, left);
    }
    return this.#give();
  }

  async #next(): Promise<IteratorResult<R, undefined>> {
    while (this.#ready.length === 0 && this.#chunks.length > 0) {
      if (this.#takeDone()) continue;
      const changed = new Promise<void>((resolve) => this.#wake = resolve);
      await this.#within(changed);
    }
    return this.#give();
  }

  async #within(changed: Promise<void>): Promise<void> {
    const timeout = Math.max(0, this.#deadline - performance.now());
    try {
      await settledWithin(changed, { timeout, signal: this.#options.limits.signal }, () => this.#timedOut());
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  #timedOut(): TimeoutError {
    this.#end();
    const { where, limits } = this.#options;
    return new TimeoutError(`Cannot ${where}: the next result was not there after ${limits.timeout} ms`);
  }

  #give(): IteratorResult<R, undefined> {
    const given = this.#ready.shift();
    if (given === undefined) return { done: true, value: undefined };
    if (given[0]) throw given[1];
    return { done: false, value: given[1] as R };
  }

  /** False if none is done whose turn it is. */
  #takeDone(): boolean {
    const index = this.#doneIndex();
    if (index < 0) return false;
    const [chunk] = this.#chunks.splice(index, 1);
    this.#ready = givenOf(chunk!);
    this.#fill();
    return true;
  }

  #doneIndex(): number {
    if (!this.#options.isOrdered) return this.#chunks.findIndex(({ future }) => future.done);
    return this.#chunks[0]?.future.done ? 0 : -1;
  }

  #fill(): void {
    while (!this.#isAtEnd && this.#chunks.length < this.#options.ahead) {
      const chunk = this.#submit();
      if (chunk === undefined) {
        this.#isAtEnd = true;
        return;
      }
      chunk.future.addDoneCallback(() => this.#wake());
      this.#chunks.push(chunk);
    }
  }

  #submit(): Chunk | undefined {
    try {
      const { done, value } = this.#options.chunks.next();
      return done ? undefined : value;
    } catch (error) {
      const { future, reject } = Future.withResolvers();
      reject(error);
      return { future, calls: 1, isSingle: true }; // an iterator that has thrown gives nothing more
    }
  }

  #end(): void {
    this.#isAtEnd = true;
    for (const { future } of this.#chunks) future.cancel();
    this.#chunks = [];
    this.#ready = [];
    this.#options.chunks.return?.();
    this.#wake();
  }
}

function givenOf({ future, calls, isSingle }: Chunk): Given[] {
  let value: unknown;
  try {
    value = future.resultSync({ timeout: 0 });
  } catch (error) {
    return Array.from({ length: calls }, () => [true, error]);
  }
  if (isSingle) return [[false, value]];
  return (value as Outcome[]).map((outcome) => outcome[0] ? [true, thrownOf(outcome[1])] : outcome);
}
