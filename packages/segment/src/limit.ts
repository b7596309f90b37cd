import { checkSignal, checkTimeout, TimeoutError, type WaitOptions } from "@lockstep/contract";

/** How long a promise may wait. */
export interface Limits {
  /** Milliseconds; Infinity: for ever. */
  readonly timeout: number;
  /** Ends the wait when it is aborted. */
  readonly signal: AbortSignal | undefined;
}

/** No limits. */
export const FOR_EVER: Limits = { timeout: Infinity, signal: undefined };

/**
 * Reads the options of a wait.
 * @throws {TypeError | RangeError} If an option is not allowed.
 * @throws The signal's reason, if it was aborted before.
 */
export function limitsOf(options: WaitOptions | undefined, where: string): Limits {
  if (options === undefined) return FOR_EVER;
  const timeout = checkTimeout(options, where);
  const signal = checkSignal(options, where);
  signal?.throwIfAborted();
  return { timeout, signal };
}

/** The same limits when part of the time is over. */
export function remaining(limits: Limits, deadlineMs: number, nowMs: number): Limits {
  return { timeout: Math.max(0, deadlineMs - nowMs), signal: limits.signal };
}

/** The error of a wait that ran out of time. */
export function timedOut(where: string, timeout: number): TimeoutError {
  return new TimeoutError(`Cannot ${where}: ${timeout} ms have passed`);
}

/** What a limit calls; at most one of them, once. */
export interface LimitEvents {
  now(): number;
  expire(): void;
  abort(reason: unknown): void;
}

// What a timer of JavaScript can count to; a longer one would fire at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The timer and the listener of one wait. The timer keeps the process alive, as the wait itself does. */
export class Limit {
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: (() => void) | undefined;
  readonly #deadlineMs: number;
  readonly #events: LimitEvents;

  /** Starts both. */
  constructor({ timeout, signal }: Limits, events: LimitEvents) {
    this.#events = events;
    this.#signal = signal;
    this.#deadlineMs = events.now() + timeout;
    if (timeout !== Infinity) this.#startTimer();
    if (signal === undefined) return;
    this.#onAbort = () => events.abort(signal.reason);
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Stops both. */
  end(): void {
    clearTimeout(this.#timer);
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener("abort", this.#onAbort);
  }

  /** Timers fire up to a millisecond early, and none counts beyond 24 days. */
  #startTimer(): void {
    const leftMs = Math.max(0, this.#deadlineMs - this.#events.now());
    this.#timer = setTimeout(() => {
      if (this.#events.now() < this.#deadlineMs) this.#startTimer();
      else this.#events.expire();
    }, Math.min(Math.ceil(leftMs), LONGEST_TIMER_MS));
  }
}
