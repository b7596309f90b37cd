import type { TimeoutError } from "@lockstep/contract";
import { FOR_EVER, holdLoop, Limit, type Limits, timedOut } from "@lockstep/segment";

import { type Failure, type Place, placed, thrownOf } from "./failure.ts";
import { Future, settleFuture } from "./future.ts";
import type { ResultMessage, TaskCall, TaskMessage } from "./messages.ts";
import { Origins, submittedAt } from "./origins.ts";
import { pack, type Parcel } from "./parcel.ts";
import { Tally } from "./tally.ts";
import { TaskWords } from "./task_words.ts";

const IN_CALL: Place = [/\$\[1\]\[(\d+)\]/, "argument $1"];
const IN_CHUNK: Place = [/\$\[1\]\[(\d+)\]\[(\d+)\]/, "argument $2 of call $1"];

/** A task, and what is to be known about it. */
export interface Submission {
  /** What is to be called, and with what. */
  readonly message: TaskCall;
  /** Where it was submitted, if not where the engine is called. */
  readonly submitted?: Error | undefined;
  /** How long it may take; for ever when absent. */
  readonly limits?: Limits | undefined;
  /** What is moved to the worker. */
  readonly transfer?: readonly object[] | undefined;
}

/** How tasks reach the workers, and what happens to them. */
export interface JobEvents {
  /** Gives the task to the workers. What it throws, the future fails with. */
  post(stamp: number, message: TaskMessage): void;
  /** Ends a worker, as the time of its task is over; undefined where the task goes on. */
  readonly kill: ((worker: number) => void) | undefined;
  /** Blocks the thread until the condition holds or so many milliseconds have passed. */
  waitSync(condition: () => boolean, timeoutMs: number): void;
  readonly label: string;
}

/** A task that is not done. */
interface Job {
  readonly future: Future<unknown>;
  readonly submitted: Error;
  readonly limits: Limits;
  readonly limit: Limit | undefined;
  readonly deadlineMs: number;
  readonly parcel: Parcel | undefined;
  readonly packed: TaskCall | undefined; // keeps the shared objects of the parcel
}

/** The tasks of an executor that are not done. While there are any, the event loop stays alive. */
export class Jobs {
  /** The words that say what becomes of them. */
  readonly words: TaskWords = new TaskWords();
  /** What has become of those that are done. */
  readonly tally: Tally;
  readonly #events: JobEvents;
  readonly #jobs: Map<number, Job> = new Map();
  readonly #origins = new Origins();

