// What a Barrier does for the tasks of one thread: sections 6 and 19 of the behaviours.
import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import type { BarrierLike } from "@lockstep/contract";
import { BROKEN, SHORT_MS, SOON_MS, takesAtLeast, WRONG_TYPE, WRONG_VALUE } from "../expectations.ts";
import type { Scenario, Scenarios } from "../scene.ts";

const refusesBadArguments: Scenario = ({ primitives: { Barrier } }) => {
  for (const parties of [0, -1, 0.5, NaN, Infinity]) throws(() => new Barrier(parties), WRONG_VALUE);
  throws(() => new Barrier("2" as never), WRONG_TYPE);
  throws(() => new Barrier(2, { timeout: -1 }), WRONG_VALUE);
  throws(() => new Barrier(2, { action: 5 as never }), WRONG_TYPE);
};

const onePartyNeverWaits: Scenario = async ({ primitives: { Barrier } }) => {
  const barrier = new Barrier(1);
  deepEqual([barrier.waitSync(), await barrier.wait(), barrier.waitSync({ timeout: 0 })], [0, 0, 0]);
  deepEqual([barrier.parties, barrier.waiting, barrier.broken], [1, 0, false]);
};

const givesEachItsIndex: Scenario = async ({ primitives: { Barrier } }) => {
  const barrier = new Barrier(3);
  for (let cycle = 0; cycle < 3; cycle++) {
    const waits = [barrier.wait(), barrier.wait()];
    equal(barrier.waiting, 2);
    const last = barrier.waitSync();
    deepEqual([...await Promise.all(waits), last].toSorted(), [0, 1, 2]);
    deepEqual([barrier.waiting, barrier.broken], [0, false]);
  }
};

const actsOnceBeforeAnyoneGoes: Scenario = async ({ primitives: { Barrier } }) => {
  let acted = 0;
  const barrier = new Barrier(3, { action: () => void acted++ });
  for (let cycle = 1; cycle <= 2; cycle++) {
    const passes = [0, 1, 2].map(() => barrier.wait().then(() => equal(acted, cycle)));
    await Promise.all(passes);
  }
  equal(acted, 2);
};

const brokenByItsAction: Scenario = async ({ primitives: { Barrier } }) => {
  const failure = new Error("the action failed");
  const fail = (): never => {
    throw failure;
  };
  const barrier = new Barrier(3, { action: fail });
  for (const last of [() => barrier.wait(), () => Promise.resolve().then(() => barrier.waitSync())]) {
    const waits = [rejects(barrier.wait(), BROKEN), rejects(barrier.wait(), BROKEN)];
    await rejects(last(), (error) => error === failure);
    await Promise.all(waits);
    equal(barrier.broken, true);
    barrier.reset();
  }
};

const breaksWhenTimeRunsOut: Scenario = async ({ primitives: { Barrier } }) => {
  const barrier = new Barrier(2);
  throws(() => barrier.waitSync({ timeout: 0 }), BROKEN);
  equal(barrier.broken, true);
  throws(() => barrier.waitSync(), BROKEN);
  await rejects(barrier.wait(), BROKEN);
  barrier.reset();
  deepEqual([barrier.broken, barrier.waiting], [false, 0]);
  await rejects(barrier.wait({ timeout: 0 }), BROKEN);
  barrier.reset();
  await takesAtLeast(SHORT_MS, () => rejects(barrier.wait({ timeout: SHORT_MS }), BROKEN));
  barrier.reset();
  await takesAtLeast(SHORT_MS, () => throws(() => barrier.waitSync({ timeout: SHORT_MS }), BROKEN));
};

const hasATimeoutOfItsOwn: Scenario = async ({ primitives: { Barrier } }) => {
  const barrier = new Barrier(2, { timeout: SHORT_MS });
  await takesAtLeast(SHORT_MS, () => throws(() => barrier.waitSync(), BROKEN));
  barrier.reset();
  await takesAtLeast(SHORT_MS, () => rejects(barrier.wait(), BROKEN));
  barrier.reset();
  await takesAtLeast(2 * SHORT_MS, () => rejects(barrier.wait({ timeout: 2 * SHORT_MS }), BROKEN));
};

const abortAndReset: Scenario = async ({ primitives: { Barrier } }) => {
  const barrier = new Barrier(3);
  barrier.reset(); // nobody waits: harmless
  for (const end of ["abort", "reset"] as const) {
    const waits = [rejects(barrier.wait(), BROKEN), rejects(barrier.wait(), BROKEN)];
    barrier[end]();
    await Promise.all(waits);
    equal(barrier.broken, end === "abort");
    barrier.reset();
    barrier.reset();
    const passes = [barrier.wait(), barrier.wait(), barrier.wait()];
    deepEqual((await Promise.all(passes)).toSorted(), [0, 1, 2]);
  }
};

const arrivesAgainAfterReset: Scenario = async ({ primitives: { Barrier } }) => {
  const barrier = new Barrier(3);
  const waits = [rejects(barrier.wait(), BROKEN), rejects(barrier.wait(), BROKEN)];
  barrier.reset();
  const passes = [barrier.wait(), barrier.wait()];
  equal(barrier.waitSync({ timeout: SOON_MS }), 2);
  deepEqual(await Promise.all(passes), [0, 1]);
  await Promise.all(waits);
};

const resetByItsAction: Scenario = async ({ primitives: { Barrier } }) => {
  const failure = new Error("the action failed");
  const barrier: BarrierLike = new Barrier(2, {
    action: () => {
      barrier.reset();
      throw failure;
    },
  });
  const wait = rejects(barrier.wait(), BROKEN);
  throws(() => barrier.waitSync(), (error) => error === failure);
  await wait;
  deepEqual([barrier.waiting, barrier.broken], [0, false]);
};

const abortedSignalBreaksNothing: Scenario = async ({ primitives: { Barrier } }) => {
  const barrier = new Barrier(2);
  const reason = new Error("no longer wanted");
  await rejects(barrier.wait({ signal: AbortSignal.abort(reason) }), (error) => error === reason);
  deepEqual([barrier.waiting, barrier.broken], [0, false]);
};

const abortedWaitBreaksIt: Scenario = async ({ primitives: { Barrier } }) => {
  const barrier = new Barrier(3);
  const controller = new AbortController();
  const reason = new Error("enough");
  const other = rejects(barrier.wait(), BROKEN);
  const mine = rejects(barrier.wait({ signal: controller.signal, timeout: SOON_MS }), (error) => error === reason);
  controller.abort(reason);
  await Promise.all([mine, other]);
  equal(barrier.broken, true);
};

/** The scenarios of one thread. */
export const barrierAlone: Scenarios = {
  "BA-01 refuses bad arguments": refusesBadArguments,
  "BA-03 gives each its index": givesEachItsIndex,
  "BA-04 acts once, before anyone goes": actsOnceBeforeAnyoneGoes,
  "BA-07 BA-16 abort and reset": abortAndReset,
  "BA-07 a thread that has reset it arrives again at once": arrivesAgainAfterReset,
  "BA-15 an action that resets it and throws does not break it": resetByItsAction,
  "BA-09 has a timeout of its own": hasATimeoutOfItsOwn,
  "BA-10 one party never waits": onePartyNeverWaits,
  "BA-15 is broken by an action that throws": brokenByItsAction,
  "BA-16 breaks when time runs out": breaksWhenTimeRunsOut,
  "AS-01 an aborted signal breaks nothing": abortedSignalBreaksNothing,
  "AS-04 an aborted wait breaks it": abortedWaitBreaksIt,
};
