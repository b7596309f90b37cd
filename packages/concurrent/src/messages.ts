// What executors and workers tell each other.
import type { Queue } from "@lockstep/manager";
import type { Event, Lock } from "@lockstep/sync";

import type { Failure } from "./failure.ts";
import type { ParkingWords } from "./parking.ts";
import type { Target } from "./task.ts";
import type { Pages } from "./task_words.ts";

/** What a worker is started with. */
export interface WorkerSetup {
  /** Tells it from the others of the executor. */
  readonly index: number;
  /** Held as long as it lives; it is to leave if it cannot have it. */
  readonly life: Lock;
  /** Tasks, which come again when their getter dies. */
  readonly tasks: Queue<never>;
  /** What comes of them. */
  readonly results: Queue<never>;
  /** The tasks' states. */
  readonly pages: Pages;
  /** Where it waits, and what wakes it. */
  readonly parking: ParkingWords;
  readonly event: Event;
  /** What it runs before its first task, with `initArgs`. */
  readonly initializer: Target | undefined;
  readonly initArgs: readonly unknown[];
  /** After so many it leaves; Infinity: never. */
  readonly maxTasks: number;
}

/** One call, or (a chunk) several of the same function, whose arguments are listed. */
export type TaskCall =
  | readonly [target: Target, args: readonly unknown[]]
  | readonly [target: Target, argLists: readonly (readonly unknown[])[], isChunk: true];

/** With the stamp of its word: a task; empty where that comes in a parcel, for which the worker asks. */
export type TaskMessage = TaskCall | readonly [];

/** What came of a call. */
export type Outcome = readonly [hasFailed: false, value: unknown] | readonly [hasFailed: true, failure: Failure];

/** With the stamp of the task: what came of it; of a chunk, what came of each call. */
export type ResultMessage = Outcome | readonly [hasFailed: false, outcomes: readonly Outcome[]];

/** The stamp of what is about a worker. */
export const ABOUT_WORKER = -1;
/**
 * The worker is ready for tasks; or could not be made ready; or leaves, as it was meant to; or has begun the task with
 * this stamp, and wants its parcel.
 */
export type WorkerMessage = readonly [index: number, news: "ready" | "leaves" | Failure | number];
