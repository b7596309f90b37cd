import { equal, notEqual, rejects, throws } from "node:assert/strict";
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { describe, it } from "node:test";
import { Condition, RLock } from "@lockstep/atomics";
import { InvalidStateError, NotOwnerError, TimeoutError } from "@lockstep/contract";

const inFreshContext = AsyncLocalStorage.snapshot();
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Each test as a task that no other has started. */
function itInTask(title: string, task: () => Promise<void>): void {
  it(title, () => inFreshContext(() => nextTurn().then(task)));
}

describe("RLock between tasks of one thread", () => {
  itInTask("excludes who started a task that holds it by using", async () => {
    const lock = new RLock();
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => finish = resolve);
    const task = async (): Promise<void> => {
      using _outer = await lock.acquire();
      await finished;
      using _inner = await lock.acquire();
      equal(lock.locked, true);
    };
    const running = task();
    await nextTurn();
    equal(lock.tryAcquire(), undefined);
    throws(() => lock.release(), NotOwnerError);
    await rejects(lock.acquire({ timeout: 1 }), TimeoutError);
    finish();
    await running;
    equal(lock.locked, false);
  });

  itInTask("a blocking acquire that stops the holder for ever is an error", async () => {
    const lock = new RLock();
    const outside = new AsyncResource("another task");
    const guard = await lock.acquire();
    outside.runInAsyncScope(() => {
      throws(() => lock.acquireSync(), InvalidStateError);
      throws(() => lock.acquireSync({ timeout: 1 }), TimeoutError);
      throws(() => lock.release(), NotOwnerError);
    });
    guard.release();
    lock.acquireSync().release();
  });

  itInTask("a guard releases nothing for another task, and stays good for its own", async () => {
    const lock = new RLock();
    const outside = new AsyncResource("another task");
    const outer = await lock.acquire();
    const inner = lock.acquireSync();
    for (const guard of [inner, outer]) {
      outside.runInAsyncScope(() => throws(() => guard.release(), NotOwnerError));
      equal(lock.locked, true);
      guard.release();
      outside.runInAsyncScope(() => guard.release()); // spent
    }
    equal(lock.locked, false);
  });

  itInTask("a guard releases nothing while a Condition has suspended its hold", async () => {
    const condition = new Condition();
    const guard = await condition.acquire();
    const waiting = condition.wait();
    guard.release();
    await inFreshContext(async () => {
      using _other = await condition.acquire();
      guard.release();
      equal(condition.lock.locked, true);
      condition.notify();
    });
    equal(await waiting, true);
    equal(condition.lock.locked, true);
    guard.release();
    equal(condition.lock.locked, false);
  });

  itInTask("a hold of the thread is open to all its tasks", async () => {
    const lock = new RLock();
    const threads = lock.acquireSync();
    const tasks = await inFreshContext(() => lock.acquire());
    threads.release();
    equal(lock.locked, true);
    tasks.release();
    equal(lock.locked, false);
  });

  itInTask("knows its owner across objects of one handle", async () => {
    const one = new RLock();
    const other = RLock.from(one.handle);
    const sync = one.acquireSync();
    other.acquireSync();
    other.release();
    sync.release();
    const guard = await one.acquire();
    notEqual(other.tryAcquire(), undefined);
    other.release();
    equal(one.locked, true);
    guard.release();
    equal(other.locked, false);
  });

  itInTask("a task keeps its levels through a Condition's wait", async () => {
    const condition = new Condition();
    await condition.acquire();
    await condition.acquire();
    const waiting = condition.wait();
    await inFreshContext(async () => {
      using _guard = await condition.acquire();
      condition.notify();
    });
    equal(await waiting, true);
    condition.release();
    equal(condition.lock.locked, true);
    condition.release();
    equal(condition.lock.locked, false);
  });

  itInTask("a guard of a hold that is over releases nothing", async () => {
    const lock = new RLock();
    const stale = await lock.acquire();
    lock.release();
    const fresh = await lock.acquire();
    stale.release();
    equal(lock.locked, true);
    fresh.release();
    fresh.release();
    equal(lock.locked, false);
  });
});
