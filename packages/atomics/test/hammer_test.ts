// Real worker threads at random speed in all forms of waiting. A watchdog ends what hangs.
import { equal } from "node:assert/strict";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, RWLock, Semaphore } from "@lockstep/atomics";
import type { Order } from "./hammer_tasks.ts";

const WORKER = new URL(`./hammer_worker.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url);
const WATCHDOG_MS = 120_000;

interface Crowd {
  task: string;
  objects: { readonly handle: unknown }[];
  workers: number;
  rounds: number;
  words?: number;
}

/** Runs the task in so many threads; the words that they shared. */
async function hammer({ task, objects, workers, rounds, words: length = 4 }: Crowd): Promise<Int32Array> {
  const words = new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
  const handles = objects.map(({ handle }) => handle);
  const crew = Array.from({ length: workers }, (_, index) => {
    return new Worker(WORKER, { workerData: { task, handles, words, rounds, index, workers } satisfies Order });
  });
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  const hung = new Promise((resolve) => watchdog = setTimeout(resolve, WATCHDOG_MS, "hung"));
  try {
    const endings = crew.map((worker) => new Promise((resolve) => worker.once("message", resolve)));
    for (const ending of endings) equal(await Promise.race([ending, hung]), "done");
    return words;
  } finally {
    clearTimeout(watchdog);
    await Promise.all(crew.map((worker) => worker.terminate()));
  }
}

describe("hammer", () => {
  it("Lock excludes", async () => {
    const lock = new Lock();
    const words = await hammer({ task: "lock", objects: [lock], workers: 4, rounds: 1000 });
    equal(words[0], 4000);
    equal(lock.locked, false);
  });

  it("RLock excludes", async () => {
    const lock = new RLock();
    const words = await hammer({ task: "rlock", objects: [lock], workers: 4, rounds: 500 });
    equal(words[0], 2000);
    equal(lock.locked, false);
  });

  it("RLock excludes until its last level", async () => {
    const lock = new RLock();
    const words = await hammer({ task: "nested", objects: [lock], workers: 3, rounds: 500 });
    equal(words[0], 1500);
    equal(lock.locked, false);
  });

  it("RWLock lets readers see whole changes only", async () => {
    const lock = new RWLock();
    const words = await hammer({ task: "readersAndWriters", objects: [lock], workers: 4, rounds: 1000 });
    equal(words[0], words[2]);
    equal(words[1], words[2]);
    equal(lock.read.locked || lock.write.locked, false);
  });

  it("Semaphore never gives more than it has", async () => {
    const semaphore = new Semaphore(3);
    await hammer({ task: "semaphore", objects: [semaphore], workers: 4, rounds: 500 });
    equal(semaphore.value, 3);
  });

  it("Semaphore wakes one for each of several releases in a row", async () => {
    const objects = [new Semaphore(0), new Semaphore(0), new Barrier(4)];
    await hammer({ task: "quickReleases", objects, workers: 4, rounds: 500 });
  });

  it("Semaphore wakes one whom the permits are enough for", async () => {
    await hammer({ task: "unlikeWishes", objects: [new Semaphore(0), new Barrier(3)], workers: 3, rounds: 200 });
  });

  it("BoundedSemaphore never gives more than it has", async () => {
    const semaphore = new BoundedSemaphore(2);
    await hammer({ task: "boundedSemaphore", objects: [semaphore], workers: 4, rounds: 1000 });
    equal(semaphore.value, 2);
  });

  it("Condition passes every item of a queue on", async () => {
    const rounds = 500;
    const words = await hammer({ task: "queue", objects: [new Condition()], workers: 4, rounds, words: 3 + 5 });
    equal(words[2], 2 * (rounds * (rounds + 1)) / 2);
  });

  it("Condition of a Lock passes every item of a queue on", async () => {
    const rounds = 500;
    const objects = [new Condition(new Lock())];
    const words = await hammer({ task: "queue", objects, workers: 4, rounds, words: 3 + 1 });
    equal(words[2], 2 * (rounds * (rounds + 1)) / 2);
  });

  it("Condition gives every notification to one waiter", async () => {
    await hammer({ task: "notifications", objects: [new Condition()], workers: 4, rounds: 200 });
  });

  it("Event lets everybody go in every round", async () => {
    await hammer({ task: "event", objects: [new Event(), new Semaphore(0), new Barrier(4)], workers: 4, rounds: 500 });
  });

  it("Barrier acts once a round and gives each index once", async () => {
    await hammer({ task: "barrier", objects: [new Barrier(4), new Barrier(4)], workers: 4, rounds: 300 });
  });

  it("Barrier keeps nobody, whatever its parties do", async () => {
    const words = await hammer({
      task: "barrierStorm",
      objects: [new Barrier(4), new Barrier(4)],
      workers: 4,
      rounds: 300,
    });
    equal(words[0], 0 + 1 + 2 + 3);
  });

  for (const workers of [2, 4]) {
    it(`no wake-up is lost in a ring of ${workers}`, async () => {
      const objects = Array.from({ length: workers }, (_, index) => new Semaphore(index === 0 ? 1 : 0));
      await hammer({ task: "ring", objects, workers, rounds: 2000 });
      equal(objects.reduce((sum, { value }) => sum + value, 0), 1);
    });
  }
});
