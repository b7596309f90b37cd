// Runs a program of this folder in a worker or in a process of its own, with the flags of this one.
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** Where it runs. */
export type Kind = "thread" | "process";

/** Resolves when it has ended: with `exit 0` when all is well. */
export function runProgram(
  kind: Kind,
  stem: string,
  args: string[],
  { stdio = "inherit" }: { stdio?: "inherit" | "ignore" } = {},
): Promise<string> {
  const main = new URL(`./${stem}.${EXTENSION}`, import.meta.url);
  return kind === "thread" ? runWorker(main, args) : runProcess(fileURLToPath(main), args, stdio);
}

function runWorker(main: URL, argv: string[]): Promise<string> {
  const worker = new Worker(main, { argv });
  return new Promise((resolve, reject) => {
    worker.on("error", reject);
    worker.on("exit", (code) => resolve(`exit ${code}`));
  });
}

function runProcess(main: string, args: string[], stdio: "inherit" | "ignore"): Promise<string> {
  const child = spawn(process.execPath, [...process.execArgv, main, ...args], { stdio });
  return new Promise((resolve) => child.on("close", (code, signal) => resolve(signal ?? `exit ${code}`)));
}
