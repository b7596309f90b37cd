// One who takes part in a scenario: a worker thread, a process, or a task of the test's own thread. All are told what
// to do in the same words, so that a scenario is written once and played with every cast.
import { AssertionError } from "node:assert";
import type { Order, Reply, Request } from "./messages.ts";
import { type Form, inForm } from "./messages.ts";
import { thisThread, untilAsleep } from "./thread_state.ts";
import { type Classes, Operator } from "./operator.ts";

/** An object that crosses by its handle. */
export interface Shared {
  /** What `from()` of its class takes. */
  readonly handle: unknown;
}

/** Sends orders, pairs replies with them, and names what the party holds. */
export abstract class Party {
  /** The thread's folder under /proc. */
  abstract readonly thread: string;
  readonly #calls = new Map<number, Call>();
  #ids = 0;
  #names = 0;

  protected abstract post(request: Request): void;

  /** Gives the party the object, through its handle. */
  async attach(object: Shared): Promise<Remote> {
    const name = `${object.constructor.name} ${this.#names++}`;
    await this.order({ op: "attach", name, kind: object.constructor.name, handle: object.handle }).result;
    return new Remote(this, name);
  }

  /** Sends an order; the call tells what becomes of it. */
  order(order: Order): Call {
    const id = this.#ids++;
    const call = new Call(this, order.op === "call" ? order.task : undefined);
    this.#calls.set(id, call);
    this.post({ ...order, id });
    return call;
  }

  /** Fires the AbortSignal that an earlier call got by `signalNamed(signal)`. */
  async abort(signal: string, reason: string): Promise<void> {
    await this.order({ op: "abort", signal, reason }).result;
  }

  /** Ends a scenario: nothing may be pending any more, and every object is detached. */
  async leave(): Promise<void> {
    if (this.#calls.size > 0) throw new AssertionError({ message: `${this.#calls.size} calls are still pending` });
    await this.order({ op: "drop" }).result;
  }

  protected receive(reply: Reply): void {
    const call = this.#calls.get(reply.id);
    if (reply.kind !== "begun") this.#calls.delete(reply.id);
    call?.receive(reply);
  }

  /** Fails all that is pending: the party is gone. */
  protected lose(reason: string): void {
    for (const call of this.#calls.values()) call.fail(new Error(reason));
    this.#calls.clear();
  }
}

/** The test's own thread as a party: Promise forms and calls that cannot block. */
export class Here extends Party {
  readonly thread: string = thisThread();
  readonly #operator: Operator;

  constructor(classes: Classes) {
    super();
    this.#operator = new Operator(classes, (reply) => this.receive(reply));
  }

  protected override post(request: Request): void {
    this.#operator.obey(request);
  }
}

/** What became of an order. */
export class Call {
  readonly result: Promise<unknown>;
  readonly #party: Party;
  readonly #task: string | undefined;
  readonly #begun: Promise<void>;
  #done = false;
  #settle!: { begin(): void; resolve(value: unknown): void; reject(error: Error): void };

  constructor(party: Party, task: string | undefined) {
    this.#party = party;
    this.#task = task;
    let begin = (): void => {};
    this.#begun = new Promise((resolve) => begin = resolve);
    this.result = new Promise((resolve, reject) => this.#settle = { begin, resolve, reject });
    this.result.catch(() => {}); // a scenario may look at it later, or lose the party on purpose
  }

  get done(): boolean {
    return this.#done;
  }

  /** Resolves when the call has begun and waits; `path` says in which form. */
  async blocked(path: string): Promise<void> {
    const ended = this.result.then(() => {}, () => {});
    await Promise.race([this.#begun, ended]);
    if (path.endsWith("Sync")) await Promise.race([untilAsleep(this.#party.thread), ended]);
    if (this.#done) {
      throw new AssertionError({ message: `${path} was to wait, but ended`, actual: await this.result });
    }
  }

  receive(reply: Reply): void {
    if (reply.kind === "begun") return this.#settle.begin();
    this.#done = true;
    if (reply.kind === "error") this.#settle.reject(Object.assign(new Error(reply.error.message), reply.error));
    else if (reply.kind === "guard") this.#settle.resolve(new Hold(this.#party, reply, this.#task));
    else this.#settle.resolve(reply.value);
  }

  fail(error: Error): void {
    this.#done = true;
    this.#settle.reject(error);
  }
}

/** An object as the party has it. */
export class Remote {
  readonly name: string;
  readonly party: Party;
  readonly #facet: string;
  readonly #task: string | undefined;
  readonly #after: string | undefined;

  constructor(party: Party, name: string, how: { facet?: string; task?: string; after?: string } = {}) {
    this.party = party;
    this.name = name;
    this.#facet = how.facet ?? "";
    this.#task = how.task;
    this.#after = how.after;
  }

  /** A part of it: `read.` or `write.` of a reader-writer lock. */
  at(facet: string): Remote {
    return new Remote(this.party, this.name, { facet });
  }

  /** The same, used by one task. */
  in(task: string): Remote {
    return new Remote(this.party, this.name, { facet: this.#facet, task });
  }

  /** The same, used only once the thread sleeps. */
  after(thread: string): Remote {
    return new Remote(this.party, this.name, { facet: this.#facet, after: thread });
  }

  /** Calls a method, or reads a property. */
  call(method: string, ...args: unknown[]): Promise<unknown> {
    return this.start(method, ...args).result;
  }

  /** Calls a method, and leaves it to the call to tell what becomes of it. */
  start(method: string, ...args: unknown[]): Call {
    return this.#order(method, args, false);
  }

  /** Takes it, in that form. */
  acquire(form: Form, options: object = {}): Promise<Hold> {
    return this.call(inForm(form, "acquire"), options) as Promise<Hold>;
  }

  /** Takes it if that needs no wait. */
  tryAcquire(): Promise<Hold | undefined> {
    return this.call("tryAcquire") as Promise<Hold | undefined>;
  }

  /** Starts a call that must wait, and comes back when it does. */
  async begin(method: string, ...args: unknown[]): Promise<Call> {
    const call = this.#order(method, args, true);
    await call.blocked(method);
    return call;
  }

  /** Takes and releases it many times; the result is how often another was inside too, as `probe` showed. */
  hammer(probe: Remote, form: Form, rounds: number): Call {
    return this.party.order({ op: "hammer", target: this.name, facet: this.#facet, probe: probe.name, form, rounds });
  }

  #order(method: string, args: unknown[], announce: boolean): Call {
    const order: Order = { op: "call", target: this.name, path: this.#facet + method, args, announce };
    if (this.#task !== undefined) order.task = this.#task;
    if (this.#after !== undefined) order.after = this.#after;
    return this.party.order(order);
  }
}

/** A guard that a party keeps. */
export class Hold {
  /** What the guard says. */
  readonly ownerDied: boolean;
  readonly #party: Party;
  readonly #guard: string;
  readonly #task: string | undefined;

  constructor(party: Party, { guard, ownerDied }: { guard: string; ownerDied: boolean }, task: string | undefined) {
    this.#party = party;
    this.#guard = guard;
    this.ownerDied = ownerDied;
    this.#task = task;
  }

  /** Releases it where it was taken, in the task that took it unless another is named. */
  async release(task: string | undefined = this.#task): Promise<void> {
    const order: Order = { op: "call", target: this.#guard, path: "release", args: [] };
    await this.#party.order(task === undefined ? order : { ...order, task }).result;
  }
}
