// Lock: sections 1b and 1c of the behaviours, besides all that an exclusive lock does.
import { equal, match, notEqual, throws } from "node:assert/strict";
import type { BlockingScenario } from "../cast.ts";
import { NOT_HELD } from "../expectations.ts";
import { inForm } from "../messages.ts";
import type { Hold } from "../party.ts";
import type { Scenario, Scenarios } from "../scene.ts";
import { exclusiveAlone } from "./exclusive_alone.ts";
import { exclusiveBlocking, exclusiveTogether } from "./exclusive_together.ts";
import type { Suite } from "./suite.ts";
import { LOCK, RLOCK } from "./subjects.ts";

const sequenceOfOneThread: Scenario = ({ primitives: { Lock } }) => {
  const lock = new Lock();
  notEqual(lock.tryAcquire(), undefined);
  equal(lock.tryAcquire(), undefined);
  equal(lock.release(), undefined);
  throws(() => lock.release(), NOT_HELD);
};

const handleIsTheSameLock: Scenario = ({ primitives: { Lock } }) => {
  const lock = new Lock();
  const same = Lock.from(lock.handle);
  const guard = same.acquireSync();
  equal(lock.locked, true);
  equal(lock.tryAcquire(), undefined);
  guard.release();
  equal(lock.locked, false);
};

const handleSurvivesJson: Scenario = ({ primitives: { Lock } }) => {
  const { handle } = new Lock();
  match(handle as string, /^[\x21-\x7e]{1,200}$/);
  equal(Lock.from(JSON.parse(JSON.stringify(handle))).locked, false);
};

const strangerReleases: Scenario = async ({ primitives: { Lock }, peer }) => {
  const lock = new Lock();
  const remote = await (await peer()).attach(lock);
  for (const acquire of [() => lock.acquireSync(), () => lock.acquire()]) {
    const guard = await acquire();
    await remote.call("release");
    equal(lock.locked, false);
    const theirs = await remote.acquire("sync");
    guard.release(); // its hold is over, and this one is another's
    equal(lock.locked, true);
    await theirs.release();
  }
};

/** Whether the one who gives up had it for a moment or not: the next one gets it. */
const releasedAndAbortedAtOnce: Scenario = async ({ primitives: { Lock }, peer }) => {
  const lock = new Lock();
  const [holder, stayer] = [await (await peer(1)).attach(lock), await (await peer(0)).attach(lock)];
  for (const form of ["sync", "async"] as const) {
    await holder.acquire("sync");
    const controller = new AbortController();
    const quitting = lock.acquire({ signal: controller.signal }).catch(() => undefined);
    const staying = await stayer.begin(inForm(form, "acquire"));
    lock.release();
    controller.abort();
    (await quitting)?.release();
    await (await staying.result as Hold).release();
    equal(lock.locked, false);
  }
};

const holderWaitsForItself: BlockingScenario = async ({ waiter, waiterForm, waker }, { primitives: { Lock } }) => {
  const lock = new Lock();
  const [mine, theirs] = [await waiter.attach(lock), await waker.attach(lock)];
  const first = await mine.acquire(waiterForm);
  const waiting = await mine.begin(inForm(waiterForm, "acquire"));
  await theirs.call("release");
  const second = await waiting.result as Hold;
  await first.release();
  equal(lock.locked, true);
  await second.release();
  equal(lock.locked, false);
};

/** Threads and processes that are none of the library's own come and go. */
const shortLivedPeers: Scenario = async ({ primitives, kind, extra }) => {
  const locks = [LOCK, RLOCK].map((subject) => subject.make(primitives));
  for (let peers = kind === "thread" ? 15 : 4; peers > 0; peers--) {
    const peer = await extra();
    for (const lock of locks) await (await (await lock.at(peer)).acquire("sync")).release();
    equal(await peer.close(), "exit 0");
  }
  for (const lock of locks) equal(lock.locked(), false);
};

const together: Scenarios = {
  "LK-09 short-lived peers acquire and release": shortLivedPeers,
  "LK-15 LK-21 another may release": strangerReleases,
  "AS-02 released and aborted at once, it goes to the next": releasedAndAbortedAtOnce,
};

/** The suite of Lock. */
export const lockSuite: Suite = {
  title: "Lock",
  alone: {
    ...exclusiveAlone(LOCK),
    "LK-19 one thread": sequenceOfOneThread,
    "a handle is the same lock": handleIsTheSameLock,
  },
  together: { ...exclusiveTogether(LOCK), ...together },
  processes: { "a handle is a short string of plain characters": handleSurvivesJson },
  blocking: { ...exclusiveBlocking(LOCK), "LK-14 its holder waits for itself": holderWaitsForItself },
};
