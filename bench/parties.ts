// Starts worker threads and processes that play a role of a question, and talks to them.
import { type ChildProcess, fork } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

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

/** One started thread or process. It answers one call at a time. */
export class Party {
  readonly #channel: Worker | ChildProcess;
  #settle: ((answer: Answer) => void) | undefined;
  #failure: string | undefined;

  constructor(channel: Worker | ChildProcess) {
    this.#channel = channel;
    channel.on("message", (answer: Answer) => this.#finish(answer));
    channel.on("error", (error: Error) => this.#fail(String(error)));
    channel.on("exit", (code: number | null) => this.#fail(`the party ended with ${code}`));
  }

  get pid(): number {
    return "pid" in this.#channel ? this.#channel.pid ?? 0 : 0;
  }

  call<R>(command: unknown): Promise<R> {
    const answered = this.answer<R>();
    if (this.#failure === undefined) this.#send({ command });
    return answered;
  }

  /** Ends a party that is not answering a call. */
  end(): void {
    if ("terminate" in this.#channel) void this.#channel.terminate();
    else if (this.#failure === undefined) this.#send({ end: true });
  }

  /** The next answer that comes, whatever it answers. */
  answer<R>(): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#settle = ({ value, error }) => error === undefined ? resolve(value as R) : reject(new Error(error));
      if (this.#failure !== undefined) this.#finish({ error: this.#failure });
    });
  }

  #send(message: unknown): void {
    if ("send" in this.#channel) this.#channel.send(message as object);
    else this.#channel.postMessage(message);
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
export async function startParty(place: Place, task: Task): Promise<Party> {
  const party = place === "threads" ? startThread(task) : startProcess(task);
  await party.answer();
  return party;
}

/** Starts several parties at once; `data` makes the start data of each. */
export function startParties(place: Place, count: number, task: (index: number) => Task): Promise<Party[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => startParty(place, task(index))));
}

function startThread(task: Task): Party {
  return new Party(new Worker(script, { workerData: task }));
}

function startProcess(task: Task): Party {
  const child = fork(script, { serialization: "json" });
  child.send({ task });
  return new Party(child);
}

/**
 * A party in a process group of its own, so that it can be ended together with everything that it started. Compiled
 * code is kept in a folder, so that the many processes of a run spend no time on compiling the same sources.
 */
export function startGroup(task: Task): Party {
  const cache = fileURLToPath(new URL("../build/bench/compile_cache", import.meta.url));
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  const child = fork(script, { serialization: "json", detached: true, env });
  child.send({ task });
  return new Party(child);
}
