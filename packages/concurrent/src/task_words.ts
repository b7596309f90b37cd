// The states of tasks, a word each, in shared memory.
//
// PROTOCOL. An executor gives every task a word, and its worker or its canceller changes it:
//
//     bits 31..12 generation   bits 11..2 worker   bits 1..0 state
//
//     step      who        change
//     prepare   executor   any of the last generation -> PENDING of the next, before the task is posted
//     begin     a worker   PENDING -> RUNNING with its index, by compare-and-swap; who fails drops the task
//     cancel    executor   PENDING -> CANCELLED, by compare-and-swap; who fails waits for the result
//     finish    the worker RUNNING -> FINISHED, by compare-and-swap, before it posts the result; who fails leaves
//     condemn   executor   RUNNING -> CANCELLED, by compare-and-swap; who fails kills nobody
//
// So a task is begun by one worker, or cancelled, never both; and a worker that is killed as the time of its task is
// over has no other task yet. The task's message says which generation it is of: one that is found in the queue after
// its task was cancelled, and the word given to another task, begins nothing. The generation comes round after 2^20
// tasks in the same word; words are given out in turn, and a message does not survive those that were posted behind it.
//
// WHEN A WORKER DIES. Its tasks are those whose word has its index, in any state behind PENDING, and whose result has
// not come: what a worker posts it posts whole, and the executor takes all that was posted before it judges. A task
// that the dead one had got and not begun is PENDING, and its queue delivers it again.
import { SharedArray } from "@lockstep/memory";
import { SharedList } from "@lockstep/manager";

const PENDING = 0;
const RUNNING = 1;
const CANCELLED = 2;
const FINISHED = 3;
const STATES = 3; // the bits
const WORKER_SHIFT = 2;
const GENERATION_SHIFT = 12;
const GENERATIONS = 2 ** (32 - GENERATION_SHIFT);
/** How many workers can be told apart. */
export const MOST_WORKERS: number = 2 ** (GENERATION_SHIFT - WORKER_SHIFT);
const PAGE = 1024; // words
const SLOTS = 2 ** 30; // a stamp is the generation and the word's number, an integer that a double holds exactly

type Page = SharedArray<"u32">;
/** What both sides have of the words. */
export type Pages = SharedList<Page>;

/** The words as the executor has them. */
export class TaskWords {
  /** To be given to the workers. */
  readonly shared: Pages = new SharedList();
  readonly #pages: Page[] = [];
  #free: number[] = [];
  #freed: number[] = [];
  #made = 0;

  /** A word for a new task, which is pending: its stamp. @throws {SegmentFullError} If there is no room for more. */
  prepare(): number {
    const slot = this.#freeSlot();
    const words = this.#wordsOrFree(slot);
    const generation = ((words[slot % PAGE]! >>> GENERATION_SHIFT) + 1) % GENERATIONS;
    Atomics.store(words, slot % PAGE, (generation << GENERATION_SHIFT) >>> 0);
    return generation * SLOTS + slot;
  }

  /** False if a worker was first. */
  cancel(stamp: number): boolean {
    return change(this.#wordsOf(stamp % SLOTS), stamp, PENDING, CANCELLED);
  }

  /** The index of the worker that has begun the task, of those not cancelled before; or undefined. */
  workerOf(stamp: number): number | undefined {
    const word = Atomics.load(this.#wordsOf(stamp % SLOTS), stamp % PAGE);
    return (word & STATES) === PENDING ? undefined : (word >>> WORKER_SHIFT) % MOST_WORKERS;
  }

  /** The index of the worker that runs the task and will run no other; undefined if none does. */
  condemn(stamp: number): number | undefined {
    const worker = this.workerOf(stamp);
    if (worker === undefined) return undefined;
    const mine = worker << WORKER_SHIFT;
    return change(this.#wordsOf(stamp % SLOTS), stamp, mine | RUNNING, mine | CANCELLED) ? worker : undefined;
  }

  /** The task is settled: its word can be another's. */
  release(stamp: number): void {
    this.#freed.push(stamp % SLOTS);
  }

  /** The last freed comes last, so that generations last long. */
  #freeSlot(): number {
    if (this.#free.length === 0) {
      this.#free = this.#freed.reverse();
      this.#freed = [];
    }
    return this.#free.pop() ?? this.#made++;
  }

  /** A word that there is no room for can be asked for again. */
  #wordsOrFree(slot: number): Uint32Array {
    try {
      return this.#wordsOf(slot);
    } catch (error) {
      this.#free.push(slot);
      throw error;
    }
  }

  #wordsOf(slot: number): Uint32Array {
    return (this.#pages[Math.floor(slot / PAGE)] ?? this.#addPage()).view;
  }

  #addPage(): Page {
    const page = new SharedArray("u32", PAGE);
    try {
      this.shared.push(page);
    } catch (error) {
      page[Symbol.dispose]();
      throw error;
    }
    this.#pages.push(page);
    return page;
  }

  /** Gives the memory back. */
  [Symbol.dispose](): void {
    this.shared[Symbol.dispose]();
    for (const page of this.#pages) page[Symbol.dispose]();
  }
}

/** The words as a worker has them. */
export class BegunTasks {
  readonly #shared: Pages;
  readonly #running: number;
  readonly #views: Uint32Array[] = [];

  /** For the worker of that index. */
  constructor(shared: Pages, worker: number) {
    this.#shared = shared;
    this.#running = (worker << WORKER_SHIFT) | RUNNING;
  }

  /** Whether its word has been found before. */
  knows(stamp: number): boolean {
    return this.#views[pageOf(stamp)] !== undefined;
  }

  /** True if the task is this worker's now; false if it was cancelled, or begun by another before that died. */
  begin(stamp: number): boolean {
    return change(this.#wordsOf(stamp), stamp, PENDING, this.#running);
  }

  /** False if this worker is to be killed. */
  finish(stamp: number): boolean {
    return change(this.#wordsOf(stamp), stamp, this.#running, this.#running | FINISHED);
  }

  #wordsOf(stamp: number): Uint32Array {
    const index = pageOf(stamp);
    return this.#views[index] ??= this.#shared.at(index)!.view;
  }
}

function pageOf(stamp: number): number {
  return Math.floor((stamp % SLOTS) / PAGE);
}

function change(words: Uint32Array, stamp: number, from: number, to: number): boolean {
  const generation = Math.floor(stamp / SLOTS) << GENERATION_SHIFT;
  const expected = (generation | from) >>> 0;
  const index = stamp % PAGE; // SLOTS is a multiple of PAGE
  return Atomics.compareExchange(words, index, expected, (generation | to) >>> 0) === expected;
}
