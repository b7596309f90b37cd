// What every lock does between parties: sections 1a, 1d and 19 of the behaviours.
import { deepEqual, equal, notEqual, rejects, throws } from "node:assert/strict";
import { getEventListeners } from "node:events";
import process from "node:process";
import type { BlockingScenario, Cast } from "../cast.ts";
import { SHORT_MS, SOON_MS, takesAtLeast, TIMED_OUT } from "../expectations.ts";
import { type Form, inForm, numberNamed, signalNamed } from "../messages.ts";
import type { Hold, Party, Remote } from "../party.ts";
import { type Scenarios, type Scene, until } from "../scene.ts";
import type { Exclusive, Subject } from "./subjects.ts";

const FORMS: readonly Form[] = ["sync", "async"];
// Timers of JavaScript count in 31 bits: a longer wait must not end at once.
const LONG_TIMEOUTS = [2 ** 31, 2 ** 53, 1e100, numberNamed("Infinity")];
const HAMMER_ROUNDS = 300;

/** The scenarios with peers. */
export function exclusiveTogether(subject: Subject): Scenarios {
  const scenarios: Record<string, (made: Exclusive, scene: Scene) => Promise<void>> = {
    "LK-06 tryAcquire fails at once while another holds": tryAcquireContended,
    "LK-08 after a guard's block another may acquire": anotherMayAcquireAfterwards,
    "LK-12 acquire times out while another holds": timesOutWhileHeld,
    "LK-12 who timed out takes nothing later": timedOutTakesNothingLater,
    "LK-22 others see whether it is held": othersSeeWhetherItIsHeld,
    "LK-23 a signal ends no wait": signalEndsNoWait,
    "LK-25 AS-02 an aborted wait takes nothing and delays nobody": abortedWaitDelaysNobody,
    "AS-02 an abort leaves nothing on the signal": abortLeavesNothingOnTheSignal,
    "one holds at a time": oneHoldsAtATime,
    "all who wait get it, one after the other": allGetIt,
  };
  return Object.fromEntries(
    Object.entries(scenarios).map(([title, play]) => [title, (scene) => play(subject.make(scene.primitives), scene)]),
  );
}

/** The scenarios in which one waits for the other. */
export function exclusiveBlocking(subject: Subject): Record<string, BlockingScenario> {
  return {
    "AS-06 who waits gets it by the holder's release": (cast, { primitives }) =>
      handsOver(subject.make(primitives), cast),
    "LK-10 a long timeout waits": (cast, { primitives }) => longTimeoutWaits(subject.make(primitives), cast),
  };
}

async function handsOver(made: Exclusive, cast: Cast): Promise<void> {
  const theirs = await made.at(cast.waker, "holder");
  const mine = await made.at(cast.waiter, "waiter");
  const first = await theirs.acquire(cast.wakerForm);
  const waiting = await mine.begin(inForm(cast.waiterForm, "acquire"));
  await first.release();
  const second = await waiting.result as Hold;
  equal(second.ownerDied, false);
  equal(made.locked(), true);
  await second.release();
  equal(made.locked(), false);
}

async function longTimeoutWaits(made: Exclusive, cast: Cast): Promise<void> {
  const theirs = await made.at(cast.waker, "holder");
  const mine = await made.at(cast.waiter, "waiter");
  for (const timeout of LONG_TIMEOUTS) {
    const first = await theirs.acquire(cast.wakerForm);
    const waiting = await mine.begin(inForm(cast.waiterForm, "acquire"), { timeout });
    await first.release();
    await (await waiting.result as Hold).release();
  }
}

async function tryAcquireContended(made: Exclusive, scene: Scene): Promise<void> {
  const remote = await made.at(await scene.peer());
  const mine = made.lock.acquireSync();
  equal(await remote.tryAcquire(), undefined);
  mine.release();
  const theirs = await remote.tryAcquire();
  equal(made.lock.tryAcquire(), undefined);
  await theirs?.release();
  made.lock.acquireSync().release();
}

async function anotherMayAcquireAfterwards(made: Exclusive, scene: Scene): Promise<void> {
  const remote = await made.at(await scene.peer());
  for (const acquire of [() => made.lock.acquireSync(), () => made.lock.acquire()]) {
    (await acquire())[Symbol.dispose]();
    const theirs = await remote.tryAcquire();
    notEqual(theirs, undefined);
    await theirs?.release();
  }
}

async function timesOutWhileHeld(made: Exclusive, scene: Scene): Promise<void> {
  const remote = await made.at(await scene.peer());
  const mine = made.lock.acquireSync();
  for (const form of FORMS) {
    await rejects(remote.acquire(form, { timeout: 0 }), TIMED_OUT);
    await takesAtLeast(SHORT_MS, () => rejects(remote.acquire(form, { timeout: SHORT_MS }), TIMED_OUT));
  }
  mine.release();
  const theirs = await remote.acquire("sync");
  await takesAtLeast(SHORT_MS, () => rejects(made.lock.acquire({ timeout: SHORT_MS }), TIMED_OUT));
  throws(() => made.lock.acquireSync({ timeout: SHORT_MS }), TIMED_OUT);
  await theirs.release();
}

