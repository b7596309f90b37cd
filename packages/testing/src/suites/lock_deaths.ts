// What becomes of a lock whose holder dies, and of who waits for it.
import { deepEqual, equal } from "node:assert/strict";
import type { Scenario, Scene } from "../scene.ts";
import { inForm } from "../messages.ts";
import type { Hold } from "../party.ts";
import type { Peer } from "../peer.ts";
import { SOON_MS } from "../expectations.ts";
import type { Suite } from "./suite.ts";
import { type Exclusive, LOCK, RLOCK, type Subject, WRITE_SIDE } from "./subjects.ts";

/** The ways to die: from outside, without a word; by its own exit. */
export const deaths: Readonly<Record<string, (peer: Peer) => Promise<unknown>>> = {
  "killed": (peer) => peer.kill(),
  "by process.exit": (peer) => {
    void peer.order({ op: "exit", code: 3 });
    return peer.ended;
  },
};

type Death = (peer: Peer) => Promise<unknown>;

/** Two locks, one taken by the thread and one by a task of the doomed. */
async function doomedHolder(make: () => Exclusive, scene: Scene): Promise<[Peer, Exclusive, Exclusive]> {
  const doomed = await scene.extra();
  const [threads, tasks] = [make(), make()];
  await (await threads.at(doomed)).acquire("sync");
  await (await tasks.at(doomed)).acquire("async");
  return [doomed, threads, tasks];
}

async function waitersGetIt(make: () => Exclusive, scene: Scene, die: Death): Promise<void> {
  const [doomed, threads, tasks] = await doomedHolder(make, scene);
  const [one, other] = [await scene.peer(0), await scene.peer(1)];
  const waiting = [
    [await (await threads.at(one)).begin("acquireSync"), await (await threads.at(other)).begin("acquire")],
    [await (await tasks.at(scene.here)).begin("acquire"), await (await tasks.at(other, "two")).begin("acquire")],
  ];
  await die(doomed);
  for (const calls of waiting) {
    const results = calls.map(({ result }) => result as Promise<Hold>);
    const first = await Promise.race(results);
    equal(first.ownerDied, true);
    await first.release();
    for (const hold of await Promise.all(results)) if (hold !== first) await releaseSecond(hold);
  }
  deepEqual([threads.locked(), tasks.locked()], [false, false]);
}

async function releaseSecond(hold: Hold): Promise<void> {
  equal(hold.ownerDied, false);
  await hold.release();
}

async function newcomersGetIt(make: () => Exclusive, scene: Scene, die: Death): Promise<void> {
  const [doomed, threads, tasks] = await doomedHolder(make, scene);
  await die(doomed);
  for (
    const guard of [threads.lock.acquireSync({ timeout: SOON_MS }), await tasks.lock.acquire({ timeout: SOON_MS })]
  ) {
    equal(guard.ownerDied, true);
    guard.release();
  }
  for (const { lock } of [threads, tasks]) {
    const guard = lock.acquireSync();
    equal(guard.ownerDied, false);
    guard.release();
  }
}

async function deadWaiterTakesNothing(make: () => Exclusive, scene: Scene, die: Death): Promise<void> {
  const [doomed, survivor] = [await scene.extra(), await scene.peer()];
  const [made, other] = [make(), make()];
  const guards = [made.lock.acquireSync(), other.lock.acquireSync()];
  const waiting = [];
  for (const [lock, form] of [[other, "async"], [made, "sync"]] as const) {
    await (await lock.at(doomed, form)).begin("acquire");
    waiting.push(await (await lock.at(survivor, form)).begin(inForm(form, "acquire")));
  }
  await die(doomed);
  for (const guard of guards) guard.release();
  for (const { result } of waiting) await releaseSecond(await result as Hold);
}

async function blockedWaiterIsKilled(make: () => Exclusive, scene: Scene): Promise<void> {
  const made = make();
  const [doomed, survivor] = [await scene.extra(), await made.at(await scene.peer())];
  const mine = made.lock.acquireSync();
  await (await made.at(doomed)).begin("acquireSync");
  const waiting = await survivor.begin("acquireSync");
  await doomed.kill();
  mine.release();
  await (await waiting.result as Hold).release();
}

async function holderOfManyLevels(make: () => Exclusive, scene: Scene): Promise<void> {
  const made = make();
  const doomed = await scene.extra();
  const remote = await made.at(doomed);
  for (let level = 0; level < 3; level++) await remote.acquire("sync");
  await doomed.kill();
  const guard = made.lock.acquireSync({ timeout: SOON_MS });
  equal(guard.ownerDied, true);
  guard.release();
  equal(made.locked(), false);
}

function deadlyScenarios(subject: Subject): Pick<Suite, "deadly" | "deadlyBlocked"> {
  const play = (scenario: (make: () => Exclusive, scene: Scene) => Promise<void>): Scenario => (scene) =>
    scenario(() => subject.make(scene.primitives), scene);
  const byDeath = Object.entries(deaths).flatMap(([how, die]): [string, Scenario][] => [
    [`holder ${how}: waiters get it`, play((make, scene) => waitersGetIt(make, scene, die))],
    [`holder ${how}: newcomers get it`, play((make, scene) => newcomersGetIt(make, scene, die))],
    [`waiter ${how}: another gets it`, play((make, scene) => deadWaiterTakesNothing(make, scene, die))],
  ]);
  if (subject === RLOCK) byDeath.push(["holder of three levels killed", play(holderOfManyLevels)]);
  return {
    deadly: Object.fromEntries(byDeath),
    deadlyBlocked: { "blocked waiter killed: another gets it": play(blockedWaiterIsKilled) },
  };
}

/** The suites of dying holders and waiters. */
export const lockDeaths: readonly Suite[] = [LOCK, RLOCK, WRITE_SIDE].map((subject) => ({
  title: `${subject.title} and death`,
  alone: {},
  together: {},
  blocking: {},
  ...deadlyScenarios(subject),
}));
