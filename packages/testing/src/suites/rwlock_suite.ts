// RWLock: what api.md says of readers and writers. Its write side is an exclusive lock too.
import { equal, notEqual, rejects, throws } from "node:assert/strict";
import type { LockLike } from "@lockstep/contract";
import type { BlockingScenario } from "../cast.ts";
import { INVALID_STATE, NOT_HELD, NOT_OWNER, SHORT_MS, SOON_MS, takesAtLeast, TIMED_OUT } from "../expectations.ts";
import { type Form, inForm, signalNamed } from "../messages.ts";
import type { Hold } from "../party.ts";
import type { Scenario, Scenarios } from "../scene.ts";
import { exclusiveAlone } from "./exclusive_alone.ts";
import { exclusiveBlocking, exclusiveTogether } from "./exclusive_together.ts";
import type { Suite } from "./suite.ts";
import { WRITE_SIDE } from "./subjects.ts";

const FORMS: readonly Form[] = ["sync", "async"];

const readersShare: Scenario = async ({ primitives: { RWLock } }) => {
  const lock = new RWLock();
  const guards = [lock.read.acquireSync(), await lock.read.acquire(), lock.read.tryAcquire()!];
  equal(lock.read.locked, true);
  equal(lock.write.locked, false);
  equal(lock.write.tryAcquire(), undefined);
  for (const guard of guards) {
    equal(lock.write.tryAcquire(), undefined);
    guard.release();
    guard.release();
  }
  equal(lock.read.locked, false);
  lock.write.acquireSync().release();
};

const writerExcludesReaders: Scenario = async ({ primitives: { RWLock } }) => {
  const lock = new RWLock();
  const guard = lock.write.acquireSync();
  equal(lock.write.locked, true);
  equal(lock.read.tryAcquire(), undefined);
  await takesAtLeast(SHORT_MS, () => rejects(lock.read.acquire({ timeout: SHORT_MS }), TIMED_OUT));
  throws(() => lock.read.acquireSync({ timeout: 0 }), TIMED_OUT);
  guard.release();
  lock.read.acquireSync().release();
};

const releaseUnheld: Scenario = ({ primitives: { RWLock } }) => {
  const lock = new RWLock();
  throws(() => lock.read.release(), NOT_HELD);
  throws(() => lock.downgrade(), NOT_HELD);
  lock.read.acquireSync();
  throws(() => lock.write.release(), NOT_HELD);
  throws(() => lock.downgrade(), NOT_HELD);
  lock.read.release();
  throws(() => lock.read.release(), NOT_HELD);
  notEqual(lock.write.tryAcquire(), undefined);
};

const downgradeKeepsWritersOut: Scenario = ({ primitives: { RWLock } }) => {
  const lock = new RWLock();
  const writing = lock.write.acquireSync();
  const reading = lock.downgrade();
  equal(reading.ownerDied, false);
  equal(lock.write.tryAcquire(), undefined);
  const other = lock.read.acquireSync();
  writing.release(); // spent by the downgrade
  other.release();
  equal(lock.write.tryAcquire(), undefined);
  reading.release();
  lock.write.acquireSync().release();
};

const writerNeverWaitsForItself: Scenario = ({ primitives: { RWLock } }) => {
  const lock = new RWLock();
  const writing = lock.write.acquireSync();
  for (const side of [lock.read, lock.write]) {
    throws(() => side.acquireSync(), INVALID_STATE);
    throws(() => side.acquireSync({ timeout: Infinity }), INVALID_STATE);
    throws(() => side.acquireSync({ timeout: 1 }), TIMED_OUT);
  }
  writing.release();
  equal(lock.write.locked, false);
};

const abortedSignalTakesNothing: Scenario = async ({ primitives: { RWLock } }) => {
  const { read, write } = new RWLock();
  const reason = new Error("no longer wanted");
  await rejects(read.acquire({ signal: AbortSignal.abort(reason) }), (error) => error === reason);
  equal(read.locked, false);
  write.acquireSync().release();
};

const peersReadTogether: Scenario = async ({ primitives: { RWLock }, peer }) => {
  const lock = new RWLock();
  const remotes = [await (await peer(0)).attach(lock), await (await peer(1)).attach(lock)];
  const holds = [];
  for (const form of FORMS) for (const remote of remotes) holds.push(await remote.at("read.").acquire(form));
  lock.read.acquireSync().release();
  equal(lock.write.tryAcquire(), undefined);
  await takesAtLeast(SHORT_MS, () => rejects(lock.write.acquire({ timeout: SHORT_MS }), TIMED_OUT));
  for (const hold of holds) {
    equal(lock.write.locked, false);
    equal(lock.read.locked, true);
    await hold.release();
  }
  equal(lock.read.locked, false);
  lock.write.acquireSync().release();
};

