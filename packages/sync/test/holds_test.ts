// What a thread holds outlives the JavaScript objects that it took it with.
import { equal } from "node:assert/strict";
import { after, describe } from "node:test";
import { Segment } from "@lockstep/segment";
import { BoundedSemaphore, Lock, RLock, RWLock } from "@lockstep/sync";
import { it } from "@lockstep/testing";
import process from "node:process";

describe("a hold whose object was disposed", () => {
  const segment = Segment.open(`holds-test-${process.pid}`);
  after(() => segment.unlink());

  it("of RWLock.read keeps writers out when the lock is opened again", () => {
    const first = new RWLock({ segment, name: "readers" });
    const old = first.read.acquireSync();
    first[Symbol.dispose]();
    const again = new RWLock({ segment, name: "readers" });
    const fresh = again.read.acquireSync();
    fresh.release();
    equal(again.write.tryAcquire(), undefined);
    old.release();
    again.write.tryAcquire()!.release();
  });

  it("of RLock is entered again", () => {
    const first = new RLock({ segment, name: "reentrant" });
    const outer = first.acquireSync();
    first[Symbol.dispose]();
    const again = new RLock({ segment, name: "reentrant" });
    again.acquireSync({ timeout: 0 }).release();
    equal(again.locked, true);
    outer.release();
    equal(again.locked, false);
  });

  it("of Lock cannot give back the next one", () => {
    const first = new Lock({ segment, name: "lock" });
    const old = first.acquireSync();
    first[Symbol.dispose]();
    const again = new Lock({ segment, name: "lock" });
    again.release();
    const fresh = again.acquireSync();
    old.release();
    equal(again.locked, true);
    fresh.release();
  });

  it("of BoundedSemaphore cannot give back the next one", () => {
    const first = new BoundedSemaphore(1, { segment, name: "permit" });
    const old = first.acquireSync();
    first[Symbol.dispose]();
    const again = new BoundedSemaphore(1, { segment, name: "permit" });
    again.release();
    const fresh = again.acquireSync();
    old.release();
    equal(again.value, 0);
    fresh.release();
  });

  it("is given back by its guard, and the memory returns with it", () => {
    const lock = new Lock({ segment });
    const { handle } = lock;
    const guard = lock.acquireSync();
    lock[Symbol.dispose]();
    guard.release();
    equal(Lock.from(handle).locked, false);
  });
});
