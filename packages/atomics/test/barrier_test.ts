// The interleavings of a round that is full, broken or reset while others come and go. What other threads do is told
// by changes of the word, before the bell rings or while this thread sleeps.
import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Barrier } from "@lockstep/atomics";
import { BrokenBarrierError } from "@lockstep/contract";
import { ring, WORD } from "#src/word.ts";

const BROKEN = 1 << 29;
const RESETTING = 1 << 28;
const ROUND = 4; // of a barrier for 2 or 3
const SHORT_MS = 5;
const SOON_MS = 20_000;

interface Others {
  /** One more arrives. */
  arrive(): void;
  /** One of them leaves a round that is broken or reset. */
  leave(): void;
  /** The last to arrive lets all go. */
  trip(): void;
  /** One of them sends all away. */
  reset(): void;
}

/** Stands for the other threads. */
function othersAt({ handle }: Barrier): Others {
  const words = new Int32Array(handle.buffer);
  const change = (next: (seen: number) => number): void => {
    Atomics.store(words, WORD, next(Atomics.load(words, WORD)));
    Atomics.notify(words, WORD);
    ring(words);
  };
  return {
    arrive: () => change((seen) => seen + 1),
    leave: () =>
      change((seen) => (seen & (RESETTING | 3)) === (RESETTING | 1) ? (seen & ~RESETTING) - 1 + ROUND : seen - 1),
    trip: () => change((seen) => (seen & ~3) + ROUND),
    reset: () => change((seen) => seen & ~BROKEN | RESETTING),
  };
}

/** Polls until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  const limit = performance.now() + SOON_MS;
  while (!isSo() && performance.now() < limit) await delay(1);
  equal(isSo(), true);
}

/** Stops the clock, for the timers too, until so much time is to have passed. */
function stopClock(t: TestContext): (ms: number) => Promise<void> {
  let now = performance.now();
  t.mock.method(performance, "now", () => now);
  return async (ms) => {
    now += ms;
    await delay(2 * ms);
    t.mock.restoreAll();
  };
}

/** Plays what happens during each sleep in turn. */
function duringSleeps(t: TestContext, turns: (() => void)[]): void {
  t.mock.method(Atomics, "wait", () => {
    const turn = turns.shift();
    if (turn === undefined) throw new Error("sleeps for ever");
    turn();
    return "ok";
  });
}

describe("Barrier whose last party is in its action", () => {
  it("is free again after a reset, though a promise ran out of time and another came", async (t) => {
    const pass = stopClock(t);
    const barrier = new Barrier(2);
    const others = othersAt(barrier);
    const late = rejects(barrier.wait({ timeout: SHORT_MS }), BrokenBarrierError);
    others.arrive();
    const next = barrier.wait();
    await pass(SHORT_MS);
    equal(barrier.waiting, 2); // not broken: it is about to pass
    barrier.reset();
    others.leave();
    await late;
    await until(() => barrier.waiting === 1);
    equal(barrier.waitSync(), 1);
    equal(await next, 0);
  });

  it("lets the promises pass that ran out of time meanwhile", async (t) => {
    const pass = stopClock(t);
    const barrier = new Barrier(3);
    const others = othersAt(barrier);
    const waits = [barrier.wait({ timeout: SHORT_MS }), barrier.wait({ timeout: SHORT_MS })];
    others.arrive();
    await pass(SHORT_MS);
    others.trip();
    deepEqual(await Promise.all(waits), [0, 1]);
  });

  it("rejects an aborted promise at once, which passes all the same", async () => {
    const barrier = new Barrier(2);
    const others = othersAt(barrier);
    const controller = new AbortController();
    const aborted = rejects(barrier.wait({ signal: controller.signal }), /enough/);
    others.arrive();
    controller.abort(new Error("enough"));
    await aborted;
    equal(barrier.waiting, 2);
    others.trip();
    deepEqual([barrier.waiting, barrier.broken], [0, false]);
    const next = barrier.wait();
    equal(barrier.waitSync({ timeout: SOON_MS }), 1);
    equal(await next, 0);
  });

  it("rejects an aborted promise at once, which leaves when there is a reset", async () => {
    const barrier = new Barrier(2);
    const others = othersAt(barrier);
    const controller = new AbortController();
    const aborted = rejects(barrier.wait({ signal: controller.signal }), /enough/);
    others.arrive();
    controller.abort(new Error("enough"));
    await aborted;
    others.reset();
    others.leave();
    const next = barrier.wait();
    await until(() => barrier.waiting === 1);
    equal(barrier.waitSync({ timeout: SOON_MS }), 1);
    equal(await next, 0);
  });
});

describe("Barrier with a round that has to end first", () => {
  it("lets nobody wait longer than the timeout, and does not break", async () => {
    const barrier = new Barrier(2);
    const others = othersAt(barrier);
    others.arrive();
    others.arrive();
    for (const timeout of [0, SHORT_MS]) {
      throws(() => barrier.waitSync({ timeout }), BrokenBarrierError);
      await rejects(barrier.wait({ timeout }), BrokenBarrierError);
    }
    equal(barrier.waiting, 2);
    others.trip();
    deepEqual([barrier.waiting, barrier.broken], [0, false]);
  });

  it("lets nobody wait after an abort, and does not break", async () => {
    const barrier = new Barrier(2);
    const others = othersAt(barrier);
    others.arrive();
    others.arrive();
    const controller = new AbortController();
    const aborted = rejects(barrier.wait({ signal: controller.signal }), /enough/);
    const next = barrier.wait();
    controller.abort(new Error("enough"));
    await aborted;
    equal(barrier.waiting, 2);
    others.trip();
    await until(() => barrier.waiting === 1);
    others.arrive();
    others.trip();
    equal(await next, 0);
  });

  it("counts the time of both waits together", async (t) => {
    const barrier = new Barrier(2);
    const others = othersAt(barrier);
    others.arrive();
    others.arrive();
    const timeout = 2 ** 40;
    const waiting = barrier.wait({ timeout });
    const { now } = performance;
    t.mock.method(performance, "now", () => now.call(performance) + timeout);
    others.trip(); // now it gets in, and time is over
    await rejects(waiting, BrokenBarrierError);
    equal(barrier.broken, true);
    t.mock.restoreAll();
  });

  it("lets the promises of a thread leave when the thread blocks to get in", async (t) => {
    const barrier = new Barrier(2);
    const others = othersAt(barrier);
    const sent = rejects(barrier.wait(), BrokenBarrierError);
    others.arrive();
    duringSleeps(t, [others.reset, others.leave, () => {
      others.arrive();
      others.trip();
    }]);
    equal(barrier.waitSync(), 0);
    t.mock.restoreAll();
    await sent;
  });

  it("lets the promises of a thread leave when the thread itself has reset it", async () => {
    const barrier = new Barrier(3);
    const waits = [rejects(barrier.wait(), BrokenBarrierError), rejects(barrier.wait(), BrokenBarrierError)];
    barrier.reset();
    const passes = [barrier.wait(), barrier.wait()];
    equal(barrier.waitSync({ timeout: SOON_MS }), 2);
    deepEqual(await Promise.all(passes), [0, 1]);
    await Promise.all(waits);
  });
});