async function timedOutTakesNothingLater(made: Exclusive, scene: Scene): Promise<void> {
  const remote = await made.at(await scene.peer());
  for (const form of FORMS) {
    const mine = await made.lock.acquire();
    await rejects(remote.acquire(form, { timeout: 1 }), TIMED_OUT);
    mine.release();
    equal(made.locked(), false);
    await (await remote.acquire(form)).release();
  }
}

async function othersSeeWhetherItIsHeld(made: Exclusive, scene: Scene): Promise<void> {
  const [one, other] = [await made.at(await scene.peer(0)), await made.at(await scene.peer(1))];
  const hold = await one.acquire("sync");
  equal(made.locked(), true);
  equal(await other.tryAcquire(), undefined);
  await hold.release();
  equal(made.locked(), false);
}

async function signalEndsNoWait(made: Exclusive, scene: Scene): Promise<void> {
  const peer = await scene.peer();
  // A signal goes to a process; for its worker threads the main thread takes it.
  const pid = peer.pid ?? process.pid;
  const party: Party = peer.pid === undefined ? scene.here : peer;
  const before = await signalsSeen(party);
  const remote = await made.at(peer);
  const mine = made.lock.acquireSync();
  const waiting = await remote.begin("acquireSync");
  process.kill(pid, "SIGWINCH");
  await waiting.blocked("acquireSync");
  mine.release();
  await (await waiting.result as Hold).release();
  await until(async () => await signalsSeen(party) !== before);
}

async function signalsSeen(party: Party): Promise<unknown> {
  return await party.order({ op: "countSignals" }).result;
}

async function abortedWaitDelaysNobody(made: Exclusive, scene: Scene): Promise<void> {
  const peer = await scene.peer();
  const casts: [Remote, Remote][] = [
    [await made.at(peer, "one"), await made.at(peer, "two")],
    [await made.at(peer, "one"), await made.at(scene.here, "two")],
    [await made.at(scene.here, "one"), await made.at(peer, "two")],
  ];
  for (const [quitter, stayer] of casts) {
    const holder = await made.at(await scene.peer(1), "holder");
    const hold = await holder.acquire("async");
    const quitting = await quitter.begin("acquire", { signal: signalNamed("quit"), timeout: SOON_MS });
    const staying = await stayer.begin("acquire");
    await quitter.party.abort("quit", "enough");
    await rejects(quitting.result, { message: "enough" });
    equal(staying.done, false);
    await hold.release();
    await (await staying.result as Hold).release();
    equal(made.locked(), false);
  }
}

async function abortLeavesNothingOnTheSignal(made: Exclusive, scene: Scene): Promise<void> {
  const holder = await made.at(await scene.peer());
  for (const end of ["abort", "timeout", "acquire"]) {
    const hold = await holder.acquire("sync");
    const controller = new AbortController();
    const timeout = end === "timeout" ? 1 : SOON_MS;
    const waiting = made.lock.acquire({ signal: controller.signal, timeout });
    if (end === "abort") controller.abort(new Error(end));
    if (end !== "acquire") await rejects(waiting, end === "abort" ? { message: end } : TIMED_OUT);
    await hold.release();
    if (end === "acquire") (await waiting).release();
    deepEqual(getEventListeners(controller.signal, "abort"), [], `after ${end}`);
  }
}

async function allGetIt(made: Exclusive, scene: Scene): Promise<void> {
  const holder = await made.at(scene.here, "holder");
  const plan = [[await scene.peer(0), "sync"], [await scene.peer(1), "async"], [await scene.peer(2), "sync"]] as const;
  for (let round = 0; round < 2; round++) {
    const hold = await holder.acquire("async");
    const waiting = [await (await made.at(scene.here, "waiter")).begin("acquire")];
    for (const [party, form] of plan) waiting.push(await (await made.at(party)).begin(inForm(form, "acquire")));
    await hold.release();
    await Promise.all(waiting.map(async ({ result }) => (await result as Hold).release()));
    equal(made.locked(), false);
  }
}

async function oneHoldsAtATime(made: Exclusive, scene: Scene): Promise<void> {
  const inside = new scene.primitives.Semaphore(1);
  const parts: [Party, Form][] = [[await scene.peer(0), "sync"], [await scene.peer(1), "async"], [scene.here, "async"]];
  const hammering = parts.map(async ([party, form]) => {
    const [target, probe] = [await made.at(party), await party.attach(inside)];
    return await target.hammer(probe, form, HAMMER_ROUNDS).result;
  });
  for (const intrusions of await Promise.all(hammering)) equal(intrusions, 0);
  equal(inside.value, 1);
  equal(made.locked(), false);
}
