// One suite for every implementation of the primitives.
import process from "node:process";
import { after, describe, it } from "node:test";
import { withEveryCast } from "./cast.ts";
import type { Implementation } from "./implementation.ts";
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

const GRACE_MS = 2000;

/** Registers the tests of all that the contract says of the primitives, for one thread and with each kind of peer. */
export function conformance(implementation: Implementation): void {
  const scenes = [new Scene(implementation), ...implementation.peers.map((kind) => new Scene(implementation, kind))];
  describe(implementation.name, () => {
    for (const scene of scenes) {
      describe(scene.kind === undefined ? "one thread" : `${scene.kind} peers`, () => registerScene(scene));
    }
    after(() => letGo(scenes));
  });
}

/** Pending waits of failed scenarios would hold Node for ever; Deno ends a test file when its tests have ended. */
function letGo(scenes: readonly Scene[]): void {
  const mayHang = scenes.some(({ hasFailed }) => hasFailed) && !("Deno" in globalThis);
  if (mayHang) setTimeout(() => process.exit(1), GRACE_MS).unref();
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
  const blocking = withEveryCast(scene, suite);
  if (kind === undefined) return { ...suite.alone, ...blocking };
  const isProcess = kind === "process";
  return {
    ...suite.together,
    ...blocking,
    ...(isProcess ? suite.processes : {}),
    ...(implementation.recovers ? deadlyScenariosFor(suite, isProcess) : {}),
  };
}

function deadlyScenariosFor(suite: Suite, isProcess: boolean): Scenarios {
  // In Deno a thread that blocks survives terminate(): it is no dead peer.
  const mayKillBlocked = isProcess || !("Deno" in globalThis);
  return {
    ...suite.deadly,
    ...(mayKillBlocked ? suite.deadlyBlocked : {}),
    ...(isProcess ? suite.deadlyProcesses : {}),
  };
}
