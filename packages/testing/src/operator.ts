// Carries out the requests of a scenario in the thread where it lives: a peer's, or the test's own.
import { AsyncLocalStorage } from "node:async_hooks";
import process from "node:process";
import type { CallRequest, ErrorReport, HammerRequest, Reply, Request } from "./messages.ts";
import { inForm } from "./messages.ts";
import { untilAsleepSync } from "./thread_state.ts";

const HAMMER_TIMEOUT_MS = 20_000;

/** The classes by name, as a module exports them. */
export type Classes = Readonly<Record<string, unknown>>;

type Member = (...args: unknown[]) => unknown;
type Step = () => Promise<void>;
type Answer = { kind: "value"; value: unknown } | { kind: "guard"; guard: string; ownerDied: boolean };
interface Releasable {
  release(): void;
  ownerDied: boolean;
}

/** Keeps attached objects, guards and abort controllers by name, and calls them as told. */
export class Operator {
  readonly #classes: Classes;
  readonly #reply: (reply: Reply) => void;
  readonly #objects = new Map<string, unknown>();
  readonly #aborts = new Map<string, AbortController>();
  readonly #tasks = new Map<string, Task>();
  // Without it, what one request does to the async context could show in the next.
  readonly #inFreshContext = AsyncLocalStorage.snapshot();
  #guards = 0;
  #signals: number | undefined;

  constructor(classes: Classes, reply: (reply: Reply) => void) {
    this.#classes = classes;
    this.#reply = reply;
  }

  /** Starts on the request; every request gets its replies, errors included. */
  obey(request: Request): void {
    const step = (): Promise<void> => this.#answer(request);
    if (request.op === "call" && request.task !== undefined) this.#taskNamed(request.task).add(step);
    else this.#inFreshContext(() => void step());
  }

  async #answer(request: Request): Promise<void> {
    const { id } = request;
    try {
      const answer = request.op === "call"
        ? await this.#call(request)
        : { kind: "value", value: await this.#do(request) };
      this.#reply({ id, ...answer } as Reply);
    } catch (error) {
      this.#reply({ id, kind: "error", error: report(error) });
    }
  }

  #do(request: Exclude<Request, CallRequest>): unknown {
    switch (request.op) {
      case "attach":
        return void this.#objects.set(request.name, attach(this.#classes[request.kind], request.handle));
      case "hammer":
        return this.#hammer(request);
      case "abort":
        return this.#abort(request.signal, request.reason);
      case "drop":
        return this.#drop();
      case "countSignals":
        return this.#countSignals();
      case "exit":
        return process.exit(request.code);
    }
  }

  async #call(request: CallRequest & { id: number }): Promise<Answer> {
    const [receiver, member] = this.#find(request.target, request.path);
    if (typeof member !== "function") return { kind: "value", value: member };
    const args = request.args.map((value) => this.#decode(value));
    const begun = (): void => this.#reply({ id: request.id, kind: "begun" });
    if (request.after !== undefined) untilAsleepSync(request.after);
    if (request.announce && request.path.endsWith("Sync")) begun();
    const result = (member as Member).apply(receiver, args);
    if (!(result instanceof Promise)) return this.#encode(result);
    // By the next turn of the loop the wait is registered, whatever microtasks that takes.
    if (request.announce) setImmediate(begun);
    return this.#encode(await result);
  }

  async #hammer({ target, facet, probe, form, rounds }: HammerRequest): Promise<number> {
    const [receiver, acquire] = this.#find(target, facet + inForm(form, "acquire"));
    const inside = this.#objects.get(probe) as { tryAcquire(): Releasable | undefined };
    let intrusions = 0;
    for (let round = 0; round < rounds; round++) {
      const taken = (acquire as Member).call(receiver, { timeout: HAMMER_TIMEOUT_MS });
      const guard = (taken instanceof Promise ? await taken : taken) as Releasable;
      const alone = inside.tryAcquire();
      if (alone === undefined) intrusions++;
      alone?.release();
      guard.release();
    }
    return intrusions;
  }

  /** How many times SIGWINCH has come; counting starts with the first order. */
  #countSignals(): number {
    if (this.#signals === undefined) {
      this.#signals = 0;
      process.on("SIGWINCH", () => this.#signals!++);
    }
    return this.#signals;
  }

  /** Detaches every object, so that the next scenario starts with none. Guards are the scenario's own business. */
  #drop(): void {
    for (const object of this.#objects.values()) if (!isGuard(object)) (object as Disposable)[Symbol.dispose]?.();
    this.#objects.clear();
    this.#aborts.clear();
    for (const task of this.#tasks.values()) task.end();
    this.#tasks.clear();
  }

  #find(target: string, path: string): [receiver: unknown, member: unknown] {
    let receiver: unknown;
    let member = this.#objects.get(target);
    if (member === undefined) throw new Error(`Cannot find ${target}: nothing of that name is attached`);
    for (const key of path.split(".")) {
      receiver = member;
      member = (receiver as Record<string, unknown>)[key];
    }
    return [receiver, member];
  }

  #taskNamed(name: string): Task {
    const task = this.#tasks.get(name) ?? this.#inFreshContext(() => new Task());
    this.#tasks.set(name, task);
    return task;
  }

  #abort(name: string, reason: string): void {
    this.#abortNamed(name).abort(new Error(reason));
    this.#aborts.delete(name); // the next signal of that name is another
  }

  #abortNamed(name: string): AbortController {
    const controller = this.#aborts.get(name) ?? new AbortController();
    this.#aborts.set(name, controller);
    return controller;
  }

  #encode(result: unknown): Answer {
    if (!isGuard(result)) return { kind: "value", value: result };
    const guard = `guard ${this.#guards++}`;
    this.#objects.set(guard, result);
    return { kind: "guard", guard, ownerDied: result.ownerDied };
  }

  #decode(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    const marker = value as { $signal?: string; $number?: string; $reaches?: string; goal?: number };
    if (marker.$signal !== undefined) return this.#abortNamed(marker.$signal).signal;
    if (marker.$number !== undefined) return Number(marker.$number);
    if (marker.$reaches !== undefined) {
      const counter = this.#objects.get(marker.$reaches) as { value: number };
      return () => counter.value >= marker.goal!;
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.#decode(inner)]));
  }
}

/** An async function that runs steps one after the other: one async context, as a user's task is. */
class Task {
  readonly #steps: Step[] = [];
  #wake: () => void = () => {};
  #ended = false;

  constructor() {
    void this.#run();
  }

  add(step: Step): void {
    this.#steps.push(step);
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      const step = this.#steps.shift();
      if (step) await step();
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }
}

function isGuard(result: unknown): result is Releasable {
  return typeof (result as Releasable | undefined)?.ownerDied === "boolean";
}

function attach(kind: unknown, handle: unknown): unknown {
  return (kind as { from(handle: unknown): unknown }).from(handle);
}

function report(error: unknown): ErrorReport {
  if (!(error instanceof Error)) return { name: typeof error, code: undefined, message: String(error), stack: "" };
  const { name, message, stack = "", code } = error as Error & { code?: unknown };
  return { name, code: typeof code === "string" ? code : undefined, message, stack };
}
