import { equal, rejects, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { BoundedSemaphore, Semaphore } from "@lockstep/atomics";
import { SemaphoreBoundError, TimeoutError } from "@lockstep/contract";

describe("Semaphore", () => {
  it("guesses its value right whoever else uses it", () => {
    const one = new Semaphore(2);
    const other = Semaphore.from(one.handle);
    one.acquireSync();
    other.acquireSync();
    equal(one.tryAcquire(), undefined);
    equal(other.tryAcquire(), undefined);
    one.release(5);
    other.acquireSync({ count: 4 });
    equal(one.value, 1);
    one.acquireSync();
    equal(other.value, 0);
  });

  it("has at most 2 ** 30 - 1 permits", () => {
    const semaphore = new Semaphore(2 ** 30 - 1);
    throws(() => semaphore.release(), SemaphoreBoundError);
    semaphore.acquireSync({ count: 2 ** 30 - 1 });
    equal(semaphore.value, 0);
    semaphore.release(2 ** 30 - 1);
    equal(semaphore.value, 2 ** 30 - 1);
    throws(() => new Semaphore(2 ** 30), RangeError);
  });

  it("lets the next promise try when one that wishes for more gives up", async () => {
    const semaphore = new Semaphore(1);
    const giveUp = new AbortController();
    const aborted = semaphore.acquire({ count: 3, signal: giveUp.signal });
    const next = semaphore.acquire();
    giveUp.abort(new Error("too many"));
    await rejects(aborted, /too many/);
    (await next).release();
    const late = semaphore.acquire({ count: 3, timeout: 1 });
    const after = semaphore.acquire();
    await rejects(late, TimeoutError);
    (await after).release();
    equal(semaphore.value, 1);
  });

  it("tells how many permits it was made with", () => {
    const semaphore = new Semaphore(3);
    semaphore.acquireSync();
    equal(Semaphore.from(semaphore.handle).initialValue, 3);
    equal(new BoundedSemaphore(2).initialValue, 2);
  });

  it("is what a BoundedSemaphore is, too", () => {
    equal(new BoundedSemaphore() instanceof Semaphore, true);
    equal(BoundedSemaphore.from(new BoundedSemaphore().handle) instanceof BoundedSemaphore, true);
  });
});

describe("guards of BoundedSemaphore", () => {
  it("release nothing when somebody else has given their permits back", () => {
    const semaphore = new BoundedSemaphore(2);
    const guard = semaphore.acquireSync({ count: 2 });
    semaphore.release(2);
    guard.release();
    equal(semaphore.value, 2);
  });
});
