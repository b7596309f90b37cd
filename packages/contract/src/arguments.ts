import type { SyncWaitOptions, WaitOptions } from "./options.ts";

const NAME_MAX_BYTES = 255;
const SHOWN_CHARACTERS = 60;
const encoder = new TextEncoder();

/** Short text of any value for an error message. Runs no code of the value's, so that it cannot fail. */
export function show(value: unknown): string {
  switch (typeof value) {
    case "string":
      return shorten(JSON.stringify(value.slice(0, SHOWN_CHARACTERS + 1)));
    case "bigint":
      return shorten(`${value}n`);
    case "symbol":
      return shorten(value.toString());
    case "function":
      return "a function";
    case "object":
      return value === null ? "null" : "an object";
    default:
      return Object.is(value, -0) ? "-0" : String(value);
  }
}

function shorten(text: string): string {
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}...`;
}

/**
 * Milliseconds a call may wait, `Infinity` when its options name none.
 * @param where What fails, such as "acquire Semaphore".
 * @throws {TypeError} If the options are no object or the timeout is no number.
 * @throws {RangeError} If the timeout is negative or `NaN`.
 */
export function checkTimeout(options: SyncWaitOptions | undefined, where: string): number {
  if (options === undefined) return Infinity;
  checkOptions(options, where);
  const timeout: unknown = options.timeout;
  if (timeout === undefined) return Infinity;
  if (typeof timeout === "number" && timeout >= 0) return timeout;
  const wrong = typeof timeout === "number" ? RangeError : TypeError;
  throw new wrong(
    `Cannot ${where}: options.timeout must be a number of milliseconds >= 0 or Infinity, got ${show(timeout)}`,
  );
}

/**
 * The signal that may end a wait early. @throws {TypeError} If the options are no object or the signal is no
 * `AbortSignal`.
 */
export function checkSignal(options: WaitOptions | undefined, where: string): AbortSignal | undefined {
  if (options === undefined) return undefined;
  checkOptions(options, where);
  const signal: unknown = options.signal;
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw new TypeError(`Cannot ${where}: options.signal must be an AbortSignal, got ${show(signal)}`);
}

/** Rejects options that cannot have any. @throws {TypeError} If they are no object. */
export function checkOptions(options: unknown, where: string): void {
  if (typeof options === "object" && options !== null) return;
  throw new TypeError(`Cannot ${where}: options must be an object, got ${show(options)}`);
}

/** The allowed values of an integer argument, and its name in messages. */
export interface IntegerRule {
  /** Name of the argument. */
  readonly name: string;
  /** Smallest allowed value. */
  readonly min: number;
  /** Largest allowed value. */
  readonly max: number;
}

/**
 * The value, if it is an integer within the rule. @throws {TypeError} If it is no number. @throws {RangeError} If it
 * is another number.
 */
export function checkInteger(value: unknown, rule: IntegerRule, where: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= rule.min && value <= rule.max) return value;
  const wrong = typeof value === "number" ? RangeError : TypeError;
  throw new wrong(
    `Cannot ${where}: ${rule.name} must be an integer from ${rule.min} to ${rule.max}, got ${show(value)}`,
  );
}

/**
 * The name, if shared memory can store it. @throws {TypeError} If it is no string. @throws {RangeError} If it is
 * another string.
 */
export function checkName(name: unknown, where: string): string {
  if (typeof name !== "string") throw new TypeError(`Cannot ${where}: name must be a string, got ${show(name)}`);
  if (name.includes("\0") || /\p{Surrogate}/u.test(name)) {
    throw new RangeError(`Cannot ${where}: name must have no NUL and no lone surrogate, got ${show(name)}`);
  }
  const bytes = encoder.encode(name).length;
  if (bytes >= 1 && bytes <= NAME_MAX_BYTES) return name;
  throw new RangeError(
    `Cannot ${where}: name must have 1 to ${NAME_MAX_BYTES} bytes of UTF-8, got ${bytes} in ${show(name)}`,
  );
}

/** The function. @throws {TypeError} If the value is none. */
export function checkFunction<F>(value: F, name: string, where: string): F {
  if (typeof value === "function") return value;
  throw new TypeError(`Cannot ${where}: ${name} must be a function, got ${show(value)}`);
}
