import { isMainThread, threadId } from "node:worker_threads";

/** Bits of a word that name a thread; 0 names none. */
export const THREAD_BITS = 0x0fffffff;

const UNNUMBERED = 0x08000000;

/**
 * What this thread writes into words that it holds. Worker threads have numbers of the runtime's. Deno's Web Workers
 * all have the number of the main thread, so each of them draws one of 2^27 that no numbered thread has.
 */
export const ME: number = isMainThread && "WorkerGlobalScope" in globalThis
  ? UNNUMBERED + Math.floor(Math.random() * UNNUMBERED)
  : threadId + 1;
