// Where code runs, and whose child that is.
import { deepStrictEqual, equal, ok, throws } from "node:assert/strict";
import process from "node:process";
import { describe } from "node:test";

import { activeChildren, cpuCount, currentProcess, currentThread, parentProcess, Process } from "@lockstep/concurrent";
import { Thread } from "@lockstep/concurrent";
import { Queue } from "@lockstep/manager";
import { Semaphore } from "@lockstep/sync";
import { it } from "@lockstep/testing";

import { PATIENCE } from "./party_cases.ts";
import { type Introduction, target } from "./targets.ts";

describe("a program", () => {
  it("is the main process and thread, and nobody's child", () => {
    deepStrictEqual(currentProcess(), {
      pid: process.pid,
      name: "MainProcess",
      daemon: false,
      alive: true,
      exitCode: null,
    });
    const { name, daemon } = currentThread();
    deepStrictEqual([name, daemon, parentProcess()], ["MainThread", false, null]);
    deepStrictEqual(activeChildren(), []);
    ok(Number.isInteger(cpuCount()) && cpuCount() >= 1);
  });
});

describe("a thread", () => {
  it("is in the process of its maker, under its own name", async () => {
    const queue = new Queue<Introduction>();
    const options = { args: [queue], name: "my thread", daemon: true };
    const thread = new Thread(target("introduce"), options).start();
    await thread.join(PATIENCE);
    const { process: own, thread: itself, parent, children } = queue.getSync(PATIENCE);
    deepStrictEqual([own, parent, children], [currentProcess(), null, 0]);
    deepStrictEqual(itself, { threadId: thread.threadId, name: "my thread", daemon: true, isMain: false });
    deepStrictEqual(activeChildren(), []);
  });
});

describe("parentProcess()", () => {
  it("is alive as long as the parent is, and can be waited for", async () => {
    const [queue, ready] = [new Queue<unknown>(), new Semaphore(0)];
    const child = new Process(target("parentOf"), { args: [queue, ready] }).start();
    ready.acquireSync(PATIENCE);
    deepStrictEqual(queue.getSync(PATIENCE), [true, false, false]);
    child.terminate();
    await child.join(PATIENCE);
    deepStrictEqual(queue.getSync(PATIENCE), [true, false, true]);
  });

  it("refuses wrong limits", async () => {
    const queue = new Queue<string[]>();
    const child = new Process(target("joinParentWrongly"), { args: [queue] }).start();
    await child.join(PATIENCE);
    deepStrictEqual(queue.getSync(PATIENCE), ["RangeError", "RangeError", "AbortError"]);
    equal(child.exitCode, 0);
    throws(() => child.joinSync({ timeout: -1 }), RangeError);
  });
});
