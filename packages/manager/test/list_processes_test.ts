// One list in several processes and threads, of Node and of Deno, some of which are killed.
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { beforeEach, describe } from "node:test";
import { SharedList } from "@lockstep/manager";
import { it } from "@lockstep/testing";
import { type Child, endings, OTHER, start, type Where } from "./child.ts";
import { ownSegment } from "./place.ts";

const TIMES = 1500;
const ROUNDS_OF_KILLS = 6;
const MOST_MS = 60; // until a kill
const GROUP = 50;

const segment = ownSegment("list-processes");
const list = new SharedList<unknown>({ name: "list", segment });
const run = (where: Where, ...args: string[]): Child => start(where, "list_main", [segment.name, ...args]);

beforeEach(() => list.clear());

describe("Several processes and threads", () => {
  const crew: Where[] = ["process", OTHER, "thread", "thread"];

  it("lose no element and double none, wherever they put and take them", async () => {
    const parties = String(crew.length);
    const putting = crew.map((where, index) => run(where, "push", parties, String(TIMES), String(index)));
    deepStrictEqual(await endings(putting), crew.map(() => "exit 0"));
    const expected = crew.flatMap((_, me) => Array.from({ length: TIMES }, (_, index) => `${me} ${index}`)).sort();
    deepStrictEqual((list.toArray() as string[]).sort(), expected);
    const taking = crew.map((where, index) => run(where, "take", parties, String(index)));
    deepStrictEqual(await endings(taking), crew.map(() => "exit 0"));
    const takings = crew.flatMap((_, me) => new SharedList<string>({ name: `taken by ${me}`, segment }).toArray());
    deepStrictEqual(takings.sort(), expected);
    equal(list.length, 0);
  });
});

describe("Values of all kinds", () => {
  for (const [writer, reader] of [["process", OTHER], [OTHER, "process"], ["node20", OTHER]] as [Where, Where][]) {
    it(`that ${writer} has written, ${reader} reads`, async () => {
      equal(await run(writer, "write").ended, "exit 0");
      equal(await run(reader, "compare").ended, "exit 0");
    });
  }
});

describe("SIGKILL", () => {
  it("leaves what came together together, whenever it comes", async () => {
    for (let round = 0; round < ROUNDS_OF_KILLS; round++) {
      const children = (["process", OTHER, "process"] as Where[]).map((where) => run(where, "storm"));
      await Promise.all(children.map((child) => child.line("begins")));
      for (const child of children) {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * MOST_MS));
        equal(await child.kill(), "SIGKILL");
        const elements = list.toArray();
        equal(elements.length % GROUP, 0);
        ok(elements.every((element, at) => at % GROUP === 0 || sameAs(element, elements[at - 1])));
      }
    }
    list.clear();
    list.push("works");
    deepStrictEqual([...list], ["works"]);
  });
});

function sameAs(element: unknown, other: unknown): boolean {
  deepStrictEqual(element, other);
  return true;
}
