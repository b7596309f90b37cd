// Who of an executor's workers waits for tasks.
//
// Workers do not sleep at the queue, where each task that is put would wake one of them although another one is just
// about to look: each has a place of its own to park, and the executor wakes as many as there are tasks for.
//
// PROTOCOL. A word for each worker:
//
//     step      who        change                 when
//     start     executor   any -> STARTING        it starts a worker of that index
//     arrive    worker     STARTING -> ACTIVE     it is about to look for its first task
//     park      worker     ACTIVE -> PARKED       it has found no task for a while
//     stay      worker     PARKED -> ACTIVE       it has looked once more behind that, and has found one
//     unpark    executor   PARKED -> ACTIVE       there are more tasks than active workers; then it sets the event
//     wake up   worker     any -> ACTIVE          its event was set
//
// WHY NO TASK IS LEFT LYING. A worker marks itself as parked and then looks for a task; the executor puts a task and
// then looks for the mark; both in one order for all. So either the worker finds the task, or the executor finds the
// mark. Of the tasks that are not done each active worker runs at most one, so that, while there are no more of them
// than active workers, an active worker is free for each that lies in the queue, and it looks before it parks.
//
// WHEN A WORKER DIES. The executor asks those only that it knows to live, and counts again when one has died; then some
// times more within a second, as what the dead one had got and not begun comes back to the queue a moment later.
import type { SharedArray } from "@lockstep/memory";
import type { Event } from "@lockstep/sync";

const STARTING = 0;
const ACTIVE = 1;
const PARKED = 2;
const BLOCK_MS = 0.2; // to block is faster than the event loop, which has to do without the thread meanwhile

/** The words of all workers of an executor. */
export type ParkingWords = SharedArray<"u32">;

/** A worker's own place. */
export class Parking {
  readonly #words: Uint32Array;
  readonly #index: number;
  readonly #event: Event;

  /** That of the worker of this index. */
  constructor(words: ParkingWords, index: number, event: Event) {
    this.#words = words.view;
    this.#index = index;
    this.#event = event;
  }

  /** From now on it looks for tasks. */
  arrive(): void {
    Atomics.store(this.#words, this.#index, ACTIVE);
  }

  /** Looks for a task for the last time, then waits to be woken. @returns What `look` has found. */
  async park(look: () => boolean): Promise<boolean> {
    this.#event.clear();
    Atomics.store(this.#words, this.#index, PARKED);
    try {
      if (look()) return true;
      if (!this.#event.waitSync({ timeout: BLOCK_MS })) await this.#event.wait();
      return false;
    } finally {
      Atomics.store(this.#words, this.#index, ACTIVE);
    }
  }
}

/** A worker, as the executor sees its place. */
export interface Parker {
  /** What wakes the worker. */
  readonly event: Event;
}

/** A worker of that index is about to be started; nobody counts on it until it has arrived. */
export function starting(words: ParkingWords, index: number): void {
  Atomics.store(words.view, index, STARTING);
}

/** Wakes workers until so many are active, or all. */
export function wakeUpTo(count: number, words: ParkingWords, workers: ReadonlyMap<number, Parker>): void {
  const { view } = words;
  let active = 0;
  for (const index of workers.keys()) if (Atomics.load(view, index) === ACTIVE && ++active >= count) return;
  for (const [index, { event }] of workers) {
    if (active >= count) return;
    if (Atomics.compareExchange(view, index, PARKED, ACTIVE) !== PARKED) continue;
    event.set();
    active++;
  }
}
