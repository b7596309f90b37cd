// One queue in several processes and threads, of Node and of Deno, some of which are killed.
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { beforeEach, describe } from "node:test";
import { Queue, SharedDict } from "@lockstep/manager";
import { it } from "@lockstep/testing";
import { type Child, endings, OTHER, start, type Where } from "./child.ts";
import { ownSegment, until } from "./place.ts";

const COUNT = 2000;
const OF_ONE = 1_000_000; // numbers of one producer
const JOBS = 300;
const KILLS = 4;

const segment = ownSegment("queue-processes");
const results = new SharedDict<number>({ name: "results", segment });
const run = (where: Where, ...args: string[]): Child => start(where, "queue_main", [segment.name, ...args]);

function queueFor(name: "jobs" | "reliable" | "bounded"): Queue<unknown> {
  const options = { jobs: {}, reliable: { redeliver: true }, bounded: { maxSize: 2 } }[name];
  new Queue({ name, segment, ...options }).destroy(); // that of the test before
  return new Queue({ name, segment, ...options });
}

/** How often each number was seen. */
function timesOf(numbers: number[]): Set<number | undefined> {
  return new Set(numbers.map((number) => results.get(number)));
}

beforeEach(() => results.clear());

describe("A queue of several processes and threads", () => {
  it("gives each item once, and those of one producer in its order", async () => {
    const queue = queueFor("jobs");
    const producers: Where[] = ["process", OTHER, "thread"];
    const consumers: Where[] = ["process", OTHER, "thread"];
    const eating = consumers.map((where, index) => run(where, "consume", `consumer ${index}`));
    const putting = producers.map((where, index) => run(where, "produce", String(index * OF_ONE), String(COUNT)));
    deepStrictEqual(await endings(putting), producers.map(() => "exit 0"));
    await queue.join();
    queue.shutdown();
    deepStrictEqual(await endings(eating), consumers.map(() => "exit 0"));
    const numbers = producers.flatMap((_, producer) =>
      Array.from({ length: COUNT }, (_, index) => producer * OF_ONE + index)
    );
    deepStrictEqual([...timesOf(numbers)], [1]);
    equal(queue.unfinished, 0);
  });

  it("lets producers wait for places and consumers for items", async () => {
    const queue = queueFor("bounded");
    const consumers = [run("process", "consumeSync"), run(OTHER, "consumeSync")];
    const producers = [0, 1].map((index) => run(index ? OTHER : "process", "produceInTurns", `${index * 1000}`, "400"));
    deepStrictEqual(await endings(producers), ["exit 0", "exit 0"]);
    for (const _ of consumers) await queue.put("end");
    deepStrictEqual(await endings(consumers), ["exit 0", "exit 0"]);
    await queue.join();
    const numbers = [0, 1].flatMap((index) => Array.from({ length: 400 }, (_, number) => index * 1000 + number));
    deepStrictEqual([...timesOf(numbers)], [1]);
  });
});

describe("A consumer that is killed", () => {
  for (const where of ["process", OTHER] as Where[]) {
    it(`loses the item it had, and no other: ${where}`, async () => {
      const queue = queueFor("jobs");
      for (const item of ["a", "b"]) await queue.put(item);
      const victim = run(where, "takeAndHang", "jobs");
      await victim.line("took a");
      const joined = queue.join();
      equal(await victim.kill(), "SIGKILL");
      equal(await queue.get(), "b");
      await until(() => queue.unfinished === 1);
      queue.taskDone();
      await joined;
    });

    it(`loses nothing where items come back, which then come first: ${where}`, async () => {
      const queue = queueFor("reliable");
      for (const item of ["a", "b"]) await queue.put(item);
      const victim = run(where, "takeAndHang", "reliable");
      await victim.line("took a");
      equal(await victim.kill(), "SIGKILL");
      await until(() => queue.size === 2);
      deepStrictEqual([await queue.get(), await queue.get()], ["a", "b"]);
      queue.taskDone(2);
      await queue.join();
    });
  }

  it("gives an item back to one who waits already", async () => {
    const queue = queueFor("reliable");
    await queue.put("only");
    const victim = run("process", "takeAndHang", "reliable");
    await victim.line("took only");
    const get = queue.get();
    await victim.kill();
    equal(await get, "only");
    queue.taskDone();
  });

  it("has done what it has done, whichever of several items that was", async () => {
    const queue = queueFor("reliable");
    for (const item of ["a", "b", "c", "d"]) await queue.put(item);
    const victim = run("process", "takeTwoAndEndOne");
    await victim.line("has a and c");
    await victim.kill();
    await until(() => queue.size === 3);
    deepStrictEqual(queue.drain(), ["a", "c", "d"]);
    queue.taskDone(3);
  });

  it("does not take a wake-up with it", async () => {
    const queue = queueFor("jobs");
    for (const task of ["waitForItem", "waitForPromise"]) {
      const victim = run("process", task);
      await victim.line("waits");
      const get = queue.get();
      await victim.kill();
      await queue.put(task);
      equal(await get, task);
    }
  });

  it("leaves the place it waited for to others", async () => {
    const queue = queueFor("bounded");
    for (const item of ["a", "b"]) await queue.put(item);
    const victim = run("process", "waitForPlace");
    await victim.line("waits");
    const put = queue.put("c");
    await victim.kill();
    equal(await queue.get(), "a");
    await put;
    deepStrictEqual(queue.drain(), ["b", "c"]);
  });
});

describe("A queue with redelivery", () => {
  it("has every job done at least once while its workers are killed", async () => {
    const queue = queueFor("reliable");
    for (let job = 0; job < JOBS; job++) await queue.put(job);
    const workers = [run("process", "work"), run(OTHER, "work")];
    for (let kill = 0; kill < KILLS; kill++) {
      const done = results.size;
      await until(() => results.size > done || queue.unfinished === 0);
      await workers[kill % 2]!.kill();
      workers[kill % 2] = run(kill % 2 === 0 ? "process" : OTHER, "work");
    }
    await queue.join();
    queue.shutdown();
    deepStrictEqual(await endings(workers), ["exit 0", "exit 0"]);
    equal(results.size, JOBS);
    ok([...results.values()].every((times) => times >= 1 && times <= 1 + KILLS));
  });
});
