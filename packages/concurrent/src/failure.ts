// Errors on their way between threads and processes. structuredClone, and so the codec, knows the classes of the
// language only and drops properties; here an error keeps its class, where the other side knows it too.
import * as contract from "@lockstep/contract";

/** Anything that was thrown, as it travels. */
export interface Failure {
  /** Set for what is no error: it travels as it is. */
  readonly thrown?: { readonly value: unknown };
  readonly className: string;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly cause?: Failure;
  readonly errors?: readonly Failure[];
  /** Own enumerable properties. */
  readonly properties: Record<string, unknown>;
}

type ErrorClass = new (message: string) => Error;

const MOST_CAUSES = 16;
const OWN = new Set(["name", "message", "stack", "cause", "errors"]);
const BUILT_INS = ["Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError"];
const classes = new Map<string, ErrorClass>();

for (const name of BUILT_INS) classes.set(name, (globalThis as unknown as Record<string, ErrorClass>)[name]!);
for (const exported of Object.values(contract)) {
  if (typeof exported === "function" && exported.prototype instanceof contract.LockstepError) {
    classes.set(exported.name, exported as unknown as ErrorClass);
  }
}

/**
 * Makes errors of this class arrive as instances of it, in this thread. Without it they arrive as `Error` objects with
 * the class's name and all their properties. To be called where the class is defined, so that both sides do; the
 * constructor is not run for an error that arrives.
 * @throws {TypeError} If it is no subclass of `Error`.
 */
export function registerErrorClass(errorClass: new (...args: never[]) => Error): void {
  if (typeof errorClass !== "function" || !(errorClass.prototype instanceof Error)) {
    throw new TypeError(`Cannot register error class: it must extend Error, got ${contract.show(errorClass)}`);
  }
  classes.set(errorClass.name, errorClass as unknown as ErrorClass);
}

/** What was thrown, in a form that the codec takes, but for its properties. Never throws. */
export function failureOf(thrown: unknown, outer: readonly unknown[] = []): Failure {
  try {
    return thrown instanceof Error ? ofError(thrown, [...outer, thrown]) : { ...NOTHING, thrown: { value: thrown } };
  } catch (error) { // a getter of it, say
    return { ...NOTHING, className: "Error", name: "Error", message: `Cannot read what was thrown: ${error}` };
  }
}

const NOTHING: Failure = { className: "", name: "", message: "", stack: undefined, properties: {} };

/** `chain`: the error at its end, which is the cause of that before it, and so on. */
function ofError(thrown: Error, chain: readonly unknown[]): Failure {
  const { cause, errors } = thrown as { cause?: unknown; errors?: unknown };
  const isNew = (inner: unknown): boolean =>
    inner !== undefined && chain.length < MOST_CAUSES && !chain.includes(inner);
  return {
    className: thrown.constructor?.name ?? "Error",
    name: String(thrown.name),
    message: String(thrown.message),
    stack: typeof thrown.stack === "string" ? thrown.stack : undefined,
    properties: propertiesOf(thrown),
    ...(isNew(cause) && { cause: failureOf(cause, chain) }),
    ...(Array.isArray(errors) && { errors: errors.filter(isNew).map((error) => failureOf(error, chain)) }),
  };
}

/** The same without what the codec may have refused. */
export function bare({ thrown, cause, errors, ...failure }: Failure): Failure {
  return {
    ...failure,
    properties: {},
    ...(thrown !== undefined && { thrown: { value: contract.show(thrown.value) } }),
    ...(cause !== undefined && { cause: bare(cause) }),
    ...(errors !== undefined && { errors: errors.map(bare) }),
  };
}

function propertiesOf(error: Error): Record<string, unknown> {
  const entries = Object.entries(error).filter(([key, value]) => !OWN.has(key) && typeof value !== "function");
  return Object.fromEntries(entries);
}

/** What was thrown there, for those here. `submitted`: the stack of whoever asked for the task. */
export function thrownOf(failure: Failure, submitted?: string): unknown {
  if (failure.thrown !== undefined) return failure.thrown.value;
  const error = errorOf(failure);
  const { cause, errors, name, stack, properties } = failure;
  if (error.name !== name) define(error, "name", name);
  define(error, "stack", submitted === undefined ? stack : `${stack ?? error}\n${submitted}`);
  if (cause !== undefined) define(error, "cause", thrownOf(cause));
  if (errors !== undefined) define(error, "errors", errors.map((inner) => thrownOf(inner)));
  for (const [key, value] of Object.entries(properties)) {
    Object.defineProperty(error, key, { value, writable: true, enumerable: true, configurable: true });
  }
  return error;
}

function errorOf({ className, name, message, errors }: Failure): Error {
  if (className === "DOMException") return new DOMException(message, name);
  if (className === "AggregateError") return new AggregateError(errors?.map((inner) => thrownOf(inner)) ?? [], message);
  const known = classes.get(className) ?? Error;
  return Reflect.construct(Error, [message], known) as Error;
}

/** The path of a value in a message, and what the user calls it. */
export type Place = readonly [path: RegExp, name: string];

/** What was thrown; if something cannot be copied, with the place that the user knows. */
export function placed(thrown: unknown, [path, name]: Place): unknown {
  if (!(thrown instanceof DOMException) || thrown.name !== "DataCloneError") return thrown;
  return new DOMException(thrown.message.replace(path, name), thrown.name);
}

function define(error: Error, key: string, value: unknown): void {
  Object.defineProperty(error, key, { value, writable: true, enumerable: false, configurable: true });
}
