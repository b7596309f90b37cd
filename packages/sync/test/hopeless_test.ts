// When a list may be passed over although its bucket was rung: only while arming again would change nothing.
import { equal } from "node:assert/strict";
import { describe, it } from "node:test";
import { KIND, LAYOUT } from "@lockstep/native";
import { openState } from "@lockstep/segment";
import { EventState } from "#src/event.ts";
import { SemaphoreState } from "#src/semaphore.ts";

describe("a promise for a Semaphore", () => {
  const state = openState(SemaphoreState, { kind: KIND.semaphore, parameter: 0, where: "test" }, {});
  const eventCount = state.at + 1;

  it("has hopes until it is armed, then none", async () => {
    equal(state.isHopeless(1), false);
    const waiting = state.list.start(1, undefined);
    equal(state.isHopeless(1), true);
    state.give(1);
    await waiting;
    equal(state.isHopeless(1), false);
  });

  it("has hopes once a permit is there, though nobody has rung yet", async () => {
    const waiting = state.list.start(1, undefined);
    Atomics.add(state.words, state.at, 1);
    equal(state.isHopeless(1), false);
    equal(state.isHopeless(2), false, "M does not stand");
    state.wake(1);
    await waiting;
  });

  it("has hopes once its bell was taken, or the waiters' bit, which is to be set again", async () => {
    const waiting = state.list.start(1, undefined);
    Atomics.and(state.words, eventCount, ~LAYOUT.countWaiters);
    equal(state.isHopeless(1), false);
    Atomics.or(state.words, eventCount, LAYOUT.countWaiters);
    equal(state.isHopeless(1), true);
    const bells = state.at - LAYOUT.headWords + LAYOUT.bells;
    const taken = Atomics.exchange(state.words, bells, 0);
    equal(state.isHopeless(1), false);
    Atomics.or(state.words, bells, taken);
    state.give(1);
    await waiting;
  });

  it("for two has none while there is one permit", async () => {
    const waiting = state.list.start(2, undefined);
    Atomics.add(state.words, state.at, 1);
    equal(state.isHopeless(2), true);
    state.give(1);
    await waiting;
  });
});

it("a promise for an Event has none in its own generation, while the flag is down", async () => {
  const state = openState(EventState, { kind: KIND.event, where: "test" }, {});
  const { generation } = state;
  equal(state.isHopeless(generation), false);
  const waiting = state.list.start(generation, undefined);
  equal(state.isHopeless(generation), true);
  equal(state.isHopeless(generation + 8), false);
  state.set();
  await waiting;
  equal(state.isHopeless(generation), false);
});
