// A thread that blocks while promises of its own wait for the same lock: what they got, or would get, must not keep it
// from going on.
import { deepEqual, equal, rejects } from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { BrokenBarrierError } from "@lockstep/contract";
import { Segment } from "@lockstep/segment";
import { Barrier, Condition, Event, Lock, RLock, RWLock } from "@lockstep/sync";
import { runProgram } from "./program.ts";

describe("a thread that blocks", () => {
  it("reads beside a promise that was let in to read", async () => {
    const lock = new RWLock();
    const writing = lock.write.acquireSync();
    const reading = Array.from({ length: 3 }, () => lock.read.acquire());
    writing.release();
    lock.read.acquireSync({ timeout: 1000 }).release();
    for (const guard of await Promise.all(reading)) guard.release();
    lock.write.tryAcquire()!.release();
  });

  it("lets thousands of promises in to read at once", async () => {
    const lock = new RWLock();
    const writing = lock.write.acquireSync();
    const reading = Array.from({ length: 20_000 }, () => lock.read.acquire());
    writing.release();
    for (const guard of await Promise.all(reading)) guard.release();
    equal(lock.read.locked, false);
  });

  it("lets a promise write after those who read before it", async () => {
    const lock = new RWLock();
    const order: string[] = [];
    const writing = lock.write.acquireSync();
    const promises = (["read", "write", "read"] as const).map(async (side) => {
      const guard = await lock[side].acquire();
      order.push(side);
      guard.release();
    });
    writing.release();
    await Promise.all(promises);
    equal(order.join(), "read,write,read");
  });

  for (const [name, lock] of [["Lock", new Lock()], ["RLock", new RLock()]] as const) {
    it(`comes back from a Condition whose ${name} a promise of its own waits for`, async () => {
      const condition = new Condition(lock);
      let begin = (): void => {};
      const begun = new Promise<void>((resolve) => begin = resolve);
      const otherTask = begun.then(async () => (await lock.acquire()).release());
      const guard = await lock.acquire();
      begin();
      await Promise.resolve();
      await Promise.resolve();
      equal(condition.waitSync({ timeout: 20 }), false);
      guard.release();
      await otherTask;
      equal(lock.locked, false);
    });
  }

  it("reads in the turn in which its writer gives up", async () => {
    const lock = new RWLock();
    const reading = lock.read.acquireSync();
    const controller = new AbortController();
    const writing = lock.write.acquire({ signal: controller.signal });
    controller.abort();
    const again = lock.read.acquireSync({ timeout: 1000 });
    await rejects(writing, { name: "AbortError" });
    for (const guard of [reading, again]) guard.release();
    lock.write.tryAcquire()!.release();
  });

  it("is let in at a barrier once its own promise has left", async () => {
    const segment = Segment.open(`blocking-test-${process.pid}`);
    const barrier = new Barrier(2, { segment, name: "two" });
    const waiting = rejects(barrier.wait(), BrokenBarrierError);
    const [full, entering] = ["full", "entering"].map((name) => new Event({ segment, name }));
    const ending = runProgram("process", "resetting_party_main", [segment.name]);
    await full!.wait();
    entering!.set();
    barrier.waitSync();
    await waiting;
    equal(await ending, "exit 0");
    segment.unlink();
  });
});

it("a promise that is aborted when all have arrived leaves if the round is reset after all", async () => {
  const controller = new AbortController();
  const action = (): void => {
    controller.abort();
    barrier.reset();
  };
  const barrier = new Barrier(2, { action });
  const aborted = rejects(barrier.wait({ signal: controller.signal }), { name: "AbortError" });
  await rejects(barrier.wait(), BrokenBarrierError);
  await aborted;
  const quiet = Barrier.from(barrier.handle);
  deepEqual((await Promise.all([quiet.wait(), quiet.wait()])).sort(), [0, 1]);
});
