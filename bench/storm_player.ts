// One process of a storm: its main thread and two workers play, each in its own manner, until they are told to rest.
// Commands come as lines, answers go as lines: `ready`, and after `rest` a line of JSON once every thread is at rest.
import process from "node:process";
import { createInterface } from "node:readline";
import { isMainThread, Worker, workerData } from "node:worker_threads";

import { act, below, openStage, type Player, type Stage } from "./storm_stage.ts";
import { watchOn } from "./storm_watch.ts";

/** Words that the threads of a process share. */
const RESTING = 0; // 1: come to rest
const ENDING = 1; // 1: end
const SEATS = 2; // one per task: 0 empty, 1 at work, 2 at rest
const COUNTS = 10; // acts, deaths told
const WORDS = 12;

interface Seat {
  readonly words: Int32Array;
  readonly seat: number;
  readonly player: Player;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function playOn({ words, seat, player }: Seat): Promise<void> {
  Atomics.store(words, seat, 1);
  while (Atomics.load(words, ENDING) === 0) {
    if (Atomics.load(words, RESTING) === 1) {
      Atomics.store(words, seat, 2);
      await pause(1);
      continue;
    }
    Atomics.store(words, seat, 1);
    await act(player);
    Atomics.add(words, COUNTS, 1);
    if (below(50) === 0) await pause(0);
  }
  Atomics.store(words, seat, 0);
}

function playerOf(stage: Stage, words: Int32Array, mayBlock: boolean): Player {
  return {
    stage,
    mayBlock,
    report: (violation) => process.stdout.write(`violation ${violation}\n`),
    countDeath: () => void Atomics.add(words, COUNTS + 1, 1),
  };
}

interface Start {
  words: Int32Array;
  segment: string;
  seat: number;
  tasks: number;
}

/** Several tasks in a thread that never blocks, or one that may. */
async function playTasks({ words, segment, seat, tasks }: Start, mayBlock: boolean): Promise<void> {
  const player = playerOf(openStage(segment), words, mayBlock);
  void watchOn(player.stage.containers, player.report);
  await Promise.all(Array.from({ length: tasks }, (_, index) => playOn({ words, seat: seat + index, player })));
}

class Cast {
  readonly #words = new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT));
  readonly #segment: string;
  readonly #workers: Worker[] = [];

  constructor(segment: string) {
    this.#segment = segment;
  }

  start(): Promise<void> {
    this.#startWorker(0);
    this.#startWorker(1);
    return playTasks({ words: this.#words, segment: this.#segment, seat: SEATS, tasks: 2 }, false);
  }

  #startWorker(index: number): void {
    const [seat, tasks] = index === 0 ? [SEATS + 2, 1] : [SEATS + 3, 2];
    for (let task = 0; task < tasks; task++) Atomics.store(this.#words, seat + task, 1);
    const data: Start = { words: this.#words, segment: this.#segment, seat, tasks };
    const worker = new Worker(new URL(import.meta.url), { workerData: data });
    worker.on("error", (error) => process.stdout.write(`violation ${String(error.stack).replaceAll("\n", " | ")}\n`));
    this.#workers[index] = worker;
  }

  /** A thread ends in the middle of whatever it does, and another takes its place. */
  async replaceWorker(): Promise<void> {
    const index = below(2);
    await this.#workers[index]?.terminate();
    this.#startWorker(index);
  }

  async rest(): Promise<void> {
    Atomics.store(this.#words, RESTING, 1);
    while (this.#words.subarray(SEATS, COUNTS).some((seat) => seat === 1)) await pause(1);
    const [acts, deaths] = [COUNTS, COUNTS + 1].map((at) => Atomics.exchange(this.#words, at, 0));
    process.stdout.write(`${JSON.stringify({ acts, deaths })}\n`);
  }

  go(): void {
    Atomics.store(this.#words, RESTING, 0);
  }

  /** A last round with no deaths: each permit that is given is taken by somebody. */
  async exchange(rounds: number): Promise<void> {
    const { signals } = openStage(this.#segment);
    for (let round = 0; round < rounds; round++) {
      signals.release(1 + round % 2);
      await signals.acquire({ count: 1 + round % 2 });
    }
    process.stdout.write("exchanged\n");
  }

  end(): void {
    Atomics.store(this.#words, ENDING, 1);
  }
}

async function obey(cast: Cast, command: string): Promise<void> {
  if (command === "rest") return await cast.rest();
  if (command === "go") return cast.go();
  if (command === "replace") return await cast.replaceWorker();
  if (command === "exchange") return await cast.exchange(500);
  cast.end();
}

if (isMainThread) {
  const cast = new Cast(process.argv[2] ?? "");
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => void obey(cast, line));
  lines.on("close", () => process.exit(0)); // whoever started us is gone
  process.stdout.write("ready\n");
  await cast.start();
  process.exit(0);
} else {
  const start = workerData as Start;
  await playTasks(start, start.tasks === 1);
}
