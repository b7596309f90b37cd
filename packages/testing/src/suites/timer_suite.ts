// Timer: TH-01 and TH-02 of the behaviours.
import { deepEqual, equal, throws } from "node:assert/strict";
import { INVALID_STATE, SHORT_MS, takesAtLeast } from "../expectations.ts";
import { type Scenario, type Scenarios, until } from "../scene.ts";
import type { Suite } from "./suite.ts";

const runsOnceAfterItsDelay: Scenario = async ({ primitives: { Timer } }) => {
  const runs: unknown[][] = [];
  const timer = new Timer(SHORT_MS, (...args) => void runs.push(args), 1, "two");
  equal(timer.finished, false);
  await takesAtLeast(SHORT_MS, () => {
    equal(timer.start(), timer);
    equal(timer.finished, false);
    return until(() => timer.finished);
  });
  deepEqual(runs, [[1, "two"]]);
};

const sharesNoArguments: Scenario = async ({ primitives: { Timer } }) => {
  const runs: unknown[][] = [];
  const run = (...args: unknown[]): void => {
    runs.push([...args]);
    args.push("spoilt");
  };
  for (const timer of [new Timer(1, run), new Timer(1, run)]) {
    timer.start();
    await until(() => timer.finished);
  }
  deepEqual(runs, [[], []]);
};

const runsOffTheCallersStack: Scenario = async ({ primitives: { Timer } }) => {
  let ran = false;
  const timer = new Timer(0, () => void (ran = true)).start();
  equal(ran, false);
  await until(() => timer.finished);
  equal(ran, true);
};

const cancelledNeverRuns: Scenario = async ({ primitives: { Timer } }) => {
  let ran = false;
  const run = (): void => void (ran = true);
  const before = new Timer(1, run);
  before.cancel();
  equal(before.finished, true);
  const waiting = new Timer(1, run).start();
  waiting.cancel();
  waiting.cancel();
  equal(waiting.finished, true);
  const later = new Timer(SHORT_MS, () => {}).start();
  await until(() => later.finished);
  equal(ran, false);
};

const cancelAfterItRan: Scenario = async ({ primitives: { Timer } }) => {
  let runs = 0;
  const timer = new Timer(1, () => void runs++).start();
  await until(() => timer.finished);
  timer.cancel();
  deepEqual([runs, timer.finished], [1, true]);
};

const startsOnce: Scenario = async ({ primitives: { Timer } }) => {
  let runs = 0;
  const timer = new Timer(1, () => void runs++).start();
  throws(() => timer.start(), INVALID_STATE);
  await until(() => timer.finished);
  throws(() => timer.start(), INVALID_STATE);
  equal(runs, 1);
};

const alone: Scenarios = {
  "runs once, after its delay": runsOnceAfterItsDelay,
  "TH-01 shares no arguments": sharesNoArguments,
  "TH-02 runs off the caller's stack": runsOffTheCallersStack,
  "TH-02 never runs when cancelled": cancelledNeverRuns,
  "TH-02 cancel after it ran does nothing": cancelAfterItRan,
  "TH-02 TH-03 starts once": startsOnce,
};

/** The suite of Timer. */
export const timerSuite: Suite = { title: "Timer", alone, together: {}, blocking: {} };
