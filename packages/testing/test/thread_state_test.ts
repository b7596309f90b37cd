import { equal } from "node:assert/strict";
import process from "node:process";
import { it } from "node:test";
import { Worker } from "node:worker_threads";
import { thisThread, untilAsleep } from "#src/thread_state.ts";

const BUSY_THEN_ASLEEP = `
  const { workerData, parentPort } = require("node:worker_threads");
  const { readlinkSync } = require("node:fs");
  parentPort.postMessage("/proc/" + readlinkSync("/proc/thread-self"));
  while (Atomics.load(workerData, 0) === 0);
  Atomics.store(workerData, 1, 1);
  Atomics.wait(workerData, 0, 1);
`;

it("thisThread() names the calling thread", () => {
  equal(thisThread().startsWith(`/proc/${process.pid}/task/`), true);
});

it("untilAsleep() waits while the thread runs", async () => {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(BUSY_THEN_ASLEEP, { eval: true, workerData: words });
  const ended = new Promise((resolve) => worker.on("exit", resolve));
  const thread = await new Promise<string>((resolve) => worker.on("message", resolve));
  const asleep = untilAsleep(thread);
  setTimeout(() => Atomics.store(words, 0, 1), 50);
  await asleep;
  equal(words[1], 1);
  Atomics.store(words, 0, 0);
  Atomics.notify(words, 0);
  await ended;
});
