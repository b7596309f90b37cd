// Programs of this folder: in a worker of this process, in a process of this runtime with the flags of this one, or in
// a process of another runtime.
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

/** Where a program runs. */
export type Where = "thread" | "process" | "deno" | "node24";

/** A program that runs. */
export interface Child {
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

/** Starts one; a process with these changes of its environment. */
export function start(where: Where, stem: string, args: string[], env: Record<string, string> = {}): Child {
  const main = new URL(`./${stem}.${EXTENSION}`, import.meta.url);
  return where === "thread" ? startWorker(main, args) : startProcess([...commandOf(where, stem, main), ...args], env);
}

function commandOf(where: Where, stem: string, main: URL): string[] {
  const tools = ["sh", `${ROOT}tools/runtimes.sh`, where];
  const folder = `${ROOT}packages/memory/`;
  if (where === "deno") return [...tools, "run", "--quiet", "--no-check", "--allow-all", `${folder}test/${stem}.ts`];
  if (where === "node24") return [...tools, "--conditions=@lockstep/modules", `${folder}dist-test/${stem}.js`];
  return [process.execPath, ...process.execArgv, fileURLToPath(main)];
}

function startProcess([command = "", ...args]: string[], env: Record<string, string>): Child {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, NODE_OPTIONS: "", ...env },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const watchdog = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const ended = new Promise<string>((resolve) => {
    child.once("close", (code, signal) => {
      clearTimeout(watchdog);
      resolve(signal ?? `exit ${code}`);
    });
  });
  return { ended, kill: () => (child.kill("SIGKILL"), ended) };
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
  return { ended, kill: async () => `exit ${await worker.terminate()}` };
}
