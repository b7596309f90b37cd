// What the tests of this folder have in common: functions of its modules as tasks, and programs of it.
import { type AssertPredicate, rejects as promiseRejects } from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type CrewOptions, Pool, ProcessPoolExecutor, ThreadPool, ThreadPoolExecutor } from "@lockstep/concurrent";

const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
const LIMIT_MS = 120_000; // ends what hangs; judges no speed

setFlagsFromString("--expose-gc");
/** What a program cannot count on. */
export const collectGarbage: () => void = runInNewContext("gc");

/** Both kinds of executors. */
export const EXECUTORS: (typeof ThreadPoolExecutor | typeof ProcessPoolExecutor)[] = [
  ThreadPoolExecutor,
  ProcessPoolExecutor,
];

/** Both kinds of pools. */
export const POOLS: (new (workers?: number, options?: CrewOptions) => Pool | ThreadPool)[] = [ThreadPool, Pool];

/** An exported function of `tasks.ts`, with arguments and results of any kind. */
export function target(name: string): { module: URL; name: string } {
  return { module: moduleHere("tasks"), name };
}

function moduleHere(stem: string): URL {
  return new URL(`./${stem}.${EXTENSION}`, import.meta.url);
}

/** What a program has come to. */
export interface Ending {
  /** `exit 0`, `SIGKILL`. */
  readonly how: string;
  readonly out: string;
  readonly err: string;
}

/** Runs a part of `programs.ts` in a process of its own, with a private segment of its own. */
export function runProgram(part: string, env: Record<string, string> = {}): Promise<Ending> {
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(moduleHere("programs")), part], {
    env: { ...process.env, LOCKSTEP_SEGMENT: undefined, NODE_OPTIONS: "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const watchdog = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => out += text);
  child.stderr.on("data", (text) => err += text);
  return new Promise((resolve) => {
    child.once("close", (code, signal) => {
      clearTimeout(watchdog);
      resolve({ how: signal ?? `exit ${code}`, out, err });
    });
  });
}

/** As that of `node:assert`, for futures as well. */
export function rejects(promise: PromiseLike<unknown>, expected: AssertPredicate): Promise<void> {
  return promiseRejects(async () => await promise, expected);
}

/** What a promise rejects with. */
export async function failureOf(promise: PromiseLike<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`Got ${value} instead of a failure`);
}

/** What a function throws. */
export function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("Nothing was thrown");
}
