import { equal, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { BoundedSemaphore, Semaphore } from "@lockstep/atomics";
import { SemaphoreBoundError } from "@lockstep/contract";

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
