// What both semaphores do between parties: sections 5 and 19 of the behaviours.
import { deepEqual, equal, rejects } from "node:assert/strict";
import type { Cast } from "../cast.ts";
import { SHORT_MS, SOON_MS, takesAtLeast, TIMED_OUT } from "../expectations.ts";
import { inForm, numberNamed, signalNamed } from "../messages.ts";
import type { Call, Hold } from "../party.ts";
import { type Scene, until } from "../scene.ts";
import type { Make } from "./semaphore_alone.ts";

async function peersSeeTheValue(make: Make, { peer }: Scene): Promise<void> {
  const semaphore = make(2);
  const remote = await (await peer()).attach(semaphore);
  for (const form of ["sync", "async"] as const) {
    const hold = await remote.acquire(form, { count: 2 });
    equal(semaphore.value, 0);
    equal(await remote.call("value"), 0);
    equal(semaphore.tryAcquire(), undefined);
    await rejects(remote.acquire(form, { timeout: 0 }), TIMED_OUT);
    await takesAtLeast(SHORT_MS, () => rejects(remote.acquire(form, { timeout: SHORT_MS }), TIMED_OUT));
    await hold.release();
    equal(semaphore.value, 2);
  }
}

async function neverTooManyInside(make: Make, { peer, here }: Scene): Promise<void> {
  const [semaphore, inside] = [make(2), make(2)];
  const parties = [await peer(0), await peer(1), here, await peer(1)];
  const intrusions = await Promise.all(parties.map(async (party, index) => {
    const [target, probe] = [await party.attach(semaphore), await party.attach(inside)];
    return await target.hammer(probe, index === 0 ? "sync" : "async", 200).result;
  }));
  deepEqual(intrusions, [0, 0, 0, 0]);
  deepEqual([semaphore.value, inside.value], [2, 2]);
}

async function releaseServesSoMany(make: Make, { peer, here }: Scene): Promise<void> {
  const semaphore = make(6);
  semaphore.acquireSync({ count: 6 });
  const [one, other] = [await (await peer(0)).attach(semaphore), await (await peer(1)).attach(semaphore)];
  const mine = await here.attach(semaphore);
  const waiting: Call[] = [];
  const third = await (await peer(2)).attach(semaphore);
  for (const remote of [one, one, mine, mine]) waiting.push(await remote.begin("acquire"));
  for (const remote of [other, third]) waiting.push(await remote.begin("acquireSync"));
  const done = (): number => waiting.filter((call) => call.done).length;
  semaphore.release(2);
  await until(() => done() >= 2);
  equal(done(), 2);
  equal(semaphore.value, 0);
  semaphore.release(4);
  await Promise.all(waiting.map(({ result }) => result));
  equal(semaphore.value, 0);
  semaphore.release(6);
  equal(semaphore.value, 6);
}

/** The second release comes before the first one that was woken has run. */
async function eachReleaseServesOne(make: Make, { peer, here }: Scene): Promise<void> {
  const semaphore = make(4);
  const places = [[await peer(0), "sync"], [await peer(1), "async"], [await peer(2), "sync"], [here, "async"]] as const;
  for (let round = 0; round < 5; round++) {
    const guards = places.map(() => semaphore.acquireSync());
    const waiting: Call[] = [];
    for (const [party, form] of places) {
      waiting.push(await (await party.attach(semaphore)).begin(inForm(form, "acquire")));
    }
    for (const guard of guards) guard.release();
    for (const hold of await Promise.all(waiting.map(({ result }) => result as Promise<Hold>))) await hold.release();
    equal(semaphore.value, 4);
  }
}

/** The first in line gives up; the permit goes to the next, of whatever form and place. */
async function abortedWaitDelaysNobody(make: Make, { peer, here }: Scene): Promise<void> {
  const semaphore = make(1);
  const [one, other] = [await (await peer(0)).attach(semaphore), await (await peer(1)).attach(semaphore)];
  const mine = await here.attach(semaphore);
  for (
    const [quitter, stayer, form] of [[one, one, "async"], [one, other, "sync"], [mine, one, "sync"], [
      one,
      mine,
      "async",
    ]] as const
  ) {
    semaphore.acquireSync();
    const quitting = await quitter.begin("acquire", { signal: signalNamed("quit"), timeout: SOON_MS });
    const staying = await stayer.begin(inForm(form, "acquire"));
    await quitter.party.abort("quit", "enough");
    await rejects(quitting.result, { message: "enough" });
    semaphore.release();
    await (await staying.result as Hold).release();
    equal(semaphore.value, 1);
  }
}

