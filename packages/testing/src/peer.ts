// Parties outside the test's thread: a worker of this process, or a process of the same runtime with the same flags.
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Reply, Request } from "./messages.ts";
import { Party } from "./party.ts";

/** Where a peer lives. */
export type PeerKind = "thread" | "process";

/** How a peer came to its end: `exit 0`, `SIGKILL`, `terminated`. */
export type Ending = string;

type Hello = { hello: string };

interface Link {
  post(request: Request): void;
  /** Lets go of the line, at which the peer ends by itself. */
  close(): void;
  /** Ends it from outside, at once. */
  kill(): void;
  onMessage: (message: Reply | Hello) => void;
  readonly pid: number | undefined;
  readonly ended: Promise<Ending>;
}

// Deno runs this package as it is written, Node compiled.
const MAIN = new URL(import.meta.url.endsWith(".ts") ? "./peer_main.ts" : "./peer_main.js", import.meta.url);

/** A worker thread or child process that has the implementation's module and does what it is told. */
export class Peer extends Party {
  readonly kind: PeerKind;
  readonly pid: number | undefined;
  readonly ended: Promise<Ending>;
  #thread = "";
  readonly #link: Link;

  /** Starts one; it is ready when the promise resolves. */
  static async start(kind: PeerKind, module: string | URL): Promise<Peer> {
    const link = kind === "thread" ? threadLink(String(module)) : processLink(String(module));
    const peer = new Peer(kind, link);
    const ready = new Promise<string>((resolve) =>
      link.onMessage = (message) => "hello" in message && resolve(message.hello)
    );
    const failed = link.ended.then((how) => Promise.reject(new Error(`Cannot start a ${kind}: ${how}`)));
    peer.#thread = await Promise.race([ready, failed]);
    failed.catch(() => {});
    link.onMessage = (message) => "hello" in message || peer.receive(message);
    return peer;
  }

  private constructor(kind: PeerKind, link: Link) {
    super();
    this.kind = kind;
    this.pid = link.pid;
    this.#link = link;
    this.ended = link.ended;
    this.ended.then((how) => this.lose(`The ${kind} is gone: ${how}`));
  }

  override get thread(): string {
    return this.#thread;
  }

  protected override post(request: Request): void {
    this.#link.post(request);
  }

  /** SIGKILL for a process, terminate() for a thread; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#link.kill();
    await this.ended;
  }

  /** Lets it end by itself, and says how it did. */
  async close(): Promise<Ending> {
    this.#link.close();
    return await this.ended;
  }
}

function threadLink(module: string): Link {
  const worker = new Worker(MAIN, { argv: [module] });
  const ended = new Promise<Ending>((resolve) => {
    let failure = "";
    worker.on("error", (error) => failure = `, ${error}`);
    worker.on("exit", (code) => resolve(`exit ${code}${failure}`));
  });
  const link: Link = {
    post: (request) => worker.postMessage(request),
    close: () => worker.postMessage("close"),
    kill: () => void worker.terminate(),
    onMessage: () => {},
    pid: undefined,
    ended,
  };
  worker.on("message", (message: Reply | Hello) => link.onMessage(message));
  return link;
}

function processLink(module: string): Link {
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(MAIN), module], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const link: Link = {
    post: (request) => void child.stdin.write(`${JSON.stringify(request)}\n`),
    close: () => void child.stdin.end(),
    kill: () => void child.kill("SIGKILL"),
    onMessage: () => {},
    pid: child.pid,
    ended: endOf(child),
  };
  child.stdin.on("error", () => {}); // it may die before it has read all
  createInterface({ input: child.stdout }).on("line", (line) => link.onMessage(JSON.parse(line)));
  return link;
}

function endOf(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve) => child.on("close", (code, signal) => resolve(signal ?? `exit ${code}`)));
}
