// One dict in several processes and threads, of Node and of Deno, some of which are killed.
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { beforeEach, describe } from "node:test";
import { SharedDict } from "@lockstep/manager";
import { it } from "@lockstep/testing";
import { type Child, endings, OTHER, start, type Where } from "./child.ts";
import { ownSegment } from "./place.ts";
import { checkWhole, whole } from "./whole.ts";

const TIMES = 3000;
const ROUNDS_OF_KILLS = 6;
const MOST_MS = 60; // until a kill
const KEPT = 200;

const segment = ownSegment("processes");
const dict = new SharedDict<unknown>({ name: "dict", segment });
const run = (where: Where, ...args: string[]): Child => start(where, "dict_main", [segment.name, ...args]);

beforeEach(() => dict.clear());

describe("Several processes and threads", () => {
  const crew: Where[] = ["process", OTHER, "thread", "thread"];

  it("increment() sums exactly", async () => {
    const parties = String(crew.length);
    const children = crew.map((where) => run(where, "increment", parties, String(TIMES)));
    deepStrictEqual(await endings(children), crew.map(() => "exit 0"));
    equal(dict.get("count"), crew.length * TIMES);
  });

  it("modify() loses nothing", async () => {
    dict.set("count", 0);
    const children = crew.map((where) => run(where, "modify", String(crew.length), "400"));
    deepStrictEqual(await endings(children), crew.map(() => "exit 0"));
    equal(dict.get("count"), crew.length * 400);
  });

  it("compareAndSet() lets one win at a time", async () => {
    const children = crew.map((where, index) => run(where, "append", String(crew.length), "50", String(index)));
    deepStrictEqual(await endings(children), crew.map(() => "exit 0"));
    const list = dict.get("list") as string[];
    deepStrictEqual([list.length, new Set(list).size], [crew.length * 50, crew.length * 50]);
  });

  it("getOrInsert() has one winner for each key", async () => {
    const children = crew.map((where, index) => run(where, "insert", String(crew.length), String(index)));
    deepStrictEqual(await endings(children), crew.map(() => "exit 0"));
    const winners = Array.from({ length: 200 }, (_, index) => dict.get(`won ${index}`));
    for (const index of crew.keys()) deepStrictEqual(dict.get(`seen by ${index}`), winners);
    ok(winners.every((winner) => "0123".includes((winner as { winner: string }).winner)));
  });

  it("popItem() gives each entry to one of them", async () => {
    for (let index = 0; index < 2000; index++) dict.set(index, index);
    const children = crew.map((where, index) => run(where, "popItems", String(crew.length), String(index)));
    deepStrictEqual(await endings(children), crew.map(() => "exit 0"));
    const takings = [...new SharedDict<number[]>({ name: "takings", segment }).values()].flat();
    deepStrictEqual(takings.sort((a, b) => a - b), Array.from({ length: 2000 }, (_, index) => index));
    equal(dict.size, 0);
  });
});

describe("Keys and values of all kinds", () => {
  for (const [writer, reader] of [["process", OTHER], [OTHER, "process"], ["node20", OTHER]] as [Where, Where][]) {
    it(`that ${writer} has written, ${reader} reads`, async () => {
      equal(await run(writer, "write").ended, "exit 0");
      equal(await run(reader, "compare").ended, "exit 0");
    });
  }
});

describe("modify()", () => {
  it("is exact while others are killed inside of their functions", async () => {
    dict.set("count", 0);
    const modifiers: Where[] = ["process", OTHER, "thread"];
    const victims: Where[] = ["process", OTHER];
    const parties = String(modifiers.length + victims.length);
    const children = modifiers.map((where) => run(where, "modify", parties, "300"));
    const dying = victims.map((where) => run(where, "modifyAndDie", parties, "50"));
    deepStrictEqual(await endings(dying), ["SIGKILL", "SIGKILL"]);
    deepStrictEqual(await endings(children), modifiers.map(() => "exit 0"));
    equal(dict.get("count"), modifiers.length * 300 + victims.length * 50);
    equal(dict.modify("count", (count) => Number(count) + 1), modifiers.length * 300 + victims.length * 50 + 1);
  });

  it("never brings back what a plain set() has replaced", async () => {
    dict.set("epoch", { epoch: -1, count: 0 });
    const counters: Where[] = ["process", OTHER];
    const children = counters.map((where) => run(where, "countInEpochs", "3"));
    children.push(run("process", "beginEpochs", "3", "2000"));
    deepStrictEqual(await endings(children), ["exit 0", "exit 0", "exit 0"]);
    const { epoch, count } = dict.get("epoch") as { epoch: number; count: number };
    equal(epoch, 1999);
    ok(count <= Number(dict.get("counts")));
  });
});

describe("A process that is killed at any moment", () => {
  it("leaves every value whole and the dict usable", async () => {
    const kept = new Map(Array.from({ length: KEPT }, (_, index) => [`kept ${index}`, whole(index)]));
    for (let round = 0; round < ROUNDS_OF_KILLS; round++) {
      const storms = (round % 2 === 0 ? ["process", "process"] : ["process", OTHER]) as Where[];
      const children = storms.map((where) => run(where, "storm"));
      await Promise.all(children.map((child) => child.line("begins")));
      const wait = Math.random() * MOST_MS;
      await new Promise((resolve) => setTimeout(resolve, wait));
      deepStrictEqual(await Promise.all(children.map((child) => child.kill())), ["SIGKILL", "SIGKILL"]);
      checkContents(`killed after ${wait} ms in round ${round}`);
      for (const [key, value] of kept) dict.set(key, value);
      for (const [key, value] of kept) deepStrictEqual(dict.get(key), value);
    }
    equal(typeof dict.increment("rounds"), "number");
    dict.clear();
    deepStrictEqual([dict.size, [...dict]], [0, []]);
  });

  it("gives its memory back: a small segment does not fill up by kills", async () => {
    const small = ownSegment("small", { capacity: 2 * 2 ** 20 });
    const filled = new SharedDict<unknown>({ name: "dict", segment: small });
    const counts: number[] = [];
    for (let round = 0; round < ROUNDS_OF_KILLS; round++) {
      filled.clear();
      const child = start("process", "dict_main", [small.name, "storm"]);
      await child.line("begins");
      await new Promise((resolve) => setTimeout(resolve, Math.random() * MOST_MS));
      equal(await child.kill(), "SIGKILL");
      filled.clear();
      counts.push(fill(filled));
    }
    // The first one has room for what the dict needs besides entries; pieces between slabs differ a little.
    ok(counts.at(-1)! > counts[0]! * 0.95, `room for ${counts} entries`);
  });
});

function checkContents(what: string): void {
  const entries = [...dict];
  equal(dict.size, entries.length, what);
  for (const [key, value] of entries) {
    checkWhole(value);
    deepStrictEqual(dict.get(key), value, what);
  }
}

function fill(dict: SharedDict<unknown>): number {
  for (let index = 0;; index++) {
    try {
      dict.set(index, "x".repeat(500));
    } catch (error) {
      equal((error as Error).name, "SegmentFullError");
      return index;
    }
  }
}
