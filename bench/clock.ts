// One clock for all threads and processes of the machine (CLOCK_MONOTONIC), in milliseconds.
import process from "node:process";

/**
 * Milliseconds since some fixed moment, the same in every thread and process. performance.now() begins anew in each of
 * them, and so does process.hrtime() in Deno, hence the C library is asked there.
 */
export const now: () => number = process.versions["deno"] === undefined ? nodeClock : denoClock();

function nodeClock(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function denoClock(): () => number {
  const CLOCK_MONOTONIC = 1;
  const { symbols } = Deno.dlopen("libc.so.6", { clock_gettime: { parameters: ["i32", "buffer"], result: "i32" } });
  const time = new BigInt64Array(2); // struct timespec of a 64-bit machine
  return () => {
    symbols.clock_gettime(CLOCK_MONOTONIC, time);
    return Number(time[0]) * 1e3 + Number(time[1]) / 1e6;
  };
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
