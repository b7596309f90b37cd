// What a Condition does in one thread: sections 4 and 19 of the behaviours.
import { deepEqual, equal, notEqual, rejects, throws } from "node:assert/strict";
import { AsyncResource } from "node:async_hooks";
import type { ConditionLike } from "@lockstep/contract";
import { NOT_HELD, SHORT_MS, SOON_MS, takesAtLeast } from "../expectations.ts";
import type { Scenario, Scenarios } from "../scene.ts";
import { conditionOf, conditionsOf } from "./subjects.ts";

function ofEach(play: (condition: ConditionLike) => void | Promise<void>): Scenario {
  return async ({ primitives }) => {
    for (const condition of conditionsOf(primitives)) {
      await play(condition);
      equal(condition.lock.locked, false);
    }
  };
}

const sharesItsLock: Scenario = ({ primitives }) => {
  const own = new primitives.Condition();
  own.acquireSync();
  own.acquireSync(); // an RLock
  own.release();
  own.release();
  const lock = new primitives.Lock();
  const condition = conditionOf(primitives, lock);
  condition.acquireSync();
  equal(lock.tryAcquire(), undefined);
  condition.release();
  const guard = lock.tryAcquire();
  notEqual(guard, undefined);
  equal(condition.tryAcquire(), undefined);
  guard?.release();
  equal(condition.lock.locked, false);
};

async function needsItsLock(condition: ConditionLike): Promise<void> {
  throws(() => condition.waitSync({ timeout: 0 }), NOT_HELD);
  await rejects(condition.wait({ timeout: 0 }), NOT_HELD);
  throws(() => condition.waitForSync(() => false, { timeout: 0 }), NOT_HELD);
  await rejects(condition.waitFor(() => false, { timeout: 0 }), NOT_HELD);
  throws(() => condition.notify(), NOT_HELD);
  throws(() => condition.notifyAll(), NOT_HELD);
}

async function timesOutHoldingItsLock(condition: ConditionLike): Promise<void> {
  const threadsHold = condition.acquireSync();
  equal(condition.waitSync({ timeout: 0 }), false);
  equal(await takesAtLeast(SHORT_MS, () => condition.waitSync({ timeout: SHORT_MS })), false);
  equal(condition.lock.locked, true);
  threadsHold.release();
  const tasksHold = await condition.acquire();
  equal(await condition.wait({ timeout: 0 }), false);
  equal(await takesAtLeast(SHORT_MS, () => condition.wait({ timeout: SHORT_MS })), false);
  equal(condition.lock.locked, true);
  tasksHold.release();
}

async function storesNoNotification(condition: ConditionLike): Promise<void> {
  const guard = await condition.acquire();
  condition.notify(3);
  condition.notifyAll();
  condition.notify(0);
  equal(await condition.wait({ timeout: 1 }), false);
  guard.release();
}

const restoresItsDepth: Scenario = async ({ primitives: { Condition } }) => {
  const condition = new Condition();
  for (let level = 0; level < 3; level++) condition.acquireSync();
  equal(condition.waitSync({ timeout: 1 }), false);
  releaseLevels(condition, 3);
  for (let level = 0; level < 3; level++) await condition.acquire();
  equal(await condition.wait({ timeout: 1 }), false);
  const { signal } = abortSoon(new Error("enough"));
  await rejects(condition.wait({ signal }), { message: "enough" });
  releaseLevels(condition, 3);
};

function releaseLevels(condition: ConditionLike, levels: number): void {
  for (let level = 0; level < levels; level++) {
    equal(condition.lock.locked, true);
    condition.release();
  }
  throws(() => condition.release(), NOT_HELD);
}

function abortSoon(reason: Error): AbortController {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 1);
  return controller;
}

