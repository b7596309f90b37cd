// Event: section 3 of the behaviours.
import { deepEqual, equal, rejects } from "node:assert/strict";
import type { BlockingScenario } from "../cast.ts";
import { SHORT_MS, SOON_MS, takesAtLeast } from "../expectations.ts";
import { inForm, numberNamed, signalNamed } from "../messages.ts";
import type { Call } from "../party.ts";
import type { Scenario } from "../scene.ts";
import type { Suite } from "./suite.ts";

const goesUpAndDown: Scenario = ({ primitives: { Event } }) => {
  const event = new Event();
  const seen = [event.isSet];
  for (const change of ["set", "set", "clear", "clear"] as const) {
    event[change]();
    seen.push(event.isSet);
  }
  deepEqual(seen, [false, true, true, false, false]);
};

const unsetTimesOut: Scenario = async ({ primitives: { Event } }) => {
  const event = new Event();
  equal(event.waitSync({ timeout: 0 }), false);
  equal(await event.wait({ timeout: 0 }), false);
  equal(await takesAtLeast(SHORT_MS, () => event.waitSync({ timeout: SHORT_MS })), false);
  equal(await takesAtLeast(SHORT_MS, () => event.wait({ timeout: SHORT_MS })), false);
};

const setWaitsForNothing: Scenario = async ({ primitives: { Event } }) => {
  const event = new Event();
  event.set();
  for (const timeout of [0, SHORT_MS, Infinity, undefined]) {
    equal(event.waitSync({ timeout }), true);
    equal(await event.wait({ timeout }), true);
  }
};

const abortedSignalRejects: Scenario = async ({ primitives: { Event } }) => {
  const event = new Event();
  const reason = new Error("no longer wanted");
  event.set();
  await rejects(event.wait({ signal: AbortSignal.abort(reason) }), (error) => error === reason);
};

const manyTimeOutAtOnce: Scenario = async ({ primitives: { Event }, peer, here }) => {
  const event = new Event();
  const remotes = [await (await peer(0)).attach(event), await (await peer(1)).attach(event), await here.attach(event)];
  const waits = [0, 0, 1, 1, 2].map((index) => remotes[index]!.call("wait", { timeout: SHORT_MS }));
  deepEqual(await takesAtLeast(SHORT_MS, () => Promise.all(waits)), [false, false, false, false, false]);
  for (const remote of remotes.slice(0, 2)) {
    equal(await remote.call("waitSync", { timeout: 0 }), false);
    equal(await takesAtLeast(SHORT_MS, () => remote.call("waitSync", { timeout: SHORT_MS })), false);
    equal(await remote.call("isSet"), false);
  }
};

const setAndClearWakesAll: Scenario = async ({ primitives: { Event }, peer, here }) => {
  const event = new Event();
  const [one, other] = [await (await peer(0)).attach(event), await (await peer(1)).attach(event)];
  const mine = await here.attach(event);
  for (let round = 0; round < 3; round++) {
    const waiting: Call[] = [];
    for (const remote of [one, other, mine, mine]) waiting.push(await remote.begin("wait"));
    for (const remote of [one, other]) waiting.push(await remote.begin("waitSync"));
    event.set();
    event.clear();
    deepEqual(await Promise.all(waiting.map(({ result }) => result)), [true, true, true, true, true, true]);
    equal(event.isSet, false);
  }
};

const threadIsWokenByPeer: Scenario = async ({ primitives: { Event }, peer, here }) => {
  const event = new Event();
  const remote = await (await peer()).attach(event);
  const setting = remote.after(here.thread).call("set");
  equal(event.waitSync({ timeout: SOON_MS }), true);
  await setting;
  equal(event.isSet, true);
};

const abortedWaitDelaysNobody: Scenario = async ({ primitives: { Event }, peer, here }) => {
  const event = new Event();
  const remotes = [await (await peer()).attach(event), await here.attach(event)];
  const staying: Call[] = [];
  for (const remote of remotes) {
    const quitting = await remote.begin("wait", { signal: signalNamed("quit"), timeout: SOON_MS });
    staying.push(await remote.begin("wait"));
    await remote.party.abort("quit", "enough");
    await rejects(quitting.result, { message: "enough" });
  }
  staying.push(await remotes[0]!.begin("waitSync"));
  event.set();
  deepEqual(await Promise.all(staying.map(({ result }) => result)), [true, true, true]);
};

const wakesWhoWaits: BlockingScenario = async ({ waiter, waiterForm, waker, wakerForm }, { primitives }) => {
  const event = new primitives.Event();
  const [mine, theirs] = [await waiter.attach(event), await waker.attach(event)];
  // The waker's task may have waits of its own, or not.
  const beside = wakerForm === "async" ? await theirs.begin("wait") : undefined;
  const waiting = await mine.begin(inForm(waiterForm, "wait"));
  await theirs.call("set");
  equal(await waiting.result, true);
  equal(await (beside?.result ?? true), true);
  equal(event.isSet, true);
};

const longTimeoutWaits: BlockingScenario = async ({ waiter, waiterForm, waker }, { primitives }) => {
  const event = new primitives.Event();
  const [mine, theirs] = [await waiter.attach(event), await waker.attach(event)];
  for (const timeout of [2 ** 31, 2 ** 53, numberNamed("Infinity")]) {
    const waiting = await mine.begin(inForm(waiterForm, "wait"), { timeout });
    await theirs.call("set");
    equal(await waiting.result, true);
    await theirs.call("clear");
  }
};

/** The suite of Event. */
export const eventSuite: Suite = {
  title: "Event",
  alone: {
    "EV-01 goes up and down": goesUpAndDown,
    "EV-03 times out while unset": unsetTimesOut,
    "EV-04 waits for nothing when set": setWaitsForNothing,
    "AS-01 an aborted signal rejects, set or not": abortedSignalRejects,
  },
  together: {
    "EV-03 many time out at once": manyTimeOutAtOnce,
    "EV-05 17-12 set and clear at once wake all who wait": setAndClearWakesAll,
    "EV-06 AS-06 a blocked thread is woken by a peer": threadIsWokenByPeer,
    "AS-02 an aborted wait delays nobody": abortedWaitDelaysNobody,
  },
  blocking: { "EV-06 set wakes who waits": wakesWhoWaits, "LK-10 a long timeout waits": longTimeoutWaits },
};
