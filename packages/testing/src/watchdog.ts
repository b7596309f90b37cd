// Ends what hangs. A timer is enough while the test's own thread runs; when a scenario blocks that thread, only another
// thread can act, and all it can do is end the run.
import { Worker } from "node:worker_threads";

/** Where a word lies in the memory that test and watchdog share. */
export const TURN = 0;
export const STOPPED = 1;
export const PIDS = 2;
export const PIDS_END = 34;

/** A scenario may take this long. */
export const LIMIT_MS = 30_000;

const MAIN = new URL(import.meta.url.endsWith(".ts") ? "./watchdog_main.ts" : "./watchdog_main.js", import.meta.url);

/** Watches over scenarios, one at a time. */
export class Watchdog {
  readonly #words = new Int32Array(new SharedArrayBuffer(PIDS_END * Int32Array.BYTES_PER_ELEMENT));
  readonly #limitMs: number;
  #worker: Worker | undefined;

  constructor(limitMs: number = LIMIT_MS) {
    this.#limitMs = limitMs;
  }

  /** Runs the scenario; rejects when it takes too long. */
  async watch(scenario: () => void | Promise<void>): Promise<void> {
    this.#worker ??= new Worker(MAIN, { workerData: { words: this.#words, limitMs: this.#limitMs } });
    this.#turn(); // odd: a scenario runs
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`Hung: not done after ${this.#limitMs} ms`)), this.#limitMs);
    });
    try {
      await Promise.race([Promise.resolve().then(scenario), limit]);
    } finally {
      clearTimeout(timer);
      this.#turn(); // even: none does
    }
  }

  /** Has the process killed too if the run must be ended. */
  guard(pid: number): void {
    const free = this.#words.indexOf(0, PIDS);
    if (free >= 0) this.#words[free] = pid;
  }

  /** The process is gone, its number may come back as another's. */
  forget(pid: number): void {
    const at = this.#words.indexOf(pid, PIDS);
    if (at >= 0) this.#words[at] = 0;
  }

  /** Ends the watchdog's thread. */
  async stop(): Promise<void> {
    if (this.#worker === undefined) return;
    const ended = new Promise((resolve) => this.#worker?.on("exit", resolve));
    this.#words[STOPPED] = 1;
    this.#turn();
    await ended;
  }

  #turn(): void {
    Atomics.add(this.#words, TURN, 1);
    Atomics.notify(this.#words, TURN);
  }
}
