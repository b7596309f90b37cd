// How threads of Deno end: there `process.exit()` in a thread asks for its end and then runs an endless loop until it
// is ended from outside, for ever if that was tried a moment before.
import process from "node:process";
import { isMainThread } from "node:worker_threads";

const LOOK_MS = 10;

const { Deno } = globalThis as { Deno?: { exit(code: number): void } };
const ending = process as typeof process & { _exiting: boolean; reallyExit: (code: number) => void };

/**
 * Ends this process or thread, after its exit handlers. In a thread of Deno it returns, and the thread ends behind what
 * it is doing.
 */
export function leave(code: number): void {
  if (Deno === undefined || isMainThread) process.exit(code);
  if (!ending._exiting) {
    ending._exiting = true;
    process.exitCode = code;
    process.emit("exit", code);
  }
  Deno.exit(code);
}

/** From now on a thread of Deno sleeps in `process.exit()`, which tasks may call, and keeps no processor busy. */
export function sleepInExit(): void {
  if (Deno === undefined || isMainThread) return;
  ending.reallyExit = (code) => {
    Deno.exit(code);
    const nothing = new Int32Array(new SharedArrayBuffer(4));
    for (;;) Atomics.wait(nothing, 0, 0, LOOK_MS);
  };
}
