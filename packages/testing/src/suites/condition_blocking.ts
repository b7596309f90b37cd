// How a Condition's waiters and wakers meet: sections 4 and 19 of the behaviours.
import { equal, notEqual, rejects } from "node:assert/strict";
import type { BlockingScenario, Cast } from "../cast.ts";
import { SHORT_MS, SOON_MS, takesAtLeast } from "../expectations.ts";
import type { Primitives } from "../implementation.ts";
import { type Form, inForm, numberNamed, signalNamed, valueReaches } from "../messages.ts";
import type { Call, Hold, Remote, Shared } from "../party.ts";
import { conditionOf } from "./subjects.ts";

/** Takes the lock and waits; comes back when it waits. */
export async function enter(remote: Remote, form: Form, options: object = {}): Promise<{ hold: Hold; wait: Call }> {
  const hold = await remote.acquire(form);
  return { hold, wait: await remote.begin(inForm(form, "wait"), options) };
}

/** Takes the lock, calls, releases. */
export async function within(remote: Remote, form: Form, call: () => Promise<unknown>): Promise<void> {
  const hold = await remote.acquire(form);
  await call();
  await hold.release();
}

function ofEach(play: (condition: Shared, cast: Cast, primitives: Primitives) => Promise<void>): BlockingScenario {
  return async (cast, { primitives }) => {
    for (const condition of [new primitives.Condition(), conditionOf(primitives, new primitives.Lock())]) {
      await play(condition, cast, primitives);
      equal(condition.lock.locked, false);
    }
  };
}

async function parts(condition: Shared, { waiter, waker }: Cast): Promise<[mine: Remote, theirs: Remote]> {
  return [(await waiter.attach(condition)).in("waiter"), (await waker.attach(condition)).in("waker")];
}

async function notifyWakes(condition: Shared, cast: Cast): Promise<void> {
  const [mine, theirs] = await parts(condition, cast);
  for (const notify of ["notify", "notifyAll"]) {
    const { hold, wait } = await enter(mine, cast.waiterForm);
    await within(theirs, cast.wakerForm, () => theirs.call(notify));
    equal(await wait.result, true);
    await hold.release();
  }
}

async function holdsTheLockWhenWoken(condition: Shared, cast: Cast): Promise<void> {
  const [mine, theirs] = await parts(condition, cast);
  const { hold, wait } = await enter(mine, cast.waiterForm);
  const notifying = await theirs.acquire(cast.wakerForm);
  await theirs.call("notify");
  equal(wait.done, false); // the notifier still holds the lock
  await notifying.release();
  equal(await wait.result, true);
  equal(await theirs.in("late").tryAcquire(), undefined);
  await hold.release();
  const late = await theirs.tryAcquire();
  notEqual(late, undefined);
  await late?.release();
}

async function waitForSeesTheState(condition: Shared, cast: Cast, { Semaphore }: Primitives): Promise<void> {
  const [mine, theirs] = await parts(condition, cast);
  const state = new Semaphore(0);
  const [seen, changed] = [await cast.waiter.attach(state), await cast.waker.attach(state)];
  const hold = await mine.acquire(cast.waiterForm);
  const wait = await mine.begin(inForm(cast.waiterForm, "waitFor"), valueReaches(seen.name, 4));
  for (let change = 0; change < 4; change++) {
    equal(wait.done, false);
    await within(theirs, cast.wakerForm, () => changed.call("release").then(() => theirs.call("notify")));
  }
  equal(await wait.result, true);
  equal(state.value, 4);
  await hold.release();
}

async function notifyRestartsNoTimeout(condition: Shared, cast: Cast, { Semaphore }: Primitives): Promise<void> {
  const [mine, theirs] = await parts(condition, cast);
  const seen = await cast.waiter.attach(new Semaphore(0));
  const hold = await mine.acquire(cast.waiterForm);
  await takesAtLeast(SHORT_MS, async () => {
    const options = { timeout: SHORT_MS };
    const wait = mine.start(inForm(cast.waiterForm, "waitFor"), valueReaches(seen.name, 4), options);
    // Were each notification to start the time afresh, this would go on for ever.
    while (!wait.done) await notifyIfFree(theirs);
    equal(await wait.result, false);
  });
  await hold.release();
}

async function notifyIfFree(remote: Remote): Promise<void> {
  const hold = await remote.tryAcquire();
  if (hold !== undefined) await remote.call("notify");
  await hold?.release();
  await new Promise((resolve) => setTimeout(resolve, SHORT_MS / 10));
}

async function longTimeoutWaits(condition: Shared, cast: Cast): Promise<void> {
  const [mine, theirs] = await parts(condition, cast);
  for (const timeout of [2 ** 31, 2 ** 53, numberNamed("Infinity")]) {
    const { hold, wait } = await enter(mine, cast.waiterForm, { timeout });
    await within(theirs, cast.wakerForm, () => theirs.call("notify"));
    equal(await wait.result, true);
    await hold.release();
  }
}

async function abortTakesNoNotification(condition: Shared, cast: Cast): Promise<void> {
  const [mine, theirs] = await parts(condition, cast);
  const quitter = mine.in("quitter");
  const quitting = await enter(quitter, "async", { signal: signalNamed("quit"), timeout: SOON_MS });
  const staying = await enter(mine.in("stayer"), "async");
  await quitter.party.abort("quit", "enough");
  await rejects(quitting.wait.result, { message: "enough" });
  await quitting.hold.release();
  await within(theirs, cast.wakerForm, () => theirs.call("notify"));
  equal(await staying.wait.result, true);
  await staying.hold.release();
}

/** The scenarios in which one waits for the other. */
export const conditionBlocking: Readonly<Record<string, BlockingScenario>> = {
  "CO-14 AS-06 notify wakes who waits": ofEach(notifyWakes),
  "CO-14 who is woken holds the lock": ofEach(holdsTheLockWhenWoken),
  "CO-06 waitFor sees the state": ofEach(waitForSeesTheState),
  "CO-07 CO-13 notifications restart no timeout": ofEach(notifyRestartsNoTimeout),
  "LK-10 a long timeout waits": ofEach(longTimeoutWaits),
  "AS-02 AS-04 an aborted wait takes no notification with it": ofEach(abortTakesNoNotification),
};
