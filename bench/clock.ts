// One clock for all processes of the machine (CLOCK_MONOTONIC), in milliseconds.
import process from "node:process";

/** Milliseconds since some fixed moment; equal in every thread and process, unlike performance.now(). */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

const nobody = new Int32Array(new SharedArrayBuffer(4));

/** Blocks the thread until `now()` has reached `moment`, without using the CPU. */
export function sleepUntil(moment: number): void {
  const rest = moment - now();
  if (rest > 0) Atomics.wait(nobody, 0, 0, rest);
}

export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
