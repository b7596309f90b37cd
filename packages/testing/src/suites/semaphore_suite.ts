// Semaphore and BoundedSemaphore: section 5 of the behaviours, and what tells the two apart.
import { equal, rejects, throws } from "node:assert/strict";
import type { BlockingScenario } from "../cast.ts";
import { BEYOND_BOUND, WRONG_VALUE } from "../expectations.ts";
import type { Primitives } from "../implementation.ts";
import type { Scenario, Scenarios } from "../scene.ts";
import { type Make, semaphoreAlone } from "./semaphore_alone.ts";
import { semaphoreBlocking, semaphoreTogether } from "./semaphore_together.ts";
import type { Suite } from "./suite.ts";

type Title = "Semaphore" | "BoundedSemaphore";

const countsWithoutBound: Scenario = ({ primitives: { Semaphore } }) => {
  const semaphore = new Semaphore(1);
  semaphore.release();
  semaphore.release(5);
  equal(semaphore.value, 7);
  semaphore.acquireSync({ count: 7 });
  equal(semaphore.tryAcquire(), undefined);
};

const strangerSignals: Scenario = async ({ primitives: { Semaphore }, peer }) => {
  const semaphore = new Semaphore(0);
  await (await (await peer()).attach(semaphore)).call("release", 2);
  equal(semaphore.value, 2);
};

const keepsItsBound: Scenario = ({ primitives: { BoundedSemaphore } }) => {
  const semaphore = new BoundedSemaphore(2);
  throws(() => semaphore.release(), BEYOND_BOUND);
  semaphore.acquireSync().release();
  throws(() => semaphore.release(), BEYOND_BOUND);
  semaphore.acquireSync();
  throws(() => semaphore.release(2), BEYOND_BOUND);
  equal(semaphore.value, 1); // all or nothing
  semaphore.release();
  equal(semaphore.value, 2);
};

const refusesMoreThanItsBound: Scenario = async ({ primitives: { BoundedSemaphore } }) => {
  for (const bound of [0, 1, 3]) {
    const semaphore = new BoundedSemaphore(bound);
    const count = Math.max(bound, 1) + 1;
    throws(() => semaphore.acquireSync({ count }), WRONG_VALUE);
    throws(() => semaphore.tryAcquire({ count }), WRONG_VALUE);
    await rejects(semaphore.acquire({ count }), WRONG_VALUE);
    equal(semaphore.value, bound);
  }
};

const strangerReleasesWithinBound: Scenario = async ({ primitives: { BoundedSemaphore }, peer }) => {
  const semaphore = new BoundedSemaphore(2);
  const remote = await (await peer()).attach(semaphore);
  const theirs = await remote.acquire("sync");
  semaphore.release();
  equal(semaphore.value, 2);
  throws(() => semaphore.release(), BEYOND_BOUND);
  await theirs.release(); // spent
  equal(semaphore.value, 2);
};

const releasesItsOwnFirst: Scenario = async ({ primitives: { BoundedSemaphore }, peer }) => {
  const semaphore = new BoundedSemaphore(2);
  const remote = await (await peer()).attach(semaphore);
  const theirs = await remote.acquire("sync");
  const mine = semaphore.acquireSync();
  semaphore.release();
  mine.release(); // spent: what is still taken is the peer's
  equal(semaphore.value, 1);
  await theirs.release();
  equal(semaphore.value, 2);
};

const own: Record<Title, { alone: Scenarios; together: Scenarios; deadly?: Scenarios }> = {
  Semaphore: {
    alone: { "SE-11 counts without a bound": countsWithoutBound },
    together: { "SE-18 anyone may release": strangerSignals },
  },
  BoundedSemaphore: {
    alone: {
      "SE-12 SE-19 keeps its bound": keepsItsBound,
      "SE-19 never waits for more than its bound": refusesMoreThanItsBound,
    },
    together: {
      "SE-18 anyone may release, within the bound": strangerReleasesWithinBound,
    },
    // Permits that come back at the death of their owner have one.
    deadly: { "a bare release gives back one's own permit first": releasesItsOwnFirst },
  },
};

/** The suites of both classes. */
export const semaphoreSuites: readonly Suite[] = (["Semaphore", "BoundedSemaphore"] as const).map((title) => ({
  title,
  alone: {
    ...mapped(semaphoreAlone, (play): Scenario => (scene) => play(maker(title, scene.primitives))),
    ...own[title].alone,
  },
  together: {
    ...mapped(semaphoreTogether, (play): Scenario => (scene) => play(maker(title, scene.primitives), scene)),
    ...own[title].together,
  },
  deadly: own[title].deadly ?? {},
  blocking: mapped(
    semaphoreBlocking,
    (play): BlockingScenario => (cast, { primitives }) => play(maker(title, primitives), cast),
  ),
}));

function maker(title: Title, primitives: Primitives): Make {
  return (value) => new primitives[title](value);
}

function mapped<T, U>(scenarios: Record<string, T>, map: (scenario: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(scenarios).map(([title, scenario]) => [title, map(scenario)]));
}
