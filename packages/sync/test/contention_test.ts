// Promises against threads and processes that take and give back as fast as they can.
import { deepEqual, equal } from "node:assert/strict";
import { describe } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { Guard, WaitOptions } from "@lockstep/contract";
import { BoundedSemaphore, Condition, Event, Lock, RLock, RWLock, Semaphore } from "@lockstep/sync";
import { it } from "@lockstep/testing";
import { type Kind, runProgram } from "./program.ts";

const ABORTS = 200;
const HOLDS = 40;
const TIMEOUT_MS = 20_000;

interface Subject {
  handle: string;
  acquire(options: WaitOptions): Promise<Guard>;
  isFree(): boolean;
}

const SUBJECTS: Record<string, () => Subject> = {
  Lock: () => subject(new Lock(), (lock) => !lock.locked),
  RLock: () => subject(new RLock(), (lock) => !lock.locked),
  "RWLock.write": () => {
    const lock = new RWLock();
    const isFree = (): boolean => !lock.write.locked && !lock.read.locked;
    return { handle: lock.handle, acquire: (options) => lock.write.acquire(options), isFree };
  },
  Semaphore: () => subject(new Semaphore(1), (semaphore) => semaphore.value === 1),
  BoundedSemaphore: () => subject(new BoundedSemaphore(1), (semaphore) => semaphore.value === 1),
};

type Acquirable = { handle: string; acquire(options: WaitOptions): Promise<Guard> };

function subject<T extends Acquirable>(object: T, isFree: (object: T) => boolean): Subject {
  return { handle: object.handle, acquire: (options) => object.acquire(options), isFree: () => isFree(object) };
}

/** Plays the scenario while a program hammers the subject; what it held is free in the end. */
async function whileHammered(kind: Kind, made: Subject, scenario: () => Promise<void>): Promise<void> {
  const stop = new Event();
  const hammering = runProgram(kind, "hammer_main", [made.handle, stop.handle]);
  try {
    await scenario();
  } finally {
    stop.set();
    equal(await hammering, "exit 0");
  }
  equal(made.isFree(), true);
}

async function abortAtAnyMoment(made: Subject, index: number): Promise<"granted" | "aborted"> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), index % 3);
  try {
    const guard = await made.acquire({ signal: controller.signal, timeout: TIMEOUT_MS });
    if (index % 5 === 0) await delay(0);
    guard.release();
    return "granted";
  } catch (error) {
    if (error !== controller.signal.reason) throw error;
    return "aborted";
  } finally {
    clearTimeout(timer);
  }
}

for (const kind of ["thread", "process"] as const) {
  describe(`against a ${kind} that never rests`, () => {
    for (const [name, make] of Object.entries(SUBJECTS)) {
      it(`${name}: promises get their turn`, async () => {
        const made = make();
        await whileHammered(kind, made, async () => {
          for (let hold = 0; hold < HOLDS; hold++) (await made.acquire({ timeout: TIMEOUT_MS })).release();
        });
      });

      it(`${name}: ${ABORTS} aborts that race grants lose nothing`, async () => {
        const made = make();
        await whileHammered(kind, made, async () => {
          for (let round = 0; round < ABORTS; round += 10) {
            const tries = Array.from({ length: 10 }, (_, index) => abortAtAnyMoment(made, index));
            equal((await Promise.all(tries)).length, 10);
          }
        });
      });
    }

    it("Lock: it gets its turn while tasks of this thread hand over to each other", async () => {
      const made = subject(new Lock(), (lock) => !lock.locked);
      const stop = new Event();
      // Grants may come in microtasks alone, which let nobody else run in this thread: the other one sets the event.
      const ending = runProgram(kind, "turns_main", [made.handle, String(HOLDS), stop.handle]);
      let rounds = 0;
      const tasks = [1, 2, 3].map(async () => {
        for (; !stop.isSet; rounds++) (await made.acquire({ timeout: TIMEOUT_MS })).release();
      });
      await Promise.all(tasks);
      equal(await ending, "exit 0");
      equal(rounds > 0, true);
      equal(made.isFree(), true);
    });
  });
}

describe("tasks of one thread", () => {
  it("are served in the order in which they came", async () => {
    for (const make of Object.values(SUBJECTS)) {
      const made = make();
      const first = await made.acquire({});
      const order: number[] = [];
      const tasks = Array.from({ length: 30 }, async (_, index) => {
        const guard = await made.acquire({});
        order.push(index);
        if (index % 3 === 0) await delay(0);
        guard.release();
      });
      await delay(0);
      first.release();
      await Promise.all(tasks);
      deepEqual(order, Array.from({ length: 30 }, (_, index) => index));
      equal(made.isFree(), true);
    }
  });

  it("a notification that an aborted waiter had goes to the next", async () => {
    const [condition, notified] = [new Condition(), new Event()];
    const controllers = Array.from({ length: 40 }, () => new AbortController());
    const waiters = controllers.map(({ signal }) => waitOrAbort(condition, signal));
    while (String(condition).match(/\d+ waiting/)?.[0] !== "40 waiting") await delay(1);
    const notifying = runProgram("thread", "notify_main", [condition.handle, "20", notified.handle]);
    notified.waitSync(); // meanwhile this thread hears of nothing
    for (const controller of controllers.slice(0, 20)) controller.abort();
    const results = await Promise.all(waiters.slice(0, 21));
    deepEqual([results[0], results[20]], ["aborted", "woken"]);
    equal(results.filter((result) => result === "woken").length, 20);
    for (const controller of controllers) controller.abort();
    deepEqual(await Promise.all(waiters.slice(21)), Array(19).fill("aborted"));
    equal(await notifying, "exit 0");
  });
});

async function waitOrAbort(condition: Condition, signal: AbortSignal): Promise<string> {
  const guard = await condition.acquire();
  try {
    return await condition.wait({ signal }) ? "woken" : "timed out";
  } catch (error) {
    if (error !== signal.reason) throw error;
    return "aborted";
  } finally {
    guard.release();
  }
}
