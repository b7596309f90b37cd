// What becomes of permits and read shares whose holder dies, and of wake-ups given to who dies.
import { equal, notEqual } from "node:assert/strict";
import { SOON_MS } from "../expectations.ts";
import type { Hold } from "../party.ts";
import { type Scenario, type Scenarios, until } from "../scene.ts";
import { deaths } from "./lock_deaths.ts";
import { stopped } from "./stopped.ts";
import type { Suite } from "./suite.ts";

type Death = (typeof deaths)[string];

function permitsComeBack(die: Death): Scenario {
  return async ({ primitives: { BoundedSemaphore }, extra, peer, here }) => {
    const semaphore = new BoundedSemaphore(3);
    const doomed = await extra();
    const theirs = await doomed.attach(semaphore);
    await theirs.acquire("sync", { count: 2 });
    const mine = await here.attach(semaphore);
    const held = await mine.acquire("async");
    const waiting = [await (await (await peer()).attach(semaphore)).begin("acquireSync"), await mine.begin("acquire")];
    await theirs.begin("acquire");
    await die(doomed);
    for (const { result } of waiting) await (await result as Hold).release();
    await held.release();
    await until(() => semaphore.value === 3);
  };
}

function countsStay(die: Death): Scenario {
  return async ({ primitives: { Lock, Semaphore }, extra }) => {
    const [semaphore, lock] = [new Semaphore(3), new Lock()];
    const doomed = await extra();
    await (await doomed.attach(semaphore)).acquire("sync", { count: 2 });
    await (await doomed.attach(lock)).acquire("sync");
    await die(doomed);
    equal(lock.acquireSync({ timeout: SOON_MS }).ownerDied, true); // by now the death has been dealt with
    equal(semaphore.value, 1);
  };
}

function readSharesComeBack(die: Death): Scenario {
  return async ({ primitives: { RWLock }, extra, peer }) => {
    const lock = new RWLock();
    for (const form of ["sync", "async"] as const) {
      const doomed = await extra();
      await (await doomed.attach(lock)).at("read.").acquire(form);
      const living = lock.read.acquireSync();
      const waiting = await (await (await peer()).attach(lock)).begin("write.acquireSync");
      await die(doomed);
      equal(waiting.done, false);
      living.release();
      await (await waiting.result as Hold).release();
    }
    notEqual(lock.write.tryAcquire(), undefined);
  };
}

function wakeUpGoesOn(die: Death): Scenario {
  return async ({ primitives: { Semaphore }, extra, peer }) => {
    const semaphore = new Semaphore(0);
    const [doomed, survivor] = [await extra(), await peer()];
    await (await doomed.attach(semaphore)).begin("acquire");
    const waiting = await (await survivor.attach(semaphore)).begin("acquireSync");
    await die(doomed);
    semaphore.release();
    await waiting.result;
    equal(semaphore.value, 0);
  };
}

/** The doomed is stopped, so that it can be woken but cannot go on. */
function stoppedOneIsKilled(method: string): Scenario {
  return async ({ primitives: { Semaphore, Lock }, extra, peer }) => {
    const [semaphore, lock] = [new Semaphore(0), new Lock()];
    const guard = lock.acquireSync();
    for (const [shared, wake] of [[semaphore, () => semaphore.release()], [lock, () => guard.release()]] as const) {
      const doomed = await extra();
      await (await doomed.attach(shared)).begin(method);
      await stopped(doomed);
      const waiting = await (await (await peer()).attach(shared)).begin(method);
      wake();
      await doomed.kill();
      await waiting.result;
    }
    equal(semaphore.value, 0);
  };
}

const deadly: Scenarios = Object.fromEntries(
  Object.entries(deaths).flatMap(([how, die]) => [
    [`holder ${how}: permits of a BoundedSemaphore come back`, permitsComeBack(die)],
    [`holder ${how}: a Semaphore's count stays`, countsStay(die)],
    [`reader ${how}: its share comes back`, readSharesComeBack(die)],
    [`waiter ${how}: a semaphore's wake-up goes to another`, wakeUpGoesOn(die)],
  ]),
);

const processes: Scenarios = {
  "blocked waiter stopped, woken and killed: another is woken": stoppedOneIsKilled("acquireSync"),
  "waiting task stopped, woken and killed: another is woken": stoppedOneIsKilled("acquire"),
};

/** The suite of dying holders of counts. */
export const countingDeaths: Suite = {
  title: "Counts and death",
  alone: {},
  together: {},
  blocking: {},
  deadly,
  deadlyProcesses: processes,
};
