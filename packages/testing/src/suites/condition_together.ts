// What many waiters of one Condition see: section 4 of the behaviours.
import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import type { ConditionLike } from "@lockstep/contract";
import { NOT_HELD, SHORT_MS, takesAtLeast } from "../expectations.ts";
import type { Form } from "../messages.ts";
import type { Call, Hold, Remote, Shared } from "../party.ts";
import { type Scenario, type Scenarios, type Scene, until } from "../scene.ts";
import { enter } from "./condition_blocking.ts";
import { conditionOf } from "./subjects.ts";

type Made = ConditionLike & Shared;

function ofEach(play: (condition: Made, scene: Scene) => Promise<void>): Scenario {
  return async (scene) => {
    const { primitives } = scene;
    for (const condition of [new primitives.Condition(), conditionOf(primitives, new primitives.Lock())]) {
      await play(condition, scene);
      equal(condition.lock.locked, false);
    }
  };
}

/** Six waiters, in three peers and here. No thread that blocks has Promise waits too: they could not go on. */
async function sixWaiters(condition: Made, { peer, here }: Scene): Promise<{ hold: Hold; wait: Call }[]> {
  const plan = [
    [await peer(0), "a", "async"],
    [await peer(1), "a", "sync"],
    [here, "a", "async"],
    [await peer(0), "b", "async"],
    [await peer(2), "a", "sync"],
    [here, "b", "async"],
  ] as const;
  const entered = [];
  for (const [party, task, form] of plan) entered.push(await enter((await party.attach(condition)).in(task), form));
  return entered;
}

/** Who was woken holds the lock until its guard goes; so each in turn releases. */
async function releaseWhenWoken(entered: { hold: Hold; wait: Call }[], woken: unknown[]): Promise<void> {
  await Promise.all(entered.map(async ({ hold, wait }) => {
    woken.push(await wait.result);
    await hold.release();
  }));
}

async function notifyWakesSoMany(condition: Made, scene: Scene): Promise<void> {
  const entered = await sixWaiters(condition, scene);
  const woken: unknown[] = [];
  const all = releaseWhenWoken(entered, woken);
  const notify = async (count: number, expected: number): Promise<void> => {
    const guard = await condition.acquire();
    condition.notify(count);
    guard.release();
    await until(() => woken.length >= expected);
    await new Promise((resolve) => setTimeout(resolve, SHORT_MS / 3)); // for one too many to show itself
    equal(woken.length, expected);
  };
  await notify(0, 0);
  await notify(1, 1);
  await notify(2, 3);
  await notify(4, 6);
  await all;
  deepEqual(woken, [true, true, true, true, true, true]);
  await notify(3, 6);
  const guard = await condition.acquire();
  equal(await condition.wait({ timeout: 1 }), false); // nothing was stored
  guard.release();
}

async function notifyAllWakesAll(condition: Made, scene: Scene): Promise<void> {
  const entered = await sixWaiters(condition, scene);
  const woken: unknown[] = [];
  const all = releaseWhenWoken(entered, woken);
  const guard = condition.acquireSync();
  condition.notifyAll();
  guard.release();
  await all;
  deepEqual(woken, [true, true, true, true, true, true]);
}

async function wakesInOrder(condition: Made, scene: Scene): Promise<void> {
  const entered = await sixWaiters(condition, scene);
  const order: number[] = [];
  const all = Promise.all(entered.map(async ({ hold, wait }, index) => {
    await wait.result;
    order.push(index);
    await hold.release();
  }));
  for (const index of entered.keys()) {
    const guard = await condition.acquire();
    condition.notify();
    guard.release();
    await until(() => order.length > index);
  }
  await all;
  deepEqual(order, [0, 1, 2, 3, 4, 5]);
}