const readersOfPeersWaitForWriter: Scenario = async ({ primitives: { RWLock }, peer }) => {
  const lock = new RWLock();
  const remotes = [await (await peer(0)).attach(lock), await (await peer(1)).attach(lock)];
  const writing = lock.write.acquireSync();
  const waiting = [
    await remotes[0]!.begin("read.acquire"),
    await remotes[0]!.begin("read.acquireSync"),
    await remotes[1]!.begin("read.acquireSync"),
  ];
  writing.release();
  const holds = await Promise.all(waiting.map(({ result }) => result as Promise<Hold>));
  equal(lock.write.tryAcquire(), undefined);
  for (const hold of holds) await hold.release();
  lock.write.acquireSync().release();
};

const anotherMayNotEndAWrite: Scenario = async ({ primitives: { RWLock }, peer }) => {
  const lock = new RWLock();
  const remote = await (await peer()).attach(lock);
  for (const form of FORMS) {
    const hold = await remote.at("write.").acquire(form);
    throws(() => lock.write.release(), NOT_OWNER);
    throws(() => lock.downgrade(), NOT_OWNER);
    equal(lock.write.locked, true);
    await hold.release();
    throws(() => lock.write.release(), NOT_HELD);
  }
};

const abortedWriterLetsReadersIn: Scenario = async ({ primitives: { RWLock }, peer }) => {
  const lock = new RWLock();
  const quitter = await (await peer(0)).attach(lock);
  const reader = await (await peer(1)).attach(lock);
  const reading = lock.read.acquireSync();
  const quitting = await quitter.begin("write.acquire", { signal: signalNamed("quit"), timeout: SOON_MS });
  await quitter.party.abort("quit", "enough");
  await rejects(quitting.result, { message: "enough" });
  await (await reader.at("read.").acquire("sync", { timeout: SOON_MS })).release();
  reading.release();
  lock.write.acquireSync().release();
};

const readerWaitsForWriter: BlockingScenario = async ({ waiter, waiterForm, waker, wakerForm }, { primitives }) => {
  const lock = new primitives.RWLock();
  const writing = await (await waker.attach(lock)).at("write.").acquire(wakerForm);
  const waiting = await (await waiter.attach(lock)).begin(inForm(waiterForm, "read.acquire"));
  await writing.release();
  const reading = await waiting.result as Hold;
  equal(lock.read.locked, true);
  await reading.release();
};

const writerWaitsForLastReader: BlockingScenario = async ({ waiter, waiterForm, waker, wakerForm }, { primitives }) => {
  const lock = new primitives.RWLock();
  const reader = (await waker.attach(lock)).at("read.");
  const readings = [await reader.acquire(wakerForm), await reader.acquire(wakerForm)];
  const waiting = await (await waiter.attach(lock)).begin(inForm(waiterForm, "write.acquire"));
  await readings[0]!.release();
  equal(waiting.done, false);
  await readings[1]!.release();
  const writing = await waiting.result as Hold;
  equal(lock.read.tryAcquire(), undefined);
  await writing.release();
  isFree(lock.write);
};

const downgradeLetsReadersIn: BlockingScenario = async ({ waiter, waiterForm, waker, wakerForm }, { primitives }) => {
  const lock = new primitives.RWLock();
  const writer = await waker.attach(lock);
  await writer.at("write.").acquire(wakerForm);
  const waiting = await (await waiter.attach(lock)).begin(inForm(waiterForm, "read.acquire"));
  const kept = await writer.call("downgrade") as Hold;
  await (await waiting.result as Hold).release();
  equal(lock.write.tryAcquire(), undefined);
  await kept.release();
  isFree(lock.write);
};

function isFree(lock: LockLike): void {
  const guard = lock.tryAcquire();
  notEqual(guard, undefined);
  guard?.release();
}

const alone: Scenarios = {
  "readers share it": readersShare,
  "a writer excludes readers": writerExcludesReaders,
  "LK-17 release and downgrade of what nobody holds": releaseUnheld,
  "downgrade() keeps writers out and lets readers in": downgradeKeepsWritersOut,
  "AS-10 a writer never waits for itself for ever": writerNeverWaitsForItself,
  "AS-01 an aborted signal takes no share": abortedSignalTakesNothing,
};

const together: Scenarios = {
  "peers read together": peersReadTogether,
  "all waiting readers get in when the writer is done": readersOfPeersWaitForWriter,
  "another may not end a write": anotherMayNotEndAWrite,
  "AS-02 a writer that gives up lets readers in": abortedWriterLetsReadersIn,
};

/** The suite of RWLock. */
export const rwlockSuite: Suite = {
  title: "RWLock",
  alone: { ...exclusiveAlone(WRITE_SIDE), ...alone },
  together: { ...exclusiveTogether(WRITE_SIDE), ...together },
  blocking: {
    ...exclusiveBlocking(WRITE_SIDE),
    "a reader waits for the writer": readerWaitsForWriter,
    "a writer waits for the last reader": writerWaitsForLastReader,
    "a reader gets in by a downgrade": downgradeLetsReadersIn,
  },
};
