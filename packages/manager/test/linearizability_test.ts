// What threads and processes of Node and Deno do at once to one key, one queue or one list could have happened one after the other.
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { describe } from "node:test";
import { SharedDict } from "@lockstep/manager";
import { type Call, DICT_KEY, isLinearizable, it, LIST, type Operation, queueOf, type Result } from "@lockstep/testing";
import { endings, OTHER, start, type Where } from "./child.ts";
import { ownSegment } from "./place.ts";

const CREW: Where[] = ["process", OTHER, "thread", "thread"];

let recorded = 0;

type History = Operation<Call, Result>[];

/** All that the crew did in each round, as each of them has seen it. */
async function record(subject: string, rounds: number, times: number): Promise<History[]> {
  const segment = ownSegment(`history-${subject}-${recorded++}`);
  const args = [String(CREW.length), String(rounds), String(times)];
  const children = CREW.map((where, me) => start(where, "history_main", [segment.name, subject, String(me), ...args]));
  deepStrictEqual(await endings(children), CREW.map(() => "exit 0"));
  const seen = [...new SharedDict<History[]>({ name: `histories of ${subject}`, segment }).values()];
  equal(seen.flat(2).length, CREW.length * rounds * times);
  return Array.from({ length: rounds }, (_, round) => seen.flatMap((histories) => histories[round]!));
}

/** The same until some of it was done at once: on a busy machine one may be through before the next one begins. */
async function recordTogether(subject: string): Promise<History[]> {
  for (;;) {
    const histories = await record(subject, 200, 30);
    if (histories.some((history) => overlapsIn(history) > 0)) return histories;
  }
}

/** How many operations were called before another one had returned. */
function overlapsIn(history: History): number {
  const byCall = [...history].sort((a, b) => a.called - b.called);
  return byCall.filter(({ called }, index) => index > 0 && called < byCall[index - 1]!.returned!).length;
}

const QUEUE = queueOf(3);

describe("One queue, used by two processes and two threads, is linearizable", () => {
  it("queue", async () => {
    for (const history of await recordTogether("queue")) {
      equal(isLinearizable(QUEUE, history), true, JSON.stringify(history));
    }
  });

  it("one that gives the last item first is found out", async () => {
    const histories = await record("lifo", 20, 30);
    ok(histories.some((history) => !isLinearizable(QUEUE, history)));
  });
});

describe("One list, used by two processes and two threads, is linearizable", () => {
  it("list", async () => {
    for (const history of await recordTogether("list")) {
      equal(isLinearizable(LIST, history), true, JSON.stringify(history));
    }
  });

  it("at() and shift() in the place of shift() are found out", async () => {
    const full = { ...LIST, initial: Array.from({ length: 12 }, (_, index) => index + 1) };
    for (const history of await record("tornList", 1, 2)) equal(isLinearizable(full, history), false);
  });
});

describe("One key of a dict, used by two processes and two threads, is linearizable", () => {
  for (const subject of ["dict", "modify"]) {
    it(subject, async () => {
      for (const history of await recordTogether(subject)) {
        equal(isLinearizable(DICT_KEY, history), true, JSON.stringify(history));
      }
    });
  }

  it("get() and set() in the place of increment() are found out", async () => {
    for (const history of await record("torn", 1, 3)) equal(isLinearizable(DICT_KEY, history), false);
  });
});
