// Runs a program of this folder in a process of its own, with the flags of this one.
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { moduleBeside } from "./targets.ts";

const LIMIT_MS = 60_000; // ends what hangs; judges no speed

/** What became of it. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  /** `exit 0`, `SIGKILL`. */
  readonly ending: string;
}

/** What it runs with besides its arguments. */
export interface Setting {
  readonly env?: Record<string, string | undefined>;
  /** In place of those of this process. */
  readonly execArgv?: readonly string[];
  /** Called with what it has printed so far, whenever there is more. */
  readonly onOutput?: (stdout: string) => void;
}

/** Resolves when the program has ended and nobody has its stdout and stderr any more. */
export function runProgram(stem: string, args: readonly string[], setting: Setting = {}): Promise<Ended> {
  const { env = {}, execArgv = process.execArgv, onOutput = () => {} } = setting;
  const child = spawn(process.execPath, [...execArgv, fileURLToPath(moduleBeside(stem)), ...args], {
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // so that past the limit its children end with it
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => onOutput(stdout += data));
  child.stderr.on("data", (data) => stderr += data);
  const limit = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), LIMIT_MS);
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      clearTimeout(limit);
      resolve({ stdout, stderr, ending: signal ?? `exit ${code}` });
    });
  });
}
