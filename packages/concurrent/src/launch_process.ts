import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { constants } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";

import { SystemError, UnsupportedPlatformError } from "@lockstep/contract";
import { attempt, type ChildHandle, nativeBinding, OK } from "@lockstep/native";
import { inSlices } from "@lockstep/segment";

import { MAIN, type Running } from "./running.ts";

interface DenoPermissions {
  querySync(descriptor: { name: "run"; command: string }): { state: string };
}

/** How the runtime is started. */
export interface ProcessLaunch {
  /** Added to the arguments of the runtime that this process has, such as `--max-old-space-size=512`. */
  readonly execArgv: readonly string[];
  /** The child's environment; that of this process when undefined. */
  readonly env: Record<string, string | undefined> | undefined;
  /** Whether it is killed when this thread ends without having run its exit handlers. */
  readonly isDaemon: boolean;
}

/** Starts a process of the same runtime with the brief in that queue. */
export function launchProcess(brief: string, launch: ProcessLaunch, where: string): Running {
  checkPermission(where);
  const { execArgv, env = process.env, isDaemon } = launch;
  const args = [...inherited(process.execArgv), ...execArgv, fileURLToPath(MAIN), brief];
  const child = spawned(args, { stdio: "inherit", env }, where);
  child.on("error", () => {}); // of a signal that cannot be sent any more
  if (child.pid !== undefined) return new RunningProcess(child, child.pid, isDaemon);
  throw new SystemError(`Cannot ${where}: the system started no process; is there a limit on them, or on memory?`);
}

/** Deno itself would ask the user, or tell only the event loop. */
function checkPermission(where: string): void {
  const { Deno } = globalThis as { Deno?: { permissions: DenoPermissions } };
  if (Deno === undefined) return;
  const { state } = Deno.permissions.querySync({ name: "run", command: process.execPath });
  if (state !== "granted") throw forbidden(where, { message: `it is not allowed to run ${process.execPath}` });
}

/** Where `--allow-env` is missing Deno says so itself. */
function spawned(args: string[], options: SpawnOptions, where: string): ChildProcess {
  try {
    return spawn(process.execPath, args, options);
  } catch (error) {
    const { name, message } = error as Error;
    throw name === "NotCapable" ? forbidden(where, { message, cause: error }) : error;
  }
}

function forbidden(where: string, { message, cause }: { message: string; cause?: unknown }): UnsupportedPlatformError {
  return new UnsupportedPlatformError(
    `Cannot ${where}: Deno may not start programs; run it with --allow-run --allow-env --allow-ffi (${message})`,
    { cause },
  );
}

/** A child debugs, tests and watches nothing by itself, and runs no code but ours. */
function inherited(execArgv: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < execArgv.length; index++) {
    const argument = execArgv[index]!;
    if (/^(-e|--eval|-p|--print|-pe)$/.test(argument)) index++;
    else if (!/^--(inspect|test|watch|eval|print|experimental-test)/.test(argument)) kept.push(argument);
  }
  return kept;
}

class RunningProcess implements Running {
  readonly id: number;
  readonly ended: Promise<number>;
  readonly #child: ChildProcess;
  readonly #binding = nativeBinding();
  #watched: ChildHandle | undefined;
  #exitCode: number | null = null;

  constructor(child: ChildProcess, pid: number, isDaemon: boolean) {
    this.id = pid;
    this.#child = child;
    this.ended = new Promise((resolve) => {
      child.on("exit", (code, signal) => {
        const exitCode = code ?? -constants.signals[signal!];
        this.#end(exitCode);
        resolve(exitCode);
      });
    });
    this.#watched = attempt(() => this.#binding.childOpen(pid, isDaemon), `watch process ${pid}`);
  }

  exitCode(): number | null {
    const outcome = this.#watched === undefined ? undefined : this.#binding.childOutcome(this.#watched);
    if (outcome !== undefined) this.#end(outcome);
    return this.#exitCode;
  }

  /** It has ended, so the descriptor says no more than this does. */
  #end(exitCode: number): void {
    this.#exitCode = exitCode;
    this.release();
  }

  isAlive(): boolean {
    return this.#exitCode === null && !this.waitSync(0);
  }

  waitSync(timeoutMs: number): boolean {
    const watched = this.#watched;
    if (this.#exitCode !== null || watched === undefined) return true;
    const deadline = this.#binding.now() + timeoutMs;
    const hasEnded = inSlices(() => this.#binding.childWait(watched, deadline)) === OK;
    if (hasEnded) this.exitCode();
    return hasEnded;
  }

  stop(how: "terminate" | "kill"): void {
    if (this.isAlive()) this.#child.kill(how === "kill" ? "SIGKILL" : "SIGTERM");
  }

  hold(held: boolean): void {
    if (held) this.#child.ref();
    else this.#child.unref();
  }

  release(): void {
    if (this.#watched !== undefined) this.#binding.childClose(this.#watched);
    this.#watched = undefined;
  }
}