  /** None yet. `workers` tells how many there are, for the tally. */
  constructor(events: JobEvents, workers: () => number) {
    this.#events = events;
    this.tally = new Tally(() => ({ workers: workers(), running: this.#running() }));
  }

  /** How many. */
  get size(): number {
    return this.#jobs.size;
  }

  /** One more. What is wrong with its arguments, its future fails with. */
  submit({ message, submitted, limits = FOR_EVER, transfer }: Submission): Future<unknown> {
    this.tally.submitted++;
    try {
      limits.signal?.throwIfAborted();
      const [stamp, parcel] = this.#send(message, transfer);
      const future = this.#futureOf(stamp);
      const [limit, deadlineMs] = [this.#limit(stamp, limits), performance.now() + limits.timeout];
      const origin = submitted ?? this.#origins.of(message[0]);
      this.#jobs.set(stamp, {
        future,
        submitted: origin,
        limits,
        limit,
        deadlineMs,
        parcel,
        packed: parcel && message,
      });
      if (this.#jobs.size === 1) holdLoop(1);
      return future;
    } catch (error) {
      const { future } = Future.withResolvers();
      this.#fail(future, error);
      return future;
    }
  }

  #send(message: TaskCall, transfer: readonly object[] | undefined): [stamp: number, parcel?: Parcel] {
    try {
      if (transfer === undefined) return [this.#post(message)];
      const parcel = pack(message, transfer);
      return [this.#post([]), parcel];
    } catch (error) {
      throw placed(error, message.length === 3 ? IN_CHUNK : IN_CALL);
    }
  }

  #post(message: TaskMessage): number {
    const stamp = this.words.prepare();
    try {
      this.#events.post(stamp, message);
    } catch (error) {
      this.words.release(stamp);
      throw error;
    }
    return stamp;
  }

  #futureOf(stamp: number): Future<unknown> {
    return new Future<unknown>({
      isRunning: () => this.words.workerOf(stamp) !== undefined,
      cancel: () => this.#cancel(stamp),
      waitSync: (timeoutMs) => this.#waitSync(stamp, timeoutMs),
    });
  }

  /** No timer fires meanwhile. */
  #waitSync(stamp: number, timeoutMs: number): void {
    const { future, limits, deadlineMs } = this.#jobs.get(stamp)!; // while it is pending
    const leftMs = Math.max(0, deadlineMs - performance.now());
    this.#events.waitSync(() => future.done, Math.min(timeoutMs, leftMs));
    if (leftMs <= timeoutMs && !future.done) this.#abandon(stamp, this.#timedOut(limits));
  }

  /** The event loop has turned. */
  turn(): void {
    this.#origins.turn();
    this.tally.progress.tell();
  }

  /** What a worker has asked for that has begun the task. */
  parcelOf(stamp: number): Parcel | undefined {
    return this.#jobs.get(stamp)?.parcel;
  }

  /** What has come of one. */
  finish(stamp: number, message: { value?: unknown; error?: unknown }): void {
    const job = this.#jobs.get(stamp);
    if (job === undefined) return;
    this.#forget(stamp, job);
    if ("error" in message) return this.#fail(job.future, message.error);
    const [hasFailed, value] = message.value as ResultMessage;
    if (hasFailed) return this.#fail(job.future, thrownOf(value as Failure, submittedAt(job.submitted)));
    if (job.future.done) return; // it was abandoned
    this.tally.completed++;
    settleFuture.resolve(job.future, value);
  }

  /** Fails those that this worker was running, or all: each with an error of its own. @returns How many. */
  fail(error: () => Error, worker?: number): number {
    const lost = worker === undefined ? [...this.#jobs.keys()] : this.#stampsOf(worker);
    for (const stamp of lost) {
      const job = this.#jobs.get(stamp);
      if (job === undefined) continue; // a callback of another one has cancelled it
      this.#forget(stamp, job);
      this.#fail(job.future, error());
    }
    return lost.length;
  }

  /** Cancels those that none has begun. */
  cancelAll(): void {
    for (const { future } of [...this.#jobs.values()]) future.cancel();
  }

  #limit(stamp: number, limits: Limits): Limit | undefined {
    if (limits === FOR_EVER) return undefined;
    return new Limit(limits, {
      now: () => performance.now(),
      expire: () => this.#abandon(stamp, this.#timedOut(limits)),
      abort: (reason) => this.#abandon(stamp, reason),
    });
  }

  #timedOut({ timeout }: Limits): TimeoutError {
    return timedOut(`run task of ${this.#events.label}`, timeout);
  }

  /** Whoever waits for it is told; it stays among the jobs as long as a worker is busy with it. */
  #abandon(stamp: number, error: unknown): void {
    const job = this.#jobs.get(stamp);
    if (job === undefined) return;
    job.limit?.end();
    if (this.words.cancel(stamp)) this.#forget(stamp, job);
    else if (this.#events.kill !== undefined) {
      const worker = this.words.condemn(stamp);
      if (worker !== undefined) this.#events.kill(worker);
    }
    this.#fail(job.future, error);
  }

  #cancel(stamp: number): boolean {
    const job = this.#jobs.get(stamp);
    if (job === undefined || !this.words.cancel(stamp)) return false;
    this.#forget(stamp, job);
    this.tally.cancelled++;
    return true;
  }

  #forget(stamp: number, job: Job): void {
    job.limit?.end();
    this.#jobs.delete(stamp);
    this.words.release(stamp);
    if (this.#jobs.size === 0) holdLoop(-1);
  }

  #fail(future: Future<unknown>, error: unknown): void {
    if (future.done) return; // it was abandoned
    this.tally.failed++;
    settleFuture.reject(future, error);
  }

  #stampsOf(worker: number): number[] {
    return [...this.#jobs.keys()].filter((stamp) => this.words.workerOf(stamp) === worker);
  }

  #running(): number {
    return [...this.#jobs.values()].filter(({ future }) => future.running).length;
  }
}
