// Starts worker threads and processes that play a role of a question, and talks to them.
import { type ChildProcess, fork } from "node:child_process";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { COMPILE_CACHE } from "./compiled.ts";
import { inShort, owe } from "./watch.ts";

export type Place = "threads" | "processes";

/** Which exported role of which question a party plays. `data` is what the role is started with. */
export interface Task {
  readonly question: string;
  readonly role: string;
  readonly data: unknown;
}

/** What a role is: it prepares itself with the task's data and returns what answers each call. */
export type Role<D, C, R> = (data: D) => Handler<C, R> | Promise<Handler<C, R>>;
export type Handler<C, R> = (command: C) => R | Promise<R>;

/** What a question file exports as `roles`. */
export type Roles = Record<string, Role<never, never, unknown>>;

/** The answer of a party to one call, or the text of the error that it threw. */
export interface Answer {
  readonly value?: unknown;
  readonly error?: string;
}

/** One started thread or process. It answers one call at a time, and ends with its group. */
export class Party {
  readonly #channel: Worker | ChildProcess;
  readonly #name: string;
  #settle: ((answer: Answer) => void) | undefined;
  #failure: string | undefined;

  constructor(channel: Worker | ChildProcess, name: string) {
    this.#channel = channel;
    this.#name = channel instanceof Worker
      ? `${name} (thread ${channel.threadId})`
      : `${name} (process ${channel.pid})`;
    channel.on("message", (answer: Answer) => this.#finish(answer));
    channel.on("error", (error: Error) => this.#fail(error.stack ?? String(error)));
    channel.on("exit", (code: number | null, signal?: string | null) => {
      this.#fail(code === null ? `was ended by ${signal}` : `ended with exit code ${code}`);
    });
  }

  get pid(): number | undefined {
    return this.#channel instanceof Worker ? undefined : this.#channel.pid;
  }

  /** Settles when the party can be called. */
  ready(): Promise<void> {
    return this.#answer("its start");
  }

  call<R>(command: unknown): Promise<R> {
    const answered = this.#answer<R>(command);
    if (this.#failure === undefined) this.#send({ command });
    return answered;
  }

  /** The next answer that comes. What was asked is told when none comes. */
  #answer<R>(asked: unknown): Promise<R> {
    const answered = new Promise<R>((resolve, reject) => {
      this.#settle = ({ value, error }) => {
        if (error === undefined) resolve(value as R);
        else reject(new Error(`${this.#name}, asked for ${inShort(asked)}: ${error}`));
      };
      if (this.#failure !== undefined) this.#finish({ error: this.#failure });
    });
    return owe(this.#name, this.pid, asked, answered);
  }

  #send(message: unknown): void {
    if (this.#channel instanceof Worker) this.#channel.postMessage(message);
    else this.#channel.send(message as object);
  }

  #fail(reason: string): void {
    this.#failure ??= reason;
    this.#finish({ error: reason });
  }

  #finish(answer: Answer): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(answer);
  }
}

const script = new URL("./party.ts", import.meta.url);

/** Starts one party and returns when it is ready for its first call. */
export async function startParty(place: Place, task: Task, name: string = task.role): Promise<Party> {
  const party = place === "threads" ? startThread(task, name) : startProcess(task, name);
  await party.ready();
  return party;
}

/** Starts several parties at once; `task` makes the task of each. */
export function startParties(place: Place, count: number, task: (index: number) => Task): Promise<Party[]> {
  const start = (index: number) => {
    const its = task(index);
    return startParty(place, its, `${its.role} ${index + 1} of ${count}`);
  };
  return Promise.all(Array.from({ length: count }, (_, index) => start(index)));
}

function startThread(task: Task, name: string): Party {
  return new Party(new Worker(script, { workerData: task }), name);
}

function startProcess(task: Task, name: string): Party {
  const child = fork(script, { serialization: "json" });
  child.send({ task });
  return new Party(child, name);
}

/** A party in a process group of its own, so that it can be ended together with everything that it started. */
export interface Group {
  readonly leader: Party;
  /** Settles when the leader can be called; an error waits for whoever awaits it. */
  readonly ready: Promise<void>;
  /** Ends whatever is left of the group, once. */
  readonly end: () => void;
}

const running = new Set<() => void>(); // what ends each group

export function startGroup(task: Task): Group {
  const child = fork(script, { serialization: "json", detached: true, env: { ...process.env, ...COMPILE_CACHE } });
  child.send({ task });
  const leader = new Party(child, task.question);
  const ready = leader.ready();
  ready.catch(() => {});
  const end = () => {
    if (!running.delete(end)) return;
    try {
      process.kill(-(child.pid ?? NaN), "SIGKILL");
    } catch { /* all of it has ended */ }
  };
  if (running.size === 0) process.once("exit", () => running.forEach((endOne) => endOne()));
  running.add(end);
  return { leader, ready, end };
}
