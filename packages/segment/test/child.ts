// Runs a program of this folder in a process of its own, with the flags of this one.
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** What became of it. */
export interface Ended {
  output: string;
  /** `exit 0`, `SIGKILL`. */
  ending: string;
}

/** Resolves when the program has ended. Its environment is this one's but for the changes; undefined removes. */
export function runProgram(stem: string, args: string[], changes: Record<string, string | undefined>): Promise<Ended> {
  const main = fileURLToPath(new URL(`./${stem}.${EXTENSION}`, import.meta.url));
  const env = { ...process.env, ...changes };
  const child = spawn(process.execPath, [...process.execArgv, main, ...args], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (data) => output += data);
  return new Promise((resolve) => {
    child.on("close", (code, signal) => resolve({ output, ending: signal ?? `exit ${code}` }));
  });
}
