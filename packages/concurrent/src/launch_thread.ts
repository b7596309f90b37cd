import { writeSync } from "node:fs";
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";

import { TimeoutError } from "@lockstep/contract";
import type { Lock } from "@lockstep/sync";

import type { BriefQueue } from "./brief.ts";
import { MAIN, type Running } from "./running.ts";

const STDERR = 2;

/** How a thread is known to its child. */
export interface ThreadLaunch {
  readonly name: string;
  /** The brief, which the thread ends when it has taken `life`. */
  readonly brief: BriefQueue;
  readonly life: Lock;
}

/** Starts a thread with the brief in that queue. */
export function launchThread(launch: ThreadLaunch): Running {
  return new RunningThread(new Worker(MAIN, { workerData: launch.brief.handle, name: launch.name }), launch);
}

/** The worker behind a thread, for messages. */
export class RunningThread implements Running {
  readonly id: number;
  readonly ended: Promise<number>;
  readonly worker: Worker;
  readonly #launch: ThreadLaunch;
  #exitCode: number | null = null;
  #hasEnded = false;

  constructor(worker: Worker, launch: ThreadLaunch) {
    this.id = worker.threadId;
    this.worker = worker;
    this.#launch = launch;
    worker.on("error", (error) => writeSync(STDERR, `Thread ${launch.name}:\n${inspect(error)}\n`));
    this.ended = new Promise((resolve) => {
      worker.on("exit", (code) => {
        this.#exitCode = code;
        resolve(code);
      });
    });
  }

  exitCode(): number | null {
    return this.#exitCode;
  }

  isAlive(): boolean {
    return this.#exitCode === null && !this.waitSync(0);
  }

  waitSync(timeoutMs: number): boolean {
    if (this.#exitCode !== null || this.#hasEnded) return true;
    const deadline = performance.now() + timeoutMs;
    const { brief, life } = this.#launch;
    if (!brief.joinSync({ timeout: timeoutMs })) return false;
    const guard = timeoutMs === 0 ? life.tryAcquire() : taken(life, deadline - performance.now());
    guard?.release();
    return this.#hasEnded = guard !== undefined;
  }

  stop(): void {
    void this.worker.terminate();
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
