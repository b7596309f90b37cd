// Atomics.waitAsync keeps no event loop alive, and Deno ends a program whose loop has nothing to do even when a notify
// is on its way. So while promises are pending one timer is, too.
import { setInterval } from "node:timers";

const LONGEST_TIMER_MS = 2 ** 31 - 1;

let pending = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** From here to `endPending()` the event loop of this thread stays alive. Calls nest. */
export function beginPending(): void {
  if (++pending > 1) return;
  timer ??= setInterval(() => {}, LONGEST_TIMER_MS);
  timer.ref();
}

/** Takes back one `beginPending()`. */
export function endPending(): void {
  if (--pending === 0) timer?.unref();
}
