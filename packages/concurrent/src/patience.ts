import { availableParallelism } from "node:os";

// Measured in bench/tasks.ts.
const SHORT_MS = 0.2; // about what it costs to sleep and to be woken, by way of the event loop too
const LONG_MS = 0.4; // in which who answers has been woken too, if that one sleeps
const MOST_FAILURES = 32; // more than follow a pause of some ms, when all is slow for a while
const TRIALS = 4; // after a probe has shown that waits end, but not soon
const PROBE = 32; // what is spent in vain is LONG_MS in so many waits

/**
 * How long an executor looks for results, a turn of the event loop each time, and a worker for tasks, before they let
 * themselves be woken: only as long as that pays, and never where there is one processor. When so many waits in a row
 * were too long, only each 32nd looks, and longer: where both sides sleep, each makes the other's waits long, and
 * neither would ever see that they need not be.
 */
export class Patience {
  readonly #isAlone: boolean;
  #failures = 0; // in a row
  #begin = 0;
  #end = 0;

  /** Of a thread beside which so many can run at once. */
  constructor(processors: number = availableParallelism()) {
    this.#isAlone = processors === 1;
  }

  /** A wait begins, or goes on after something has come. */
  renew(nowMs: number): void {
    this.#begin = this.#end = nowMs;
    if (this.#isAlone) return;
    const tooMany = this.#failures - MOST_FAILURES;
    if (tooMany < 0) this.#end += SHORT_MS;
    else if ((tooMany + 1) % PROBE === 0) this.#end += LONG_MS;
  }

  /** Whether to look once more. */
  has(nowMs: number): boolean {
    return nowMs < this.#end;
  }

  /** It has found something. */
  pays(nowMs: number): void {
    this.#failures = nowMs < this.#begin + SHORT_MS ? 0 : MOST_FAILURES - TRIALS;
  }

  /** It is over, and nothing was found. */
  fails(): void {
    this.#failures++;
  }
}
