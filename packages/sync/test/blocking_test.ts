// A thread that blocks while promises of its own wait for the same lock: what they got, or would get, must not keep it
// from going on.
import { equal } from "node:assert/strict";
import { describe, it } from "node:test";
import { Condition, Lock, RLock, RWLock } from "@lockstep/sync";

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
});