/** One notification: either the one who gives up takes it after all, or it goes to the next. */
async function notifiedAndAbortedAtOnce(condition: Made, { peer }: Scene): Promise<void> {
  const stayer = (await (await peer()).attach(condition)).in("waiter");
  for (const form of ["sync", "async"] as const) {
    const hold = await condition.acquire();
    const controller = new AbortController();
    const quitting = condition.wait({ signal: controller.signal }).catch(() => false);
    const woken: unknown[] = [];
    const staying = releaseWhenWoken([await enter(stayer, form)], woken);
    notifyOnce(condition);
    controller.abort();
    const wasNotified = await quitting;
    hold.release();
    if (wasNotified) notifyOnce(condition);
    await staying;
    deepEqual(woken, [true]);
  }
}

function notifyOnce(condition: ConditionLike): void {
  const guard = condition.acquireSync();
  condition.notify();
  guard.release();
}

async function manyTimeOutAtOnce(condition: Made, { peer, here }: Scene): Promise<void> {
  const [one, other] = [await (await peer(0)).attach(condition), await (await peer(1)).attach(condition)];
  const mine = await here.attach(condition);
  const waits = [one.in("a"), one.in("b"), mine.in("a"), mine.in("b")].map((remote) => timeOut(remote, "async"));
  waits.push(timeOut(other, "sync"));
  deepEqual(await takesAtLeast(SHORT_MS, () => Promise.all(waits)), [false, false, false, false, false]);
}

async function timeOut(remote: Remote, form: Form): Promise<unknown> {
  const hold = await remote.acquire(form);
  const result = await remote.call(form === "sync" ? "waitSync" : "wait", { timeout: SHORT_MS });
  await hold.release();
  return result;
}

const waitGivesUpAllLevels: Scenario = async ({ primitives: { Condition }, peer }) => {
  const condition = new Condition();
  const remote = (await (await peer()).attach(condition)).in("waiter");
  for (const form of ["sync", "async"] as const) {
    const holds = [await remote.acquire(form), await remote.acquire(form)];
    const { hold, wait } = await enter(remote, form);
    notifyOnce(condition);
    equal(await wait.result, true);
    for (const level of [hold, ...holds]) {
      equal(condition.tryAcquire(), undefined);
      await level.release();
    }
    condition.acquireSync().release();
  }
};

const heldByAnyoneIsHeld: Scenario = async ({ primitives, peer }) => {
  const plain = conditionOf(primitives, new primitives.Lock());
  const owned = conditionOf(primitives, new primitives.RLock());
  const party = await peer();
  const holds = [await (await party.attach(plain)).acquire("sync"), await (await party.attach(owned)).acquire("sync")];
  plain.notify();
  plain.notifyAll();
  const notMine = (error: Error & { code?: string }): boolean =>
    ["ERR_LOCKSTEP_NOT_OWNER", "ERR_LOCKSTEP_LOCK_NOT_HELD"].includes(error.code ?? "");
  throws(() => owned.notify(), notMine);
  throws(() => owned.notifyAll(), notMine);
  throws(() => owned.waitSync({ timeout: 0 }), notMine);
  await rejects(owned.wait({ timeout: 0 }), notMine);
  for (const hold of holds) await hold.release();
  throws(() => owned.notify(), NOT_HELD);
};

const peerAcquiresAndReleases: Scenario = async ({ primitives, peer }) => {
  const lock = new primitives.Lock();
  const condition = conditionOf(primitives, lock);
  const hold = await (await (await peer()).attach(condition)).acquire("sync");
  equal(lock.locked, true);
  equal(lock.tryAcquire(), undefined);
  await hold.release();
  equal(lock.locked, false);
};

/** The scenarios with peers. */
export const conditionTogether: Scenarios = {
  "AS-02 notified and aborted at once, one of the two takes it": ofEach(notifiedAndAbortedAtOnce),
  "CO-05 many time out at once": ofEach(manyTimeOutAtOnce),
  "CO-08 CO-10 notify wakes so many": ofEach(notifyWakesSoMany),
  "CO-10 notifyAll wakes all": ofEach(notifyAllWakesAll),
  "CO-15 a peer has the same lock": peerAcquiresAndReleases,
  "CO-16 wait gives up all levels": waitGivesUpAllLevels,
  "CO-17 wakes in the order of arrival": ofEach(wakesInOrder),
  "CO-19 a plain lock held by anyone is held": heldByAnyoneIsHeld,
};