/** Whether the one who gives up had the permit for a moment or not: the next one gets it. */
async function releasedAndAbortedAtOnce(make: Make, { peer }: Scene): Promise<void> {
  const semaphore = make(1);
  const stayer = await (await peer()).attach(semaphore);
  for (const form of ["sync", "async"] as const) {
    semaphore.acquireSync();
    const controller = new AbortController();
    const quitting = semaphore.acquire({ signal: controller.signal }).catch(() => undefined);
    const staying = await stayer.begin(inForm(form, "acquire"));
    semaphore.release();
    controller.abort();
    (await quitting)?.release();
    await (await staying.result as Hold).release();
    equal(semaphore.value, 1);
  }
}

/** Who waited for more than there was is gone: what there is, is enough for the next. */
async function lessIsEnoughForTheNext(make: Make, { peer, here }: Scene): Promise<void> {
  const semaphore = make(3);
  const [one, mine] = [await (await peer()).attach(semaphore), await here.attach(semaphore)];
  for (const [quitter, stayer, form] of [[one, one, "async"], [mine, mine, "async"], [mine, one, "sync"]] as const) {
    const guard = semaphore.acquireSync({ count: 2 });
    const quitting = await quitter.begin("acquire", { count: 3, signal: signalNamed("quit"), timeout: SOON_MS });
    const staying = stayer.start(inForm(form, "acquire"));
    await quitter.party.abort("quit", "enough");
    await rejects(quitting.result, { message: "enough" });
    await (await staying.result as Hold).release();
    guard.release();
    equal(semaphore.value, 3);
  }
}

async function permitHandsOver(make: Make, { waiter, waiterForm, waker, wakerForm }: Cast): Promise<void> {
  const semaphore = make();
  const [mine, theirs] = [await waiter.attach(semaphore), await waker.attach(semaphore)];
  const first = await theirs.acquire(wakerForm);
  const waiting = await mine.begin(inForm(waiterForm, "acquire"));
  await first.release();
  const second = await waiting.result as Hold;
  equal(second.ownerDied, false);
  equal(semaphore.value, 0);
  await second.release();
  equal(semaphore.value, 1);
}

async function waitsForSeveral(make: Make, { waiter, waiterForm, waker, wakerForm }: Cast): Promise<void> {
  const semaphore = make(3);
  const [mine, theirs] = [await waiter.attach(semaphore), await waker.attach(semaphore)];
  const holds = [];
  for (let taken = 0; taken < 3; taken++) holds.push(await theirs.acquire(wakerForm));
  const waiting = await mine.begin(inForm(waiterForm, "acquire"), { count: 3 });
  await holds[0]!.release();
  await holds[1]!.release();
  equal(waiting.done, false);
  equal(semaphore.value, 2);
  await holds[2]!.release();
  await (await waiting.result as Hold).release();
  equal(semaphore.value, 3);
}

async function longTimeoutWaits(make: Make, { waiter, waiterForm, waker }: Cast): Promise<void> {
  const semaphore = make(1);
  const [mine, theirs] = [await waiter.attach(semaphore), await waker.attach(semaphore)];
  semaphore.acquireSync();
  for (const timeout of [2 ** 31, 2 ** 53, numberNamed("Infinity")]) {
    const waiting = await mine.begin(inForm(waiterForm, "acquire"), { timeout });
    await theirs.call("release");
    await waiting.result;
  }
  equal(semaphore.value, 0);
}

/** The scenarios with peers. */
export const semaphoreTogether: Record<string, (make: Make, scene: Scene) => Promise<void>> = {
  "SE-14 SE-16 peers take and see the value": peersSeeTheValue,
  "SE-05 release(n) serves n waiters": releaseServesSoMany,
  "SE-05 releases in a row serve one each": eachReleaseServesOne,
  "never more inside than permits": neverTooManyInside,
  "AS-02 an aborted wait delays nobody": abortedWaitDelaysNobody,
  "AS-02 released and aborted at once, the permit goes to the next": releasedAndAbortedAtOnce,
  "AS-02 who waited for more makes room for who waits for less": lessIsEnoughForTheNext,
};

/** The scenarios in which one waits for the other. */
export const semaphoreBlocking: Record<string, (make: Make, cast: Cast) => Promise<void>> = {
  "SE-09 AS-06 who waits gets the permit that is released": permitHandsOver,
  "several permits at once are waited for": waitsForSeveral,
  "LK-10 a long timeout waits": longTimeoutWaits,
};
