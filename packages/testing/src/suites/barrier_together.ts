// What the parties of a Barrier see in several threads: section 6 of the behaviours.
import { deepEqual, equal, rejects } from "node:assert/strict";
import type { BlockingScenario } from "../cast.ts";
import { BROKEN, SHORT_MS, SOON_MS, takesAtLeast } from "../expectations.ts";
import { type Form, inForm, numberNamed, signalNamed } from "../messages.ts";
import type { Remote, Shared } from "../party.ts";
import { type Scenario, type Scenarios, type Scene, until } from "../scene.ts";

const PARTIES = 5;
const INDICES = [0, 1, 2, 3, 4];
const PASSES = 10;

/** Five parties of both forms, and how each waits. */
async function five(shared: Shared, { peer, here }: Scene): Promise<{ remote: Remote; form: Form; wait: string }[]> {
  const [zero, one, two] = [await peer(0), await peer(1), await peer(2)];
  const plan = [[zero, "sync"], [one, "sync"], [two, "async"], [two, "async"], [here, "async"]] as const;
  return await Promise.all(plan.map(async ([party, form]) => {
    return { remote: await party.attach(shared), form, wait: inForm(form, "wait") };
  }));
}

const nobodyRunsAhead: Scenario = async (scene) => {
  const { Barrier, Semaphore } = scene.primitives;
  const barrier = new Barrier(PARTIES);
  const [before, after] = [new Semaphore(0), new Semaphore(0)];
  const parties = await five(barrier, scene);
  await Promise.all(parties.map(async ({ remote, wait }) => {
    const [mineBefore, mineAfter] = [await remote.party.attach(before), await remote.party.attach(after)];
    for (let pass = 0; pass < PASSES; pass++) {
      await mineBefore.call("release");
      equal(await mineAfter.call("value"), pass * PARTIES);
      await remote.call(wait);
      await mineAfter.call("release");
      equal(await mineBefore.call("value"), (pass + 1) * PARTIES);
      await remote.call(wait);
    }
  }));
  deepEqual([barrier.waiting, barrier.broken], [0, false]);
};

const givesEachItsIndex: Scenario = async (scene) => {
  const parties = await five(new scene.primitives.Barrier(PARTIES), scene);
  for (let cycle = 0; cycle < 3; cycle++) {
    const indices = await Promise.all(parties.map(({ remote, wait }) => remote.call(wait)));
    deepEqual(indices.toSorted(), INDICES);
  }
};

const actsBeforeAnyoneGoes: Scenario = async (scene) => {
  const { Barrier, Semaphore } = scene.primitives;
  const acted = new Semaphore(0);
  const barrier = new Barrier(PARTIES, { action: () => acted.release() });
  const parties = (await five(barrier, scene)).slice(0, -1);
  const passes = parties.map(async ({ remote, wait }) => {
    const seen = await remote.party.attach(acted);
    await remote.call(wait);
    equal(await seen.call("value"), 1);
  });
  await until(() => barrier.waiting === PARTIES - 1);
  equal(acted.value, 0);
  await barrier.wait(); // the last to arrive has the action
  await Promise.all(passes);
  equal(acted.value, 1);
};

const abortBreaksIt: Scenario = async (scene) => {
  const barrier = new scene.primitives.Barrier(PARTIES);
  const parties = await five(barrier, scene);
  await Promise.all(parties.map(({ remote, wait }) => remote.call(wait)));
  const [quitter, ...others] = parties;
  const waits = others.map(({ remote, wait }) => rejects(remote.call(wait), BROKEN));
  await until(() => barrier.waiting === PARTIES - 1);
  await quitter!.remote.call("abort");
  await Promise.all(waits);
  for (const { remote, wait } of parties) {
    equal(await remote.call("broken"), true);
    await rejects(remote.call(wait), BROKEN);
  }
  await quitter!.remote.call("reset");
  const indices = await Promise.all(parties.map(({ remote, wait }) => remote.call(wait)));
  deepEqual(indices.toSorted(), INDICES);
};

const resetMeetsAtAnother: Scenario = async (scene) => {
  const { Barrier } = scene.primitives;
  const [first, second] = [new Barrier(PARTIES), new Barrier(PARTIES)];
  const parties = await five(first, scene);
  await Promise.all(parties.map(async ({ remote, wait }, index) => {
    const other = await remote.party.attach(second);
    await remote.call(wait);
    if (index === 2) await remote.call("abort");
    else await rejects(remote.call(wait), BROKEN);
    if (await other.call(wait) === PARTIES - 1) await remote.call("reset");
    await other.call(wait);
    await remote.call(wait);
  }));
  deepEqual([first.broken, second.broken, first.waiting, second.waiting], [false, false, 0, 0]);
};

