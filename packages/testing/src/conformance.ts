// One suite for every implementation of the primitives.
import { after, describe, it } from "node:test";
import { withEveryCast } from "./cast.ts";
import type { Implementation } from "./implementation.ts";
import type { PeerKind } from "./peer.ts";
import { type Scenarios, Scene } from "./scene.ts";
import { barrierSuite } from "./suites/barrier_suite.ts";
import { conditionSuites } from "./suites/condition_suite.ts";
import { countingDeaths } from "./suites/counting_deaths.ts";
import { eventSuite } from "./suites/event_suite.ts";
import { lockDeaths } from "./suites/lock_deaths.ts";
import { lockSuite } from "./suites/lock_suite.ts";
import { loopSuite } from "./suites/loop_suite.ts";
import { rlockSuites } from "./suites/rlock_suite.ts";
import { rwlockSuite } from "./suites/rwlock_suite.ts";
import { semaphoreSuites } from "./suites/semaphore_suite.ts";
import type { Suite } from "./suites/suite.ts";
import { timerSuite } from "./suites/timer_suite.ts";
import { waitingDeaths } from "./suites/waiting_deaths.ts";

const SUITES: readonly Suite[] = [
  lockSuite,
  ...rlockSuites,
  rwlockSuite,
  ...semaphoreSuites,
  eventSuite,
  ...conditionSuites,
  barrierSuite,
  timerSuite,
  loopSuite,
  ...lockDeaths,
  countingDeaths,
  waitingDeaths,
];

/** Registers the tests of all that the contract says of the primitives, for one thread and with each kind of peer. */
export function conformance(implementation: Implementation): void {
  describe(`${implementation.name}: one thread`, () => registerScene(new Scene(implementation)));
  for (const kind of implementation.peers) {
    describe(`${implementation.name}: ${kind} peers`, () => registerScene(new Scene(implementation, kind)));
  }
}

function registerScene(scene: Scene): void {
  for (const suite of SUITES) {
    const scenarios = Object.entries(scenariosFor(suite, scene));
    if (scenarios.length === 0) continue;
    describe(suite.title, () => {
      for (const [title, scenario] of scenarios) it(title, () => scene.play(scenario));
    });
  }
  after(() => scene.end());
}

function scenariosFor(suite: Suite, scene: Scene): Scenarios {
  const { kind, implementation } = scene;
  const blocking = withEveryCast(scene, suite.blocking);
  if (kind === undefined) return { ...suite.alone, ...blocking };
  const parts = [suite.together, blocking, ifProcess(kind, suite.processes)];
  if (implementation.recovers) parts.push(suite.deadly ?? {}, ifProcess(kind, suite.deadlyProcesses));
  return Object.assign({}, ...parts);
}

function ifProcess(kind: PeerKind, scenarios: Scenarios | undefined): Scenarios {
  return kind === "process" && scenarios !== undefined ? scenarios : {};
}
