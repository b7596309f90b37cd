// Threads: what they have in common with processes, and what is theirs.
import { deepStrictEqual, equal } from "node:assert/strict";
import { describe } from "node:test";
import { threadId } from "node:worker_threads";

import { Thread } from "@lockstep/concurrent";
import { Queue } from "@lockstep/manager";
import { Semaphore } from "@lockstep/sync";
import { it } from "@lockstep/testing";

import { partyCases, PATIENCE } from "./party_cases.ts";
import { target } from "./targets.ts";

describe("Thread", () => {
  partyCases("Thread");

  it("has a number of its own in this process", async () => {
    const queue = new Queue<{ thread: { threadId: number } }>();
    const thread = new Thread(target("introduce"), { args: [queue] }).start();
    await thread.join(PATIENCE);
    equal(queue.getSync(PATIENCE).thread.threadId, thread.threadId);
    equal(thread.threadId !== threadId, true);
  });

  if (!("Deno" in globalThis)) { // which cannot end such a thread
    it("is terminated in an endless loop", async () => {
      const ready = new Semaphore(0);
      const thread = new Thread(target("spin"), { args: [ready] }).start();
      ready.acquireSync(PATIENCE).release();
      thread.terminate();
      deepStrictEqual([await thread.join(PATIENCE), thread.exitCode], [true, 1]);
    });
  }
});
