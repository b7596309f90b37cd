import { writeSync } from "node:fs";
import { inspect } from "node:util";
import { type TransferListItem, Worker } from "node:worker_threads";

import { TimeoutError } from "@lockstep/contract";
import type { Lock } from "@lockstep/sync";

import type { BriefQueue } from "./brief.ts";
import type { Parcel } from "./parcel.ts";
import { MAIN, type Running } from "./running.ts";

const STDERR = 2;
const TERMINATED = 1; // as the runtimes have it

/** How a thread is known to its child. */
export interface ThreadLaunch {
  readonly name: string;
  /** The brief, which the thread ends when it has taken `life`. */
  readonly brief: BriefQueue;
  readonly life: Lock;
  /** Its arguments, if some of them are moved. */
  readonly parcel: Parcel | undefined;
}

/** What a thread is started with. */
export interface ThreadStart {
  /** The handle of the queue of its brief. */
  readonly brief: string;
  /** Its arguments, if they are not in the brief. */
  readonly parcel: Parcel | undefined;
  /** Two words, `LEFT`, for whoever blocks the event loop that would tell. */
  readonly left: Int32Array;
}

/** What a thread leaves behind: its exit code, and whether its error is on stderr. */
export const LEFT = { exitCode: 0, hasReported: 1 } as const;

/** Starts a thread with the brief in that queue. */
export function launchThread(launch: ThreadLaunch): Running {
  const left = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  left[LEFT.exitCode] = TERMINATED; // what it leaves when it is
  const { name, brief, parcel } = launch;
  const workerData: ThreadStart = { brief: brief.handle, parcel, left };
  return new RunningThread(new Worker(MAIN, { workerData, name, transferList: moved(parcel) }), launch, left);
}

function moved(parcel: Parcel | undefined): TransferListItem[] {
  return parcel === undefined ? [] : [...parcel.moved] as TransferListItem[];
}

/** The worker behind a thread, for messages. */
export class RunningThread implements Running {
  readonly id: number;
  readonly ended: Promise<number>;
  readonly worker: Worker;
  readonly #launch: ThreadLaunch;
  readonly #left: Int32Array;
  #exitCode: number | null = null;

  constructor(worker: Worker, launch: ThreadLaunch, left: Int32Array) {
    this.id = worker.threadId;
    this.worker = worker;
    this.#launch = launch;
    this.#left = left;
    worker.on("error", (error) => {
      const hasReported = Atomics.load(left, LEFT.hasReported) !== 0;
      if (!hasReported) writeSync(STDERR, `Thread ${launch.name}:\n${inspect(error)}\n`); // it could not even begin
    });
    this.ended = new Promise((resolve) => {
      worker.on("exit", (code) => {
        this.#end(code);
        resolve(code);
      });
    });
  }

  exitCode(): number | null {
    return this.#exitCode;
  }

  #end(exitCode: number): void {
    this.#exitCode = exitCode;
    this.release();
  }

  isAlive(): boolean {
    return this.#exitCode === null && !this.waitSync(0);
  }

  waitSync(timeoutMs: number): boolean {
    if (this.#exitCode !== null) return true;
    const deadline = performance.now() + timeoutMs;
    const { brief, life } = this.#launch;
    if (!brief.joinSync({ timeout: timeoutMs })) return false;
    const guard = timeoutMs === 0 ? life.tryAcquire() : taken(life, deadline - performance.now());
    if (guard === undefined) return false;
    guard.release();
    this.#end(Atomics.load(this.#left, LEFT.exitCode));
    return true;
  }

  stop(): void {
    void this.worker.terminate();
  }

  post(parcel: Parcel): void {
    this.worker.postMessage(parcel, moved(parcel));
  }

  hold(held: boolean): void {
    if (held) this.worker.ref();
    else this.worker.unref();
  }

  release(): void {
    this.#launch.brief[Symbol.dispose]();
    this.#launch.life[Symbol.dispose]();
  }
}

function taken(life: Lock, timeout: number): { release(): void } | undefined {
  try {
    return life.acquireSync({ timeout: Math.max(0, timeout) });
  } catch (error) {
    if (error instanceof TimeoutError) return undefined;
    throw error;
  }
}
