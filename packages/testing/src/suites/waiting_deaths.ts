// What becomes of those who wait together with one that dies: at a barrier, on a condition, for an event.
import { equal, rejects } from "node:assert/strict";
import { BROKEN } from "../expectations.ts";
import { inForm } from "../messages.ts";
import { type Scenario, type Scenarios, until } from "../scene.ts";
import { enter } from "./condition_blocking.ts";
import { deaths } from "./lock_deaths.ts";
import { stopped } from "./stopped.ts";
import { conditionOf } from "./subjects.ts";
import type { Suite } from "./suite.ts";

type Death = (typeof deaths)[string];

function deadPartyBreaksTheBarrier(die: Death, form: "sync" | "async"): Scenario {
  return async ({ primitives: { Barrier }, extra, peer, here }) => {
    const barrier = new Barrier(4);
    const doomed = await extra();
    await (await doomed.attach(barrier)).begin(inForm(form, "wait"));
    const waits = [
      await (await (await peer()).attach(barrier)).begin("waitSync"),
      await (await here.attach(barrier)).begin("wait"),
    ];
    await die(doomed);
    for (const { result } of waits) await rejects(result, BROKEN);
    equal(barrier.broken, true);
    barrier.reset();
    equal(barrier.waiting, 0);
  };
}

function deadPartyThatPassedBreaksNothing(die: Death): Scenario {
  return async ({ primitives: { Barrier }, extra }) => {
    const barrier = new Barrier(2);
    const doomed = await extra();
    const remote = await doomed.attach(barrier);
    await Promise.all([remote.call("waitSync"), barrier.wait()]);
    await die(doomed);
    const next = await extra();
    await Promise.all([(await next.attach(barrier)).call("waitSync"), barrier.wait()]);
    equal(barrier.broken, false);
  };
}

function deadWaiterTakesNoNotification(die: Death): Scenario {
  return async ({ primitives, extra, peer }) => {
    for (const condition of [new primitives.Condition(), conditionOf(primitives, new primitives.Lock())]) {
      const [doomed, survivor] = [await extra(), (await (await peer()).attach(condition)).in("waiter")];
      await enter((await doomed.attach(condition)).in("waiter"), "async");
      const { hold, wait } = await enter(survivor, "sync");
      await die(doomed);
      // It may still go to the dead one's place; then it is passed on.
      const guard = condition.acquireSync();
      condition.notify();
      guard.release();
      equal(await wait.result, true);
      await hold.release();
    }
  };
}

function eventStillWakes(die: Death): Scenario {
  return async ({ primitives: { Event }, extra, peer }) => {
    const event = new Event();
    const doomed = await extra();
    await (await doomed.attach(event)).begin("wait");
    const waiting = await (await (await peer()).attach(event)).begin("waitSync");
    await die(doomed);
    event.set();
    equal(await waiting.result, true);
  };
}

/** The doomed is first in line and has been notified, but is stopped before it can know. */
function notificationGoesOn(form: "sync" | "async"): Scenario {
  return async ({ primitives, extra, peer }) => {
    for (const condition of [new primitives.Condition(), conditionOf(primitives, new primitives.Lock())]) {
      const [doomed, survivor] = [await extra(), (await (await peer()).attach(condition)).in("waiter")];
      await enter((await doomed.attach(condition)).in("waiter"), form);
      await stopped(doomed);
      const { hold, wait } = await enter(survivor, form);
      const guard = condition.acquireSync();
      condition.notify();
      guard.release();
      await doomed.kill();
      equal(await wait.result, true);
      await hold.release();
      await until(() => !condition.lock.locked);
    }
  };
}

const deadly: Scenarios = Object.fromEntries(
  Object.entries(deaths).flatMap(([how, die]) => [
    [`waiting party ${how}: the barrier breaks`, deadPartyBreaksTheBarrier(die, "async")],
    [`party that passed ${how}: the barrier stays`, deadPartyThatPassedBreaksNothing(die)],
    [`waiter ${how}: takes no notification with it`, deadWaiterTakesNoNotification(die)],
    [`waiter ${how}: an event still wakes the others`, eventStillWakes(die)],
  ]),
);

/** The suite of dying waiters. */
export const waitingDeaths: Suite = {
  title: "Waits and death",
  alone: {},
  together: {},
  blocking: {},
  deadly,
  deadlyBlocked: {
    "blocked party killed: the barrier breaks": deadPartyBreaksTheBarrier((peer) => peer.kill(), "sync"),
  },
  deadlyProcesses: {
    "blocked waiter notified and killed: another is notified": notificationGoesOn("sync"),
    "waiting task notified and killed: another is notified": notificationGoesOn("async"),
  },
};
