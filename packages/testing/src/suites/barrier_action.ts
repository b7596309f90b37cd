// What happens to a Barrier while its last party is in its action: all have arrived, and nobody has passed.
import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import type { BarrierLike } from "@lockstep/contract";
import { BROKEN, SHORT_MS, SOON_MS } from "../expectations.ts";
import { signalNamed } from "../messages.ts";
import type { Call, Party, Remote, Shared } from "../party.ts";
import { type Scenario, type Scenarios, type Scene, until } from "../scene.ts";

const LATE_MS = 1000; // is not over before all have arrived, however slow the machine

/** A barrier for two, and a party as it sees its first action, which is in the test's own thread. */
interface Stage {
  barrier: BarrierLike & Shared;
  enter(party: Party): Promise<Extra>;
}

interface Extra {
  barrier: Remote;
  /** What the party is told from here on, it does during the action. */
  waitForAction(): Call;
  /** The action ends when this has been called often enough. */
  permit(task?: string): Call;
}

function stage({ primitives: { Barrier, Event, Semaphore } }: Scene, permits: number): Stage {
  const [begun, permitted] = [new Event(), new Semaphore(0)];
  const action = (): void => {
    if (begun.isSet) return;
    begun.set();
    permitted.acquireSync({ count: permits, timeout: SOON_MS });
  };
  const barrier = new Barrier(2, { action });
  const enter = async (party: Party): Promise<Extra> => {
    const [start, end] = [await party.attach(begun), await party.attach(permitted)];
    return {
      barrier: await party.attach(barrier),
      waitForAction: () => start.start("waitSync", { timeout: SOON_MS }),
      permit: (task) => (task === undefined ? end : end.in(task)).start("release"),
    };
  };
  return { barrier, enter };
}

/** Who runs out of time cannot break a round that is full; a reset sends it away and lets the next one in. */
const resetSendsAllAway: Scenario = async (scene) => {
  const { barrier, enter } = stage(scene, 1);
  const [one, other] = [await enter(await scene.peer(0)), await enter(await scene.peer(1))];
  const pause = await (await scene.peer(1)).attach(new scene.primitives.Event());
  const late = one.barrier.start("wait", { timeout: LATE_MS });
  const calls = [one.waitForAction(), other.waitForAction()];
  const next = one.barrier.start("wait", { timeout: SOON_MS });
  calls.push(pause.start("waitSync", { timeout: LATE_MS + SHORT_MS }), other.barrier.start("reset"), other.permit());
  await until(() => barrier.waiting === 1);
  throws(() => barrier.waitSync(), BROKEN);
  await rejects(late.result, BROKEN);
  await Promise.all(calls.map(({ result }) => result));
  equal(barrier.broken, false);
  deepEqual([await barrier.wait({ timeout: SOON_MS }), await next.result].toSorted(), [0, 1]);
};

/** Who comes too early waits to be let in, no longer than it wants, and does no harm by going. */
const newcomersMayGo: Scenario = async (scene) => {
  const { barrier, enter } = stage(scene, 3);
  const peer = await scene.peer(0);
  const [one, other] = [await enter(peer), await enter(await scene.peer(1))];
  const first = one.barrier.start("wait");
  const calls = [one.waitForAction(), other.waitForAction()];
  const late = one.barrier.in("late").start("wait", { timeout: SHORT_MS });
  const quitting = one.barrier.start("wait", { signal: signalNamed("quit"), timeout: SOON_MS });
  const aborting = peer.abort("quit", "enough");
  calls.push(one.permit("late"), one.permit());
  const blocked = other.barrier.start("waitSync", { timeout: SHORT_MS });
  calls.push(other.permit());
  await until(() => barrier.waiting === 1);
  equal(barrier.waitSync(), 1);
  equal(await first.result, 0);
  await Promise.all([rejects(late.result, BROKEN), rejects(blocked.result, BROKEN), aborting]);
  await rejects(quitting.result, { message: "enough" });
  await Promise.all(calls.map(({ result }) => result));
  deepEqual([barrier.waiting, barrier.broken], [0, false]);
};

/** The scenarios with peers. */
export const barrierAction: Scenarios = {
  "BA-04 BA-07 a reset during the action sends all away": resetSendsAllAway,
  "BA-04 BA-16 who is not let in during the action may go": newcomersMayGo,
};
