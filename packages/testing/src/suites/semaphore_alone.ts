// What both semaphores do in one thread: section 5 of the behaviours.
import { deepEqual, equal, notEqual, rejects, throws } from "node:assert/strict";
import type { SemaphoreLike } from "@lockstep/contract";
import { SHORT_MS, SOON_MS, takesAtLeast, TIMED_OUT, WRONG_TYPE, WRONG_VALUE } from "../expectations.ts";
import type { Shared } from "../party.ts";

/** Makes the semaphore under test. */
export type Make = (value?: number) => SemaphoreLike & Shared;

function refusesBadValues(make: Make): void {
  for (const value of [-1, -1e9, 0.5, NaN, Infinity, 2 ** 53]) throws(() => make(value), WRONG_VALUE);
  throws(() => make("1" as never), WRONG_TYPE);
}

async function takesAndGivesBack(make: Make): Promise<void> {
  equal(make().value, 1);
  const semaphore = make(2);
  const guards = [semaphore.acquireSync(), await semaphore.acquire()];
  deepEqual(guards.map(({ ownerDied }) => ownerDied), [false, false]);
  equal(semaphore.value, 0);
  semaphore.release();
  semaphore.release();
  equal(semaphore.value, 2);
}

function triesAndFails(make: Make): void {
  const semaphore = make(2);
  notEqual(semaphore.tryAcquire(), undefined);
  notEqual(semaphore.tryAcquire(), undefined);
  equal(semaphore.tryAcquire(), undefined);
  semaphore.release();
  notEqual(semaphore.tryAcquire(), undefined);
}

async function timesOut(make: Make): Promise<void> {
  const semaphore = make(2);
  semaphore.acquireSync({ timeout: 5 });
  await semaphore.acquire({ timeout: 5 });
  throws(() => semaphore.acquireSync({ timeout: 5 }), TIMED_OUT);
  await rejects(semaphore.acquire({ timeout: 5 }), TIMED_OUT);
  semaphore.release();
  semaphore.acquireSync({ timeout: 5 });
  await takesAtLeast(SHORT_MS, () => throws(() => semaphore.acquireSync({ timeout: SHORT_MS }), TIMED_OUT));
  await takesAtLeast(SHORT_MS, () => rejects(semaphore.acquire({ timeout: SHORT_MS }), TIMED_OUT));
  equal(semaphore.value, 0);
}

function guardsNest(make: Make): void {
  const semaphore = make(2);
  const outer = semaphore.acquireSync();
  const inner = semaphore.acquireSync();
  equal(semaphore.tryAcquire(), undefined);
  inner[Symbol.dispose]();
  inner[Symbol.dispose]();
  equal(semaphore.value, 1);
  outer.release();
  outer.release();
  equal(semaphore.value, 2);
}

async function startsAtZero(make: Make): Promise<void> {
  const semaphore = make(0);
  equal(semaphore.tryAcquire(), undefined);
  throws(() => semaphore.acquireSync({ timeout: 0 }), TIMED_OUT);
  await takesAtLeast(SHORT_MS, () => rejects(semaphore.acquire({ timeout: SHORT_MS }), TIMED_OUT));
  equal(semaphore.value, 0);
}

async function countsPermits(make: Make): Promise<void> {
  const semaphore = make(5);
  const three = semaphore.acquireSync({ count: 3 });
  equal(semaphore.value, 2);
  equal(semaphore.tryAcquire({ count: 3 }), undefined);
  await rejects(semaphore.acquire({ count: 3, timeout: 1 }), TIMED_OUT);
  equal(semaphore.value, 2); // all or none
  const two = semaphore.tryAcquire({ count: 2 });
  three.release();
  equal(semaphore.value, 3);
  two?.release();
  equal(semaphore.value, 5);
}

async function refusesBadCounts(make: Make): Promise<void> {
  const semaphore = make(2);
  semaphore.acquireSync();
  for (const count of [0, -1, 0.5, NaN, Infinity, 2 ** 53]) {
    throws(() => semaphore.release(count), WRONG_VALUE);
    throws(() => semaphore.acquireSync({ count, timeout: 0 }), WRONG_VALUE);
    throws(() => semaphore.tryAcquire({ count }), WRONG_VALUE);
    await rejects(semaphore.acquire({ count, timeout: 0 }), WRONG_VALUE);
    equal(semaphore.value, 1);
  }
  throws(() => semaphore.release("1" as never), WRONG_TYPE);
}

async function abortedSignalTakesNothing(make: Make): Promise<void> {
  const semaphore = make(1);
  const reason = new Error("no longer wanted");
  await rejects(semaphore.acquire({ signal: AbortSignal.abort(reason) }), (error) => error === reason);
  await rejects(semaphore.acquire({ signal: AbortSignal.abort(), timeout: SOON_MS }), { name: "AbortError" });
  equal(semaphore.value, 1);
}

/** The scenarios of one thread. */
export const semaphoreAlone: Record<string, (make: Make) => void | Promise<void>> = {
  "SE-01 refuses bad values": refusesBadValues,
  "SE-02 SE-09 takes and gives back": takesAndGivesBack,
  "SE-06 tries and fails": triesAndFails,
  "SE-08 times out": timesOut,
  "SE-10 AS-09 guards nest, and release once": guardsNest,
  "SE-17 may start with none": startsAtZero,
  "SE-05 counts permits": countsPermits,
  "SE-19 refuses bad counts": refusesBadCounts,
  "AS-01 an aborted signal takes nothing": abortedSignalTakesNothing,
};