async function abortedWaitHoldsItsLock(condition: ConditionLike): Promise<void> {
  const guard = await condition.acquire();
  const reason = new Error("enough");
  await rejects(condition.wait({ signal: AbortSignal.abort(reason) }), (error) => error === reason);
  await rejects(condition.waitFor(() => true, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
  equal(condition.lock.locked, true);
  const { signal } = abortSoon(reason);
  await rejects(condition.wait({ signal, timeout: SOON_MS }), (error) => error === reason);
  equal(condition.lock.locked, true);
  guard.release();
}

/** A guard has nothing to give back while its hold is suspended; afterwards it has again. */
async function guardRestsDuringTheWait(condition: ConditionLike): Promise<void> {
  const outside = new AsyncResource("another task");
  const guard = await condition.acquire();
  const waiting = condition.wait();
  guard.release();
  await outside.runInAsyncScope(async () => {
    const other = await condition.acquire();
    guard.release();
    equal(condition.lock.locked, true);
    condition.notify();
    other.release();
  });
  equal(await waiting, true);
  equal(condition.lock.locked, true);
  guard.release();
}

async function waitForGivesTheValue(condition: ConditionLike): Promise<void> {
  const guard = await condition.acquire();
  equal(condition.waitForSync(() => "ready"), "ready");
  equal(await condition.waitFor(() => "ready"), "ready");
  equal(await condition.waitFor(() => Promise.resolve(7)), 7);
  equal(await condition.waitFor(() => 0, { timeout: 1 }), 0);
  guard.release();
  const threadsHold = condition.acquireSync();
  equal(condition.waitForSync(() => "", { timeout: 0 }), "");
  threadsHold.release();
}

async function waitForLooksBeforeAndAfter(condition: ConditionLike): Promise<void> {
  const looks: boolean[] = [];
  const look = (): boolean => (looks.push(condition.lock.locked), false);
  const threadsHold = condition.acquireSync();
  equal(condition.waitForSync(look, { timeout: SHORT_MS }), false);
  threadsHold.release();
  deepEqual(looks.splice(0), [true, true]);
  const tasksHold = await condition.acquire();
  equal(await condition.waitFor(look, { timeout: SHORT_MS }), false);
  deepEqual(looks.splice(0), [true, true]);
  equal(await condition.waitFor(look, { timeout: 0 }), false);
  tasksHold.release();
  deepEqual(looks.splice(0), [true, true]);
  const again = condition.acquireSync();
  equal(condition.waitForSync(look, { timeout: 0 }), false);
  again.release();
  deepEqual(looks, [true, true]);
}

/** Time counts from the moment when the predicate has been looked at. */
async function slowPredicateTakesNoTime(condition: ConditionLike): Promise<void> {
  const tasksHold = await condition.acquire();
  let looks = 0;
  const look = async (): Promise<boolean> => {
    looks++;
    await new Promise((resolve) => setTimeout(resolve, 5));
    return false;
  };
  equal(await condition.waitFor(look, { timeout: 1 }), false);
  equal(looks, 2);
  tasksHold.release();
}

async function predicateMayThrow(condition: ConditionLike): Promise<void> {
  const fail = (): never => {
    throw new RangeError("no");
  };
  const threadsHold = condition.acquireSync();
  throws(() => condition.waitForSync(fail), { message: "no" });
  equal(condition.lock.locked, true);
  threadsHold.release();
  const tasksHold = await condition.acquire();
  await rejects(condition.waitFor(fail), { message: "no" });
  await rejects(condition.waitFor(() => Promise.reject(new Error("later"))), { message: "later" });
  equal(condition.lock.locked, true);
  tasksHold.release();
}

const conditionsShareALock: Scenario = async ({ primitives }) => {
  const lock = new primitives.Lock();
  const [full, empty] = [conditionOf(primitives, lock), conditionOf(primitives, lock)];
  const guard = await full.acquire();
  equal(empty.tryAcquire(), undefined);
  empty.notify();
  equal(await full.wait({ timeout: 1 }), false); // that was for the other
  guard.release();
};

/** The scenarios of one thread. */
export const conditionAlone: Scenarios = {
  "CO-01 shares its lock": sharesItsLock,
  "CO-02 CO-03 needs its lock": ofEach(needsItsLock),
  "CO-11 CO-14 times out holding its lock": ofEach(timesOutHoldingItsLock),
  "CO-10 CO-17 stores no notification": ofEach(storesNoNotification),
  "CO-16 gives up and restores all levels": restoresItsDepth,
  "AS-01 AS-04 an aborted wait holds its lock": ofEach(abortedWaitHoldsItsLock),
  "AS-09 a guard rests during the wait": ofEach(guardRestsDuringTheWait),
  "CO-18 waitFor gives the predicate's value": ofEach(waitForGivesTheValue),
  "CO-18 waitFor looks once before and once after": ofEach(waitForLooksBeforeAndAfter),
  "CO-18 waitFor does not count the time of its first look": ofEach(slowPredicateTakesNoTime),
  "CO-16 an error of the predicate leaves the lock held": ofEach(predicateMayThrow),
  "several conditions share a lock": conditionsShareALock,
};
