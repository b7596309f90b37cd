// Wrong values, and what must come of them.

/** What a parameter stands for. */
export type Parameter =
  | "options"
  | "timeout"
  | "signal"
  | "permits to take"
  | "permits to give"
  | "first value"
  | "parties"
  | "name"
  | "segment"
  | "function"
  | "action"
  | "lock"
  | "handle"
  | "count to notify"
  | "delay";

/** What user code in a value throws when it is run. */
export class TrapError extends Error {}

function trap(): never {
  throw new TrapError("user code ran");
}

const trappedHandler = new Proxy({}, { get: () => trap });

/** Values of every type, most of them wrong for any parameter. */
export const VALUES: Readonly<Record<string, unknown>> = {
  "undefined": undefined,
  "null": null,
  "true": true,
  "0": 0,
  "-1": -1,
  "0.5": 0.5,
  "NaN": NaN,
  "Infinity": Infinity,
  "-Infinity": -Infinity,
  "2 ** 31": 2 ** 31,
  "2 ** 32": 2 ** 32,
  "2 ** 53": 2 ** 53,
  "1e100": 1e100,
  "an empty string": "",
  "a number as a string": "5",
  "300 characters": "x".repeat(300),
  "200 characters of 2 bytes": "é".repeat(200),
  "a lone surrogate": "\ud800",
  "a string with NUL": "a\0b",
  "a path": "../../etc/passwd",
  "a symbol": Symbol("wrong"),
  "a bigint": 5n,
  "an array": [],
  "an empty object": {},
  "a function": () => true,
  "an object whose conversions throw": { valueOf: trap, toString: trap, [Symbol.toPrimitive]: trap },
  "an object whose properties throw": throwingProperties(),
  "a proxy that throws": new Proxy({}, trappedHandler),
};

function throwingProperties(): object {
  const names = ["timeout", "signal", "count", "name", "segment", "action", "handle"];
  return Object.defineProperties({}, Object.fromEntries(names.map((name) => [name, { get: trap, enumerable: true }])));
}

const isText = (value: unknown): boolean => typeof value === "string";
const isNumber = (value: unknown): boolean => typeof value === "number";
const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;
const isFrom = (min: number) => (value: unknown): boolean => Number.isInteger(value) && (value as number) >= min;

/** What is of a parameter's type, and what of that is allowed. Upper bounds are the implementation's own. */
const RULES: Readonly<Record<Parameter, { ofType(value: unknown): boolean; allowed(value: unknown): boolean }>> = {
  "options": { ofType: isObject, allowed: isObject },
  "timeout": { ofType: isNumber, allowed: (value) => (value as number) >= 0 },
  "signal": { ofType: () => false, allowed: () => false },
  "permits to take": { ofType: isNumber, allowed: isFrom(1) },
  "permits to give": { ofType: isNumber, allowed: isFrom(1) },
  "first value": { ofType: isNumber, allowed: isFrom(0) },
  "parties": { ofType: isNumber, allowed: isFrom(1) },
  "name": { ofType: isText, allowed: (value) => value === "5" || value === "../../etc/passwd" },
  "segment": { ofType: isText, allowed: (value) => value === "5" },
  "function": { ofType: (value) => typeof value === "function", allowed: () => true },
  "action": { ofType: (value) => typeof value === "function", allowed: () => true },
  "lock": { ofType: () => false, allowed: () => false },
  "handle": { ofType: isText, allowed: () => false },
  // behaviours say that notifying too few or too many is harmless
  "count to notify": { ofType: isNumber, allowed: isNumber },
  "delay": { ofType: isNumber, allowed: (value) => !Number.isNaN(value) },
};

/** Parameters whose text each implementation reads in its own way, or not at all. */
const IMPLEMENTATIONS_OWN: readonly Parameter[] = ["handle", "name", "segment"];

/** Parameters that have no default. */
const REQUIRED: readonly Parameter[] = ["handle", "function", "delay", "parties"];

/** Whether the value is a correct one, so that nothing wrong can be seen with it. */
export function isCorrect(parameter: Parameter, value: unknown): boolean {
  if (value === undefined) return !REQUIRED.includes(parameter);
  const { ofType, allowed } = RULES[parameter];
  return ofType(value) && allowed(value) && !holdsTraps(value);
}

/** What is wrong with the error that the value led to; undefined when it is as it must be. */
export function complaint(parameter: Parameter, value: unknown, error: unknown): string | undefined {
  if (error instanceof TrapError && isObject(value)) {
    return mayLookInside(parameter) ? undefined : `ran user code of the ${parameter}`;
  }
  if (!(error instanceof Error)) return `threw ${String(error)}, which is no Error`;
  if (IMPLEMENTATIONS_OWN.includes(parameter) && isText(value)) {
    return isTyped(error) ? undefined : `threw ${error.name}: ${error.message}`;
  }
  const expected = RULES[parameter].ofType(value) && !holdsTraps(value) ? "RangeError" : "TypeError";
  if (error.name !== expected) return `threw ${error.name} instead of ${expected}: ${error.message}`;
  return error.message.length > 0 && error.message.length < 500 ? undefined : `has the message ${error.message}`;
}

/** An error of the contract's, or a built-in one that says which kind of mistake it was. */
export function isTyped(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError ||
    String((error as { code?: unknown }).code).startsWith("ERR_LOCKSTEP_");
}

function holdsTraps(value: unknown): boolean {
  return value === VALUES["an object whose properties throw"] || value === VALUES["a proxy that throws"];
}

function mayLookInside(parameter: Parameter): boolean {
  return ["options", "signal", "segment", "lock", "handle"].includes(parameter);
}
