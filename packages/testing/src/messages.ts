// What a party is asked, and what it answers. Plain data: it crosses to processes as a line of JSON.

/** Calls a method, or reads a property, of an object or guard that the party keeps. */
export interface CallRequest {
  op: "call";
  /** Name of the object or guard. */
  target: string;
  /** Member, by dots: `write.acquireSync`. */
  path: string;
  args: unknown[];
  /** Say when the call has begun and is about to block. */
  announce?: boolean;
  /** Calls of one task run in one async context, one after the other; a call without a task in one of its own. */
  task?: string;
  /** First wait until this thread sleeps. */
  after?: string;
}

/** Takes and releases `target.path` many times, checking with `probe`, a Semaphore of 1, that nobody else is inside. */
export interface HammerRequest {
  op: "hammer";
  target: string;
  facet: string;
  probe: string;
  form: Form;
  rounds: number;
}

/** Everything that a party can be asked. */
export type Order =
  | CallRequest
  | HammerRequest
  | { op: "attach"; name: string; kind: string; handle: unknown }
  | { op: "abort"; signal: string; reason: string }
  | { op: "drop" }
  | { op: "countSignals" }
  | { op: "exit"; code: number };

/** An order with the number that its replies carry. */
export type Request = Order & { id: number };

/** An error as it crosses. */
export interface ErrorReport {
  name: string;
  code: string | undefined;
  message: string;
  stack: string;
}

/** The answer to a request; `begun` comes before the final one when asked for. */
export type Reply =
  | { id: number; kind: "begun" }
  | { id: number; kind: "value"; value: unknown }
  | { id: number; kind: "guard"; guard: string; ownerDied: boolean }
  | { id: number; kind: "error"; error: ErrorReport };

/** How one waits: by a blocked thread or by a Promise. */
export type Form = "sync" | "async";

/** The method of that form: `acquireSync` or `acquire`. */
export function inForm(form: Form, verb: string): string {
  return form === "sync" ? `${verb}Sync` : verb;
}

/** An argument that stands for an AbortSignal which the party makes on first use and `abort` orders fire. */
export function signalNamed(name: string): unknown {
  return { $signal: name };
}

/** An argument that stands for a predicate: true once the `value` of the party's object has reached `goal`. */
export function valueReaches(target: string, goal: number): unknown {
  return { $reaches: target, goal };
}

/** An argument that JSON cannot say. */
export function numberNamed(name: "Infinity" | "NaN"): unknown {
  return { $number: name };
}
