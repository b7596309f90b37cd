// What becomes of a lock whose holder dies, and of who waits for it.
import { equal } from "node:assert/strict";
import type { Scenario, Scenarios, Scene } from "../scene.ts";
import type { Form } from "../messages.ts";
import { inForm } from "../messages.ts";
import type { Hold } from "../party.ts";
import type { Peer } from "../peer.ts";
import { SOON_MS } from "../expectations.ts";
import type { Suite } from "./suite.ts";
import { type Exclusive, LOCK, RLOCK, type Subject, WRITE_SIDE } from "./subjects.ts";

const FORMS: readonly Form[] = ["sync", "async"];

/** The ways to die: from outside, without a word; by its own exit. */
export const deaths: Readonly<Record<string, (peer: Peer) => Promise<unknown>>> = {
  "killed": (peer) => peer.kill(),
  "by process.exit": (peer) => {
    void peer.order({ op: "exit", code: 3 });
    return peer.ended;
  },
};

type Death = (peer: Peer) => Promise<unknown>;

async function waitersGetIt(made: Exclusive, scene: Scene, die: Death): Promise<void> {
  const [next, afterNext] = [await made.at(await scene.peer(0)), await made.at(await scene.peer(1))];
  for (const form of FORMS) {
    const doomed = await scene.extra();
    await (await made.at(doomed)).acquire(form);
    const waiting = [await next.begin("acquireSync"), await afterNext.begin("acquire")];
    await die(doomed);
    const first = await Promise.race(waiting.map(({ result }) => result)) as Hold;
    equal(first.ownerDied, true);
    await first.release();
    const both = await Promise.all(waiting.map(({ result }) => result)) as Hold[];
    const second = both.find((hold) => hold !== first)!;
    equal(second.ownerDied, false);
    await second.release();
    equal(made.locked(), false);
  }
}

async function newcomersGetIt(made: Exclusive, scene: Scene, die: Death): Promise<void> {
  for (const form of FORMS) {
    const doomed = await scene.extra();
    const remote = await made.at(doomed);
    await remote.acquire(form);
    await die(doomed);
    const guard = form === "sync" ? made.lock.acquireSync({ timeout: SOON_MS }) : await made.lock.acquire();
    equal(guard.ownerDied, true);
    guard.release();
    const after = made.lock.acquireSync();
    equal(after.ownerDied, false);
    after.release();
  }
}

async function deadWaiterTakesNothing(made: Exclusive, scene: Scene, die: Death): Promise<void> {
  const survivor = await made.at(await scene.peer());
  for (const form of FORMS) {
    const doomed = await scene.extra();
    const mine = made.lock.acquireSync();
    await (await made.at(doomed)).begin("acquire");
    const waiting = await survivor.begin(inForm(form, "acquire"));
    await die(doomed);
    mine.release();
    const hold = await waiting.result as Hold;
    equal(hold.ownerDied, false);
    await hold.release();
  }
}

async function blockedWaiterIsKilled(made: Exclusive, scene: Scene): Promise<void> {
  const [doomed, survivor] = [await scene.extra(), await made.at(await scene.peer())];
  const mine = made.lock.acquireSync();
  await (await made.at(doomed)).begin("acquireSync");
  const waiting = await survivor.begin("acquireSync");
  await doomed.kill();
  mine.release();
  await (await waiting.result as Hold).release();
}

async function holderOfManyLevels(made: Exclusive, scene: Scene): Promise<void> {
  const doomed = await scene.extra();
  const remote = await made.at(doomed);
  for (let level = 0; level < 3; level++) await remote.acquire("sync");
  await doomed.kill();
  const guard = made.lock.acquireSync({ timeout: SOON_MS });
  equal(guard.ownerDied, true);
  guard.release();
  equal(made.locked(), false);
}

function deadly(subject: Subject): Scenarios {
  const play = (scenario: (made: Exclusive, scene: Scene) => Promise<void>): Scenario => (scene) =>
    scenario(subject.make(scene.primitives), scene);
  const scenarios = Object.entries(deaths).flatMap(([how, die]) =>
    [
      [`holder ${how}: a waiter gets it`, (made: Exclusive, scene: Scene) => waitersGetIt(made, scene, die)],
      [`holder ${how}: a newcomer gets it`, (made: Exclusive, scene: Scene) => newcomersGetIt(made, scene, die)],
      [`waiter ${how}: another gets it`, (made: Exclusive, scene: Scene) => deadWaiterTakesNothing(made, scene, die)],
    ] as const
  );
  return {
    ...Object.fromEntries(scenarios.map(([title, scenario]) => [title, play(scenario)])),
    "blocked waiter killed: another gets it": play(blockedWaiterIsKilled),
    ...(subject === RLOCK ? { "holder of three levels killed": play(holderOfManyLevels) } : {}),
  };
}

/** The suites of dying holders and waiters. */
export const lockDeaths: readonly Suite[] = [LOCK, RLOCK, WRITE_SIDE].map((subject) => ({
  title: `${subject.title} and death`,
  alone: {},
  together: {},
  blocking: {},
  deadly: deadly(subject),
}));
