import process from "node:process";
import { isMainThread } from "node:worker_threads";

/**
 * Ends this process or thread, after its exit handlers. In a thread of Deno it returns, and the thread ends behind what
 * it is doing: `process.exit()` would keep it in an endless loop there until it is ended from outside, and for ever if
 * that was tried a moment before.
 */
export function leave(code: number): void {
  const { Deno } = globalThis as { Deno?: { exit(code: number): void } };
  if (Deno === undefined || isMainThread) process.exit(code);
  const exiting = process as typeof process & { _exiting: boolean };
  if (!exiting._exiting) {
    exiting._exiting = true;
    process.exitCode = code;
    process.emit("exit", code);
  }
  Deno.exit(code);
}
