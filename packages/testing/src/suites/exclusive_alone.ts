// What every lock does in one thread: sections 1a and 19 of the behaviours.
import { equal, notEqual, rejects, throws } from "node:assert/strict";
import type { Guard } from "@lockstep/contract";
import { NOT_HELD, SOON_MS, WRONG_TYPE, WRONG_VALUE } from "../expectations.ts";
import type { Scenarios } from "../scene.ts";
import type { Exclusive, Subject } from "./subjects.ts";

const ACCEPTED_TIMEOUTS = [undefined, 0, 0.5, 5000, 2 ** 31, 2 ** 53, 1e100, Infinity];
const REFUSED_TIMEOUTS = [[-100, WRONG_VALUE], [-0.001, WRONG_VALUE], [NaN, WRONG_VALUE], ["5", WRONG_TYPE], [
  null,
  WRONG_TYPE,
]] as const;

/** The scenarios of one thread. */
export function exclusiveAlone(subject: Subject): Scenarios {
  const scenarios: Record<string, (made: Exclusive) => void | Promise<void>> = {
    "LK-01 is free when new": isFreeWhenNew,
    "LK-02 may be dropped while it is held": mayBeDroppedWhileHeld,
    "LK-03 says whether it is held": saysWhetherItIsHeld,
    "LK-04 acquires and releases in each form": acquiresInEachForm,
    "LK-08 LK-20 a guard releases at the end of its block, error or not": guardReleasesAtEndOfBlock,
    "LK-10 refuses bad timeouts and stays free": refusesBadTimeouts,
    "LK-11 takes a free lock at once whatever the timeout": takesFreeLockWhateverTheTimeout,
    "LK-17 release of what nobody holds": releaseUnheld,
    "AS-01 an aborted signal takes nothing": abortedSignalTakesNothing,
    "AS-09 a guard releases once": guardReleasesOnce,
    "AS-09 a spent guard releases no later hold": spentGuardReleasesNoLaterHold,
  };
  return Object.fromEntries(
    Object.entries(scenarios).map(([title, play]) => [title, ({ primitives }) => play(subject.make(primitives))]),
  );
}

function isFreeWhenNew({ locked }: Exclusive): void {
  equal(locked(), false);
}

function mayBeDroppedWhileHeld({ lock, shared }: Exclusive): void {
  lock.acquireSync();
  (shared as Partial<Disposable>)[Symbol.dispose]?.();
}

function saysWhetherItIsHeld({ lock, locked }: Exclusive): void {
  const guard = lock.acquireSync();
  equal(locked(), true);
  guard.release();
  equal(locked(), false);
}

async function acquiresInEachForm({ lock, locked }: Exclusive): Promise<void> {
  for (const acquire of [() => lock.acquireSync(), () => lock.acquire(), () => lock.tryAcquire()]) {
    const guard = await acquire();
    notEqual(guard, undefined);
    equal(guard?.ownerDied, false);
    equal(locked(), true);
    lock.release();
    equal(locked(), false);
  }
}

function guardReleasesAtEndOfBlock({ lock, locked }: Exclusive): void {
  useWithin(lock.acquireSync(), () => equal(locked(), true));
  equal(locked(), false);
  throws(() => useWithin(lock.acquireSync(), () => JSON.parse("?")), SyntaxError);
  equal(locked(), false);
}

/** What `using` does, which not every runtime can parse. */
function useWithin(guard: Guard, body: () => void): void {
  try {
    body();
  } finally {
    guard[Symbol.dispose]();
  }
}

async function refusesBadTimeouts({ lock, locked }: Exclusive): Promise<void> {
  for (const [timeout, error] of REFUSED_TIMEOUTS) {
    const options = { timeout: timeout as number };
    throws(() => lock.acquireSync(options), error);
    await rejects(lock.acquire(options), error);
    equal(locked(), false);
  }
}

async function takesFreeLockWhateverTheTimeout({ lock, locked }: Exclusive): Promise<void> {
  for (const timeout of ACCEPTED_TIMEOUTS) {
    lock.acquireSync({ timeout }).release();
    (await lock.acquire({ timeout })).release();
  }
  equal(locked(), false);
}

function releaseUnheld({ lock, locked }: Exclusive): void {
  throws(() => lock.release(), NOT_HELD);
  lock.acquireSync();
  lock.release();
  throws(() => lock.release(), NOT_HELD);
  equal(locked(), false);
}

async function abortedSignalTakesNothing({ lock, locked }: Exclusive): Promise<void> {
  const reason = new Error("no longer wanted");
  await rejects(lock.acquire({ signal: AbortSignal.abort(reason) }), (error) => error === reason);
  await rejects(lock.acquire({ signal: AbortSignal.abort(), timeout: SOON_MS }), { name: "AbortError" });
  equal(locked(), false);
}

async function guardReleasesOnce({ lock, locked }: Exclusive): Promise<void> {
  for (const acquire of [() => lock.acquireSync(), () => lock.acquire()]) {
    const guard = await acquire();
    guard.release();
    guard.release();
    guard[Symbol.dispose]();
    equal(locked(), false);
  }
}

function spentGuardReleasesNoLaterHold({ lock, locked }: Exclusive): void {
  const first = lock.acquireSync();
  lock.release();
  const second = lock.acquireSync();
  first.release();
  first[Symbol.dispose]();
  equal(locked(), true);
  second.release();
  equal(locked(), false);
}
