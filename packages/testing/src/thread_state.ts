// Tells from outside whether a thread sleeps, by the kernel's own word, so that no test pauses and hopes.
import { readFileSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const LOOK_AGAIN_MS = 3;
const GIVE_UP_MS = 20_000;

/** The calling thread's folder under /proc, which names it to every process of the machine. */
export function thisThread(): string {
  return `/proc/${readlinkSync("/proc/thread-self")}`;
}

/** Resolves once the thread lies in one and the same sleep at two looks in a row. */
export async function untilAsleep(thread: string): Promise<void> {
  const watch = watchSleep(thread);
  while (!watch()) await delay(LOOK_AGAIN_MS);
}

/** The same, blocking the calling thread. */
export function untilAsleepSync(thread: string): void {
  const watch = watchSleep(thread);
  const pause = new Int32Array(new SharedArrayBuffer(4));
  while (!watch()) Atomics.wait(pause, 0, 0, LOOK_AGAIN_MS);
}

function watchSleep(thread: string): () => boolean {
  const limit = Date.now() + GIVE_UP_MS;
  let before: string | undefined;
  return () => {
    const seen = currentSleep(thread);
    if (seen !== undefined && seen === before) return true;
    if (Date.now() > limit) throw new Error(`Cannot see ${thread} fall asleep: it still runs after ${GIVE_UP_MS} ms`);
    before = seen;
    return false;
  };
}

/** A mark of the sleep that the thread is in: it changes with each new sleep. Undefined while the thread runs. */
function currentSleep(thread: string): string | undefined {
  const status = readFileSync(`${thread}/status`, "utf8");
  return /^State:\s+S/m.test(status) ? /^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] : undefined;
}
