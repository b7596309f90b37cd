// RLock: section 2 of the behaviours and AS-08, for RLock itself and for the lock that a Condition makes.
import { deepEqual, equal, notEqual, rejects, throws } from "node:assert/strict";
import type { BlockingScenario, Cast } from "../cast.ts";
import { NOT_HELD, NOT_OWNER } from "../expectations.ts";
import { inForm } from "../messages.ts";
import type { Hold, Remote } from "../party.ts";
import type { Scenario, Scenarios, Scene } from "../scene.ts";
import { exclusiveAlone } from "./exclusive_alone.ts";
import { exclusiveBlocking, exclusiveTogether } from "./exclusive_together.ts";
import { rlockTasks } from "./rlock_tasks.ts";
import type { Suite } from "./suite.ts";
import { CONDITION, type Exclusive, RLOCK, type Subject } from "./subjects.ts";

/** The suites of every lock that its owner may take again. */
export const rlockSuites: readonly Suite[] = [RLOCK, CONDITION].map((subject) => ({
  title: subject.title,
  alone: { ...exclusiveAlone(subject), ...reentrantAlone(subject) },
  together: {
    ...exclusiveTogether(subject),
    ...reentrantTogether(subject),
  },
  blocking: { ...exclusiveBlocking(subject), ...reentrantBlocking(subject) },
  isThreadsOwn: true,
}));

function reentrantAlone(subject: Subject): Scenarios {
  const play = (scenario: (made: Exclusive) => void | Promise<void>): Scenario => ({ primitives }) =>
    scenario(subject.make(primitives));
  return {
    "RL-01 RL-02 its owner takes it again": play(ownerTakesItAgain),
    "RL-01 its task takes it again": play(taskTakesItAgain),
    "RL-07 three times": play(threeTimes),
    "RL-10 is held until the last release": play(heldUntilLastRelease),
    "each guard counts for one": play(eachGuardCountsForOne),
    ...Object.fromEntries(Object.entries(rlockTasks).map(([title, scenario]) => [title, play(scenario)])),
  };
}

function reentrantTogether(subject: Subject): Scenarios {
  const play = (scenario: (made: Exclusive, scene: Scene) => Promise<void>): Scenario => (scene) =>
    scenario(subject.make(scene.primitives), scene);
  return {
    "RL-06 another may not release": play(anotherMayNotRelease),
    "RL-10 others see it held until the last release": play(othersSeeItHeld),
    "LK-12 a level taken while others wait is free": play(levelsCostNoWait),
  };
}

function reentrantBlocking(subject: Subject): Record<string, BlockingScenario> {
  return {
    "RL-01 who waits gets it by the last release": (cast, { primitives }) =>
      lastReleaseHandsOver(subject.make(primitives), cast),
  };
}

function ownerTakesItAgain({ lock, locked }: Exclusive): void {
  throws(() => lock.release(), NOT_HELD);
  lock.acquireSync();
  lock.acquireSync({ timeout: 0 });
  lock.release();
  notEqual(lock.tryAcquire(), undefined);
  lock.release();
  lock.release();
  throws(() => lock.release(), NOT_HELD);
  equal(locked(), false);
}

async function taskTakesItAgain({ lock, locked }: Exclusive): Promise<void> {
  await lock.acquire();
  await lock.acquire({ timeout: 0 });
  await new Promise((resolve) => setImmediate(resolve));
  lock.release();
  const again = await lock.acquire();
  notEqual(lock.tryAcquire(), undefined);
  lock.release();
  again.release();
  equal(locked(), true);
  lock.release();
  throws(() => lock.release(), NOT_HELD);
  equal(locked(), false);
}

function threeTimes({ lock, locked }: Exclusive): void {
  for (let level = 0; level < 3; level++) lock.acquireSync();
  for (let level = 0; level < 3; level++) equal(lock.release(), undefined);
  throws(() => lock.release(), NOT_HELD);
  equal(locked(), false);
}

function heldUntilLastRelease({ lock, locked }: Exclusive): void {
  const seen = [locked()];
  lock.acquireSync();
  seen.push(locked());
  lock.acquireSync();
  seen.push(locked());
  lock.release();
  seen.push(locked());
  lock.release();
  seen.push(locked());
  deepEqual(seen, [false, true, true, true, false]);
}

function eachGuardCountsForOne({ lock, locked }: Exclusive): void {
  const outer = lock.acquireSync();
  const inner = lock.acquireSync();
  inner.release();
  inner.release();
  inner[Symbol.dispose]();
  equal(locked(), true);
  outer.release();
  equal(locked(), false);
}

async function anotherMayNotRelease(made: Exclusive, scene: Scene): Promise<void> {
  const remote = await made.at(await scene.peer());
  for (const form of ["sync", "async"] as const) {
    const hold = await remote.acquire(form);
    throws(() => made.lock.release(), NOT_OWNER);
    if (form === "async") await rejects(remote.in("another task").call("release"), NOT_OWNER);
    equal(made.locked(), true);
    await hold.release();
    throws(() => made.lock.release(), NOT_HELD);
  }
  made.lock.acquireSync();
  await rejects(remote.call("release"), NOT_OWNER);
  made.lock.release();
}

async function othersSeeItHeld(made: Exclusive, scene: Scene): Promise<void> {
  const remote = await made.at(await scene.peer());
  const seen: unknown[] = [];
  const look = async (): Promise<void> => void seen.push(await isTaken(remote));
  await look();
  made.lock.acquireSync();
  await look();
  made.lock.acquireSync();
  await look();
  made.lock.release();
  await look();
  made.lock.release();
  await look();
  deepEqual(seen, [false, true, true, true, false]);
}

async function isTaken(remote: Remote): Promise<boolean> {
  const hold = await remote.tryAcquire();
  await hold?.release();
  return hold === undefined;
}

async function levelsCostNoWait(made: Exclusive, scene: Scene): Promise<void> {
  const remote = await made.at(await scene.peer());
  const outer = made.lock.acquireSync();
  const waiting = await remote.begin("acquireSync");
  const inner = made.lock.acquireSync({ timeout: 0 });
  inner.release();
  equal(waiting.done, false);
  outer.release();
  await (await waiting.result as Hold).release();
}

async function lastReleaseHandsOver(made: Exclusive, { waiter, waiterForm, waker, wakerForm }: Cast): Promise<void> {
  const [mine, theirs] = [await made.at(waiter, "waiter"), await made.at(waker, "owner")];
  const outer = await theirs.acquire(wakerForm);
  const inner = await theirs.acquire(wakerForm);
  const waiting = await mine.begin(inForm(waiterForm, "acquire"));
  await inner.release();
  equal(made.locked(), true);
  equal(waiting.done, false);
  await outer.release();
  await (await waiting.result as Hold).release();
  equal(made.locked(), false);
}
