// Programs of this folder: in a worker of this process, in a process of this runtime with the flags of this one, or in
// a process of another runtime. All of them share segments by name.
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

/** Where a program runs. */
export type Where = "thread" | "process" | "deno" | "node20" | "node24";

/** What a program runs with besides its arguments. */
export interface Setting {
  env?: Record<string, string>;
}

/** A program that runs. */
export interface Child {
  /** What a process has printed so far. */
  readonly lines: readonly string[];
  /** Resolves when that line is there; rejects when the process ends without it. */
  line(text: string): Promise<void>;
  /** SIGKILL for a process, terminate() for a worker; resolves when it is gone. */
  kill(): Promise<string>;
  /** How it ended: `exit 0`, `SIGKILL`. */
  readonly ended: Promise<string>;
}

/** A runtime with another JavaScript engine, or at least another Node-API, than this one. */
export const OTHER: Where = "Deno" in globalThis ? "node24" : "deno";

const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const LIMIT_MS = 120_000; // ends what hangs; judges no speed

/** Starts one. */
export function start(where: Where, stem: string, args: string[], { env = {} }: Setting = {}): Child {
  if (where === "thread") return startWorker(new URL(`./${stem}.${EXTENSION}`, import.meta.url), args);
  const [command = "", ...flags] = commandOf(where, stem);
  const child = spawn(command, [...flags, ...args], {
    cwd: ROOT,
    env: { ...process.env, NODE_OPTIONS: "", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Process(child, `${stem} ${args.join(" ")} in ${where}`);
}

/** Runs the programs to their ends; resolves with these. */
export function endings(children: readonly Child[]): Promise<string[]> {
  return Promise.all(children.map((child) => child.ended));
}

function commandOf(where: Where, stem: string): string[] {
  const tools = ["sh", `${ROOT}tools/runtimes.sh`, where];
  const folder = `${ROOT}packages/manager/`;
  switch (where) {
    case "deno":
      return [...tools, "run", "--quiet", "--no-check", "--allow-all", `${folder}test/${stem}.ts`];
    case "node20":
    case "node24":
      return [...tools, "--conditions=@lockstep/modules", `${folder}dist-test/${stem}.js`];
    default:
      return [process.execPath, ...process.execArgv, fileURLToPath(new URL(`./${stem}.${EXTENSION}`, import.meta.url))];
  }
}

class Process implements Child {
  readonly lines: string[] = [];
  readonly ended: Promise<string>;
  readonly #child: ChildProcess;
  readonly #what: string;

  constructor(child: ChildProcess, what: string) {
    this.#child = child;
    this.#what = what;
    const watchdog = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
    createInterface({ input: child.stdout! }).on("line", (line) => {
      this.lines.push(line);
      child.emit("line");
    });
    this.ended = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        clearTimeout(watchdog);
        resolve(signal ?? `exit ${code}`);
      });
    });
  }

  line(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (this.lines.includes(text)) resolve();
      };
      this.#child.on("line", look);
      const missing = (how: string): string => `${this.#what}: ${how} without "${text}": ${this.lines.join(" | ")}`;
      void this.ended.then((how) => reject(new Error(missing(how))));
      look();
    });
  }

  kill(): Promise<string> {
    this.#child.kill("SIGKILL");
    return this.ended;
  }
}

function startWorker(main: URL, argv: string[]): Child {
  const worker = new Worker(main, { argv });
  const watchdog = setTimeout(() => void worker.terminate(), LIMIT_MS);
  const ended = new Promise<string>((resolve, reject) => {
    worker.on("error", reject);
    worker.on("exit", (code) => {
      clearTimeout(watchdog);
      resolve(`exit ${code}`);
    });
  });
  const kill = async (): Promise<string> => `exit ${await worker.terminate()}`;
  return { lines: [], line: () => Promise.reject(new Error("A worker prints nothing")), kill, ended };
}
