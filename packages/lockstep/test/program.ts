// Programs as a user starts them: with the runtime that runs this test, in a directory for segments of their own.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

export const ROOT: string = fileURLToPath(new URL("../../../", import.meta.url));

const LIMIT_MS = 180_000; // ends what hangs; judges no speed

/** A program that runs, and the lines that it has printed so far. */
export interface Program {
  readonly child: ChildProcess;
  readonly lines: string[];
  /** Resolves when that line is there; rejects when the program ends without it. */
  line(text: string): Promise<void>;
  /** Exit code or signal. */
  readonly ended: Promise<number | string>;
}

/** A directory for segments, on the same file system as usual, removed by `dispose`. */
export function ownDirectory(): { path: string; dispose(): void } {
  const path = mkdtempSync("/dev/shm/lockstep-test-");
  return { path, dispose: () => rmSync(path, { recursive: true, force: true }) };
}

/** Without those of this test, which has other files than users. */
function runtimeFlags(): string[] {
  return "Deno" in globalThis ? ["run", "--allow-all", "--no-check"] : [];
}

/** Node for a test that runs on Deno, and the other way round. */
const OTHER_RUNTIME = "Deno" in globalThis
  ? ["sh", "tools/runtimes.sh", "node24"]
  : ["sh", "tools/runtimes.sh", "deno", "run", "--quiet", "--allow-all", "--no-check"];

/** Starts it with the runtime of this test, or with the other one. */
export function start(file: string, programArguments: string[], directory: string, runtime?: "other"): Program {
  const own = [process.execPath, ...runtimeFlags()];
  const [command = "", ...flags] = runtime === "other" ? OTHER_RUNTIME : own;
  const child = spawn(command, [...flags, file, ...programArguments], {
    cwd: ROOT,
    env: { ...process.env, LOCKSTEP_DIR: directory, NODE_OPTIONS: "" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  const watchdog = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  let rest = "";
  child.stdout!.on("data", (data) => {
    const parts = (rest + data).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    child.emit("lines");
  });
  const ended = new Promise<number | string>((resolve) => {
    child.once("close", (code, signal) => {
      clearTimeout(watchdog);
      resolve(code ?? signal ?? "unknown");
    });
  });
  const line = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (lines.includes(text)) resolve();
      };
      child.on("lines", look);
      ended.then((how) => reject(new Error(`${file} ended (${how}) without "${text}": ${lines.join(" | ")}`)));
      look();
    });
  return { child, lines, line, ended };
}