const breaksWhenTimeRunsOut: Scenario = async (scene) => {
  const barrier = new scene.primitives.Barrier(PARTIES);
  const parties = await five(barrier, scene);
  const [late, ...others] = parties;
  await takesAtLeast(SHORT_MS, () =>
    Promise.all(others.map(({ remote, wait }, index) => {
      // The shortest wait breaks it for the long ones too.
      return rejects(remote.call(wait, { timeout: index === 0 ? SHORT_MS : SOON_MS }), BROKEN);
    })));
  await rejects(late!.remote.call(late!.wait), BROKEN);
};

const tellsHowManyWait: Scenario = async (scene) => {
  const barrier = new scene.primitives.Barrier(3);
  const [one, other] = [await (await scene.peer(0)).attach(barrier), await (await scene.peer(1)).attach(barrier)];
  equal(await other.call("parties"), 3);
  const waits = [await one.begin("wait"), await one.begin("waitSync")];
  deepEqual([await other.call("waiting"), barrier.waiting], [2, 2]);
  await other.call("wait");
  await Promise.all(waits.map(({ result }) => result));
  deepEqual([await other.call("waiting"), barrier.waiting], [0, 0]);
  await other.call("reset");
  equal(barrier.broken, false);
};

const brokenByItsAction: Scenario = async (scene) => {
  const fail = (): never => {
    throw new RangeError("the action failed");
  };
  const barrier = new scene.primitives.Barrier(3, { action: fail });
  const remotes = [await (await scene.peer(0)).attach(barrier), await (await scene.peer(1)).attach(barrier)];
  const waits = [await remotes[0]!.begin("wait"), await remotes[1]!.begin("waitSync")];
  await rejects(barrier.wait(), { message: "the action failed" });
  for (const { result } of waits) await rejects(result, BROKEN);
};

const partiesMeet: BlockingScenario = async ({ waiter, waiterForm, waker, wakerForm }, { primitives }) => {
  const barrier = new primitives.Barrier(2);
  const [mine, theirs] = [await waiter.attach(barrier), await waker.attach(barrier)];
  for (const timeout of [SOON_MS, 2 ** 31, 2 ** 53, numberNamed("Infinity")]) {
    const waiting = await mine.begin(inForm(waiterForm, "wait"), { timeout });
    equal(barrier.waiting, 1);
    const last = await theirs.call(inForm(wakerForm, "wait"));
    deepEqual([await waiting.result, last].toSorted(), [0, 1]);
  }
};

const brokenByTheOther: BlockingScenario = async ({ waiter, waiterForm, waker }, { primitives }) => {
  const barrier = new primitives.Barrier(2);
  const [mine, theirs] = [await waiter.attach(barrier), await waker.attach(barrier)];
  for (const end of ["abort", "reset"]) {
    const waiting = await mine.begin(inForm(waiterForm, "wait"));
    await theirs.call(end);
    await rejects(waiting.result, BROKEN);
    await theirs.call("reset");
  }
};

const brokenByAnAbortedWait: BlockingScenario = async ({ waiter, waiterForm, waker }, { primitives }) => {
  const barrier = new primitives.Barrier(3);
  const [mine, theirs] = [await waiter.attach(barrier), await waker.attach(barrier)];
  const quitting = await theirs.begin("wait", { signal: signalNamed("quit"), timeout: SOON_MS });
  const waiting = await mine.begin(inForm(waiterForm, "wait"));
  await theirs.party.abort("quit", "enough");
  await rejects(quitting.result, { message: "enough" });
  await rejects(waiting.result, BROKEN);
};

/** The scenarios with peers. */
export const barrierTogether: Scenarios = {
  "BA-02 nobody runs ahead": nobodyRunsAhead,
  "BA-03 gives each its index": givesEachItsIndex,
  "BA-04 acts before anyone goes": actsBeforeAnyoneGoes,
  "BA-05 abort breaks it": abortBreaksIt,
  "BA-07 is reset by one while all meet at another": resetMeetsAtAnother,
  "BA-08 breaks when time runs out": breaksWhenTimeRunsOut,
  "BA-11 BA-14 tells how many wait": tellsHowManyWait,
  "BA-15 is broken by an action that throws": brokenByItsAction,
};

/** The scenarios in which one waits for the other. */
export const barrierBlocking: Readonly<Record<string, BlockingScenario>> = {
  "BA-03 AS-06 two parties meet": partiesMeet,
  "BA-05 abort and reset send away who waits": brokenByTheOther,
  "AS-04 an aborted wait breaks it": brokenByAnAbortedWait,
};
