// The judge is judged first: histories that are right, and each kind of wrong one.
import { equal } from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  type Call,
  DICT_KEY,
  isLinearizable,
  LIST,
  type Operation,
  queueOf,
  type Result,
  type Specification,
} from "@lockstep/testing";

type Event = [called: number, returned: number | null, call: Call, output?: Result];

function judge<S>(specification: Specification<S, Call, Result>, events: readonly Event[]): boolean {
  const history = events.map(([called, returned, input, output]) => ({ called, returned, input, output }));
  return isLinearizable(specification, history);
}

const RIGHT: Record<string, Event[]> = {
  "nothing": [],
  "one after the other": [[0, 1, ["set", 1]], [2, 3, ["get"], 1], [4, 5, ["delete"], true], [6, 7, ["get"]]],
  "a read during a write sees the old value": [[0, 1, ["set", 1]], [2, 9, ["set", 2]], [3, 4, ["get"], 1]],
  "or the new one": [[0, 1, ["set", 1]], [2, 9, ["set", 2]], [3, 4, ["get"], 2]],
  "increments at once": [[0, 9, ["increment"], 2], [1, 8, ["increment"], 1], [2, 7, ["increment"], 3]],
  "one of two wins": [[0, 9, ["compareAndSet", undefined, 1], true], [0, 9, ["compareAndSet", undefined, 2], false]],
  "what touches may be either way": [[0, 5, ["set", 1]], [5, 6, ["get"]]],
  "who died may have done it": [[0, null, ["set", 1]], [1, 2, ["get"]], [3, 4, ["get"], 1]],
  "or not": [[0, null, ["set", 1]], [1, 2, ["get"]], [3, 4, ["get"]]],
};

const WRONG: Record<string, Event[]> = {
  "a stale read": [[0, 1, ["set", 1]], [2, 3, ["set", 2]], [4, 5, ["get"], 1]],
  "a read of what was never there": [[0, 1, ["set", 1]], [2, 3, ["get"], 5]],
  "a lost update": [[0, 9, ["increment"], 1], [1, 8, ["increment"], 1]],
  "a new value, then the old one": [[0, 1, ["set", 1]], [2, 9, ["set", 2]], [3, 4, ["get"], 2], [5, 6, ["get"], 1]],
  "two winners": [[0, 9, ["compareAndSet", undefined, 1], true], [0, 9, ["compareAndSet", undefined, 2], true]],
  "two that took the same": [[0, 1, ["set", 1]], [2, 9, ["pop"], 1], [2, 9, ["pop"], 1]],
  "two inserted values": [[0, 9, ["getOrInsert", 1], 1], [0, 9, ["getOrInsert", 2], 2]],
  "who died did it twice": [[0, null, ["increment"]], [1, 2, ["increment"], 1], [3, 4, ["get"], 3]],
};

const WRONG_OF_QUEUES: Record<string, Event[]> = {
  "an item twice": [[0, 1, ["tryPut", 1], true], [2, 9, ["tryGet"], 1], [2, 9, ["tryGet"], 1]],
  "an item from nowhere": [[0, 1, ["tryPut", 1], true], [2, 3, ["tryGet"], 2]],
  "a lost item": [[0, 1, ["tryPut", 1], true], [2, 3, ["tryGet"]]],
  "the second before the first": [
    [0, 1, ["tryPut", 1], true],
    [2, 3, ["tryPut", 2], true],
    [4, 5, ["tryGet"], 2],
    [6, 7, ["tryGet"], 1],
  ],
};

/** A history with an order that is right: each operation takes effect at `index`, within its call. */
function historyOf<S>(specification: Specification<S, Call, Result>, calls: readonly [Call, number, number][]) {
  let state = specification.initial;
  return calls.map(([input, before, after], index): Operation<Call, Result> => {
    const step = specification.step(state, input);
    state = step.state;
    return { input, output: step.output, called: index - before, returned: index + after };
  });
}

const value = fc.integer({ min: 1, max: 3 });
const lag = fc.double({ min: 0, max: 4, noNaN: true });
const calls = (call: fc.Arbitrary<Call>): fc.Arbitrary<[Call, number, number][]> =>
  fc.array(fc.tuple(call, lag, lag), { maxLength: 60 });
const dictCall: fc.Arbitrary<Call> = fc.oneof(
  fc.constantFrom<Call[]>(["get"], ["has"], ["delete"], ["pop"], ["increment"]),
  fc.tuple(fc.constantFrom("set", "getOrInsert"), value),
  fc.tuple(fc.constant("compareAndSet"), fc.option(value, { nil: undefined }), value),
);
const queueCall: fc.Arbitrary<Call> = fc.oneof(
  fc.constantFrom<Call[]>(["tryGet"], ["size"]),
  fc.tuple(fc.constant("tryPut"), value),
);
const listCall: fc.Arbitrary<Call> = fc.oneof(
  fc.constantFrom<Call[]>(["pop"], ["shift"], ["length"], ["at", 0], ["at", -1]),
  fc.tuple(fc.constantFrom("push", "unshift"), value),
);

function acceptsAll<S>(specification: Specification<S, Call, Result>, call: fc.Arbitrary<Call>): void {
  fc.assert(fc.property(calls(call), (made) => isLinearizable(specification, historyOf(specification, made))), {
    numRuns: 200,
  });
}

describe("isLinearizable() of a key", () => {
  for (const [title, events] of Object.entries(RIGHT)) {
    it(`accepts ${title}`, () => equal(judge(DICT_KEY, events), true));
  }
  for (const [title, events] of Object.entries(WRONG)) {
    it(`rejects ${title}`, () => equal(judge(DICT_KEY, events), false));
  }
  it("accepts whatever took effect within its call", () => acceptsAll(DICT_KEY, dictCall));

  it("rejects a sum that nobody made, among a thousand", () => {
    const made = Array.from({ length: 1000 }, (): [Call, number, number] => [["increment"], 3, 3]);
    const history = historyOf(DICT_KEY, made);
    equal(isLinearizable(DICT_KEY, history), true);
    history[500]!.output = 500; // as the one before it
    equal(isLinearizable(DICT_KEY, history), false);
  });
});

describe("isLinearizable() of a queue and of a list", () => {
  for (const [title, events] of Object.entries(WRONG_OF_QUEUES)) {
    it(`rejects ${title}`, () => equal(judge(queueOf(), events), false));
  }
  it("accepts items that were put at once, in any order", () => {
    equal(judge(queueOf(), [[0, 9, ["tryPut", 1], true], [0, 9, ["tryPut", 2], true], [10, 11, ["tryGet"], 2]]), true);
  });
  it("knows when a queue is full", () => {
    equal(judge(queueOf(1), [[0, 1, ["tryPut", 1], true], [2, 3, ["tryPut", 2], false]]), true);
    equal(judge(queueOf(1), [[0, 1, ["tryPut", 1], true], [2, 3, ["tryPut", 2], true]]), false);
  });
  it("accepts whatever took effect within its call", () => {
    acceptsAll(queueOf(), queueCall);
    acceptsAll(queueOf(2), queueCall);
    acceptsAll(LIST, listCall);
  });
  it("rejects an item at both ends of a list", () => {
    equal(judge(LIST, [[0, 1, ["push", 1], 1], [2, 9, ["pop"], 1], [2, 9, ["shift"], 1]]), false);
  });
});
