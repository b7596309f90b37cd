import { availableParallelism } from "node:os";

const MOST_MS = 0.1; // about what it costs to sleep and to be woken
const LEAST_MS = 0.01;
const PROBE = 16;
const MANY = availableParallelism() > 1;

/**
 * How long an executor looks for results, a turn of the event loop each time, and a worker for tasks, before they let
 * themselves be woken: only as long as that pays, and never where there is one processor. A wait that ended while it
 * looked doubles the time, one that did not halves it, and once that is over each 16th wait tries again.
 */
export class Patience {
  #budgetMs = MANY ? MOST_MS : 0;
  #waits = 0;
  #until = 0;

  /** A wait begins, or goes on after something has come. */
  renew(nowMs: number): void {
    const isProbe = MANY && this.#budgetMs === 0 && ++this.#waits % PROBE === 0;
    this.#until = nowMs + (isProbe ? MOST_MS : this.#budgetMs);
  }

  /** Whether to look once more. */
  has(nowMs: number): boolean {
    return nowMs < this.#until;
  }

  /** How the wait has ended. */
  settle(hasPaid: boolean): void {
    if (hasPaid && MANY) this.#budgetMs = Math.min(MOST_MS, Math.max(LEAST_MS, this.#budgetMs * 2));
    else this.#budgetMs = this.#budgetMs > LEAST_MS ? this.#budgetMs / 2 : 0;
  }
}
