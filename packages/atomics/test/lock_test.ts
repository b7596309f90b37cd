import { equal, notEqual, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { Condition, Lock } from "@lockstep/atomics";
import { LockNotHeldError } from "@lockstep/contract";

describe("guards of Lock", () => {
  it("release nothing once somebody else has released their hold", () => {
    const lock = new Lock();
    const stale = lock.acquireSync();
    lock.release();
    const fresh = lock.acquireSync();
    stale.release();
    equal(lock.locked, true);
    fresh.release();
    equal(lock.locked, false);
  });

  it("know it across objects of one handle", () => {
    const one = new Lock();
    const other = Lock.from(one.handle);
    const stale = one.acquireSync();
    other.release();
    const fresh = other.acquireSync();
    stale.release();
    equal(one.locked, true);
    fresh.release();
    equal(other.locked, false);
  });

  it("are good again after a Condition has had the lock", () => {
    const lock = new Lock();
    const condition = new Condition(Lock.from(lock.handle));
    const guard = lock.acquireSync();
    condition.waitSync({ timeout: 1 });
    equal(lock.locked, true);
    guard.release();
    equal(lock.locked, false);
  });

  it("of holds that came between do not touch a hold that a Condition has taken again", async () => {
    const condition = new Condition(new Lock());
    const waiter = condition.acquireSync();
    const waiting = condition.wait();
    const between = condition.acquireSync();
    condition.notify();
    condition.release();
    equal(await waiting, true);
    between.release();
    equal(condition.lock.locked, true);
    waiter.release();
    equal(condition.lock.locked, false);
  });
});

describe("promises of Lock", () => {
  it("are served in their order, and a newcomer waits behind them", async () => {
    const lock = new Lock();
    const order: number[] = [];
    const held = lock.acquireSync();
    const waits = [0, 1, 2].map(async (index) => {
      const guard = await lock.acquire();
      order.push(index);
      guard.release();
    });
    held.release();
    const late = lock.acquire().then((guard) => {
      order.push(3);
      guard.release();
    });
    await Promise.all([...waits, late]);
    equal(order.join(), "0,1,2,3");
  });

  it("grant at the moment of the release, so that a stranger may release what was not delivered yet", async () => {
    const lock = new Lock();
    const guard = await new Promise<{ release(): void }>((resolve) => {
      void lock.acquire({ timeout: 1000 }).then(resolve);
      equal(lock.locked, true);
      lock.release();
      throws(() => lock.release(), LockNotHeldError);
      notEqual(lock.tryAcquire(), undefined);
    });
    guard.release();
    equal(lock.locked, true);
  });
});
