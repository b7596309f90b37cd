import { checkSignal, checkTimeout, type WaitOptions } from "@lockstep/contract";

/** How long a promise may stay pending. */
export interface Limits {
  /** Milliseconds; `Infinity` for ever. */
  readonly timeout: number;
  /** Ends the wait when aborted. */
  readonly signal: AbortSignal | undefined;
}

/** No limits. */
export const UNLIMITED: Limits = { timeout: Infinity, signal: undefined };

/**
 * Reads the options of a wait.
 * @throws {TypeError | RangeError} If an option is not allowed.
 * @throws The signal's reason, if it was aborted before.
 */
export function limitsOf(options: WaitOptions | undefined, where: string): Limits {
  const timeout = checkTimeout(options, where);
  const signal = checkSignal(options, where);
  signal?.throwIfAborted();
  return { timeout, signal };
}

/** Milliseconds that are left: the first answer is the whole, later ones are negative once nothing is. */
export function countdown(timeout: number): () => number {
  let end: number | undefined;
  return () => {
    const now = performance.now();
    if (end === undefined) {
      end = now + timeout;
      return timeout;
    }
    return end > now ? end - now : -1;
  };
}

const LONGEST_TIMER_MS = 2 ** 31 - 1; // of setTimeout; a longer one would fire at once

/** The timer and the listener of one wait. At most one of the two functions is called, once. */
export class Limit {
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;

  constructor({ timeout, signal }: Limits, expire: () => void, abort: (reason: unknown) => void) {
    this.#signal = signal;
    this.#onAbort = () => abort(signal?.reason);
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (timeout !== Infinity) this.#startTimer(performance.now() + timeout, expire);
  }

  /** Stops both. */
  end(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }

  /** Timers fire a little early at times, and none counts beyond 24 days. */
  #startTimer(end: number, expire: () => void): void {
    const left = Math.max(0, end - performance.now());
    this.#timer = setTimeout(() => {
      if (performance.now() < end) this.#startTimer(end, expire);
      else expire();
    }, Math.min(Math.ceil(left), LONGEST_TIMER_MS));
  }
}
