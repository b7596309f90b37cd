import { checkFunction, show } from "./arguments.ts";
import { InvalidStateError } from "./errors.ts";

const LONGEST_TIMEOUT_MS = 2 ** 31 - 1; // of setTimeout; a longer one would fire at once

/**
 * Calls a function once, later, on the thread that started it. Until then it keeps the process alive.
 *
 * As Python's `threading.Timer`, but with milliseconds and on the event loop, not on a thread of its own.
 *
 * @example
 * const timer = new Timer(500, console.log, "half a second is over").start();
 * timer.cancel();
 */
export class Timer<A extends unknown[] = unknown[]> {
  readonly #delay: number;
  readonly #call: () => void;
  #isStarted = false;
  #isFinished = false;
  #timeout: ReturnType<typeof setTimeout> | undefined;

  /**
   * Prepares the call; nothing runs before `start()`.
   * @param delay Milliseconds; 0 and less call in the next turn of the event loop, `Infinity` never.
   * @param fn What to call, with `args`.
   * @throws {TypeError} If `delay` is no number or `fn` no function.
   * @throws {RangeError} If `delay` is `NaN`.
   */
  constructor(delay: number, fn: (...args: A) => void, ...args: A) {
    if (typeof delay !== "number" || Number.isNaN(delay)) {
      const wrong = typeof delay === "number" ? RangeError : TypeError;
      throw new wrong(`Cannot create Timer: delay must be a number of milliseconds, got ${show(delay)}`);
    }
    checkFunction(fn, "fn", "create Timer");
    this.#delay = delay;
    this.#call = () => fn(...args);
  }

  /** Starts the delay. @throws {InvalidStateError} If it was started before. */
  start(): this {
    if (this.#isStarted) throw new InvalidStateError("Cannot start Timer: it can be started only once");
    this.#isStarted = true;
    if (!this.#isFinished) this.#sleep(performance.now() + this.#delay);
    return this;
  }

  /** Stops the timer. Before the call, it is never made; after it, this has no effect. */
  cancel(): void {
    clearTimeout(this.#timeout);
    this.#isFinished = true;
  }

  /** Whether the function has returned or the timer was cancelled. */
  get finished(): boolean {
    return this.#isFinished;
  }

  #sleep(end: number): void {
    const left = Math.max(0, end - performance.now());
    const fire = left > LONGEST_TIMEOUT_MS ? () => this.#sleep(end) : () => this.#fire();
    this.#timeout = setTimeout(fire, Math.min(left, LONGEST_TIMEOUT_MS));
  }

  #fire(): void {
    try {
      this.#call();
    } finally {
      this.#isFinished = true;
    }
  }
}
