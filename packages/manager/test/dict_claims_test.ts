// Single flight between processes and threads: of all that ask for a key one computes, whoever dies.
import { deepStrictEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { beforeEach, describe } from "node:test";
import { SharedDict } from "@lockstep/manager";
import type { Segment } from "@lockstep/memory";
import { Event } from "@lockstep/sync";
import { it } from "@lockstep/testing";
import { type Child, endings, OTHER, start, type Where } from "./child.ts";
import { ownSegment, until } from "./place.ts";

const segment = ownSegment("claims");
const dict = new SharedDict<unknown>({ name: "dict", segment });
const go = new Event({ name: "go", segment });
const run = (where: Where, ...args: string[]): Child => start(where, "dict_main", [segment.name, ...args]);
const computes = (child: Child): boolean => child.lines.includes("computes");

beforeEach(() => {
  dict.clear();
  go.clear();
});

/** Starts them, waits until all have asked and one of them computes; the others come after it. */
async function untilOneComputes(children: Child[]): Promise<[computer: Child, waiting: Child[]]> {
  await Promise.all(children.map((child) => child.line("asks")));
  await until(() => children.some(computes));
  const computer = children.find(computes)!;
  return [computer, children.filter((child) => child !== computer)];
}

describe("getOrInsertComputed() of four processes", () => {
  for (const task of ["compute", "computeSync"]) {
    it(`${task}: one computes, all get its value`, async () => {
      const children = (["process", "process", OTHER, OTHER] as Where[]).map((where, i) => run(where, task, String(i)));
      const [computer] = await untilOneComputes(children);
      go.set();
      deepStrictEqual(await endings(children), children.map(() => "exit 0"));
      equal(dict.get("computations"), 1);
      const result = `got by ${children.indexOf(computer)}`;
      for (const child of children) equal(child.lines.at(-1), result);
    });
  }

  it("some blocked, some not: one computes", async () => {
    const tasks: [Where, string][] = [["process", "compute"], ["process", "computeSync"], [OTHER, "computeSync"]];
    const children = tasks.map(([where, task], index) => run(where, task, String(index)));
    await untilOneComputes(children);
    go.set();
    deepStrictEqual(await endings(children), children.map(() => "exit 0"));
    equal(dict.get("computations"), 1);
    equal(new Set(children.map((child) => child.lines.at(-1))).size, 1);
  });

  it("its function throws: its promise rejects, another one computes", async () => {
    const failing = run("process", "compute", "0", "no luck");
    await failing.line("computes");
    const children = (["process", OTHER] as Where[]).map((where, i) => run(where, "compute", String(i + 1)));
    await Promise.all(children.map((child) => child.line("asks")));
    go.set();
    deepStrictEqual(await endings([failing, ...children]), ["exit 0", "exit 0", "exit 0"]);
    equal(failing.lines.at(-1), "failed: no luck");
    equal(dict.get("computations"), 2);
    for (const child of children) equal(child.lines.at(-1), `got ${dict.get("computed")}`);
  });

  for (const task of ["compute", "computeSync"]) {
    it(`${task}: killed while it computes, another one takes over`, async () => {
      const children = (["process", OTHER, "process"] as Where[]).map((where, i) => run(where, task, String(i)));
      const [computer, waiting] = await untilOneComputes(children);
      equal(await computer.kill(), "SIGKILL");
      await until(() => waiting.some(computes));
      const heir = waiting.find(computes)!;
      const [last] = waiting.filter((child) => child !== heir);
      equal(await heir.kill(), "SIGKILL");
      await last!.line("computes");
      go.set();
      equal(await last!.ended, "exit 0");
      deepStrictEqual([last!.lines.at(-1), dict.get("computations")], [`got ${dict.get("computed")}`, 3]);
    });
  }
});

describe("While a process computes, this thread", () => {
  async function whileComputed(scenario: (child: Child) => Promise<void>): Promise<void> {
    const child = run(OTHER, "compute", "0");
    try {
      await child.line("computes");
      await scenario(child);
    } finally {
      go.set();
      equal(await child.ended, "exit 0");
    }
    equal(dict.get("computed"), "by 0");
  }
  const mine = (): string => "mine";

  it("gives up after its timeout", () =>
    whileComputed(async () => {
      const timedOut = { name: "TimeoutError", message: /compute key "computed" of SharedDict "dict"/ };
      const start = performance.now();
      await rejects(dict.getOrInsertComputed("computed", mine, { timeout: 50 }), timedOut);
      throws(() => dict.getOrInsertComputedSync("computed", mine, { timeout: 50 }), timedOut);
      ok(performance.now() - start > 98);
      throws(() => dict.getOrInsertComputedSync("computed", mine, { timeout: 0 }), timedOut);
    }));

  it("gives up when its signal is aborted, and others go on waiting", () =>
    whileComputed(async () => {
      const controller = new AbortController();
      const aborted = dict.getOrInsertComputed("computed", mine, { signal: controller.signal });
      const patient = dict.getOrInsertComputed("computed", mine);
      controller.abort("enough");
      await rejects(aborted, (reason) => reason === "enough");
      go.set();
      equal(await patient, "by 0");
    }));

  it("is served by a plain set(), once the other is done", () =>
    whileComputed(async () => {
      equal(await dict.getOrInsertComputed("another", mine), "mine", "of another key");
      dict.set("computed", "by 0");
      equal(await dict.getOrInsertComputed("computed", mine), "by 0");
    }));

  it("may be rejected by disposing the dict", () =>
    whileComputed(async () => {
      const [first, second] = [new SharedDict({ name: "other", segment }), new SharedDict({ name: "other", segment })];
      let finish = (): void => {};
      const computing = first.getOrInsertComputed("a", () => new Promise<string>((end) => finish = () => end("done")));
      const waiting = second.getOrInsertComputed("a", mine);
      await new Promise((resolve) => setImmediate(resolve));
      first[Symbol.dispose]();
      second[Symbol.dispose]();
      await rejects(waiting, { name: "InvalidStateError" });
      finish();
      equal(await computing, "done");
    }));
});

describe("A dict that is disposed", () => {
  it("while it computes stores the value, and lets others go on", async () => {
    const own = ownSegment("disposed");
    const disposed = new SharedDict<unknown>({ name: "dict", segment: own });
    let finish: (() => void) | undefined;
    const compute = (): Promise<unknown> => new Promise((resolve) => finish = () => resolve("by the disposed"));
    const computing = disposed.getOrInsertComputed("computed", compute);
    await until(() => finish !== undefined);
    disposed[Symbol.dispose]();
    finish?.();
    equal(await computing, "by the disposed");
    await goesOnIn(own, "by the disposed");
  });

  it("before it has begun to compute lets others go on", async () => {
    const own = ownSegment("disposed-at-once");
    const disposed = new SharedDict<unknown>({ name: "dict", segment: own });
    const computing = disposed.getOrInsertComputed("computed", () => "by the disposed");
    disposed[Symbol.dispose]();
    equal(await computing, "by the disposed");
    await goesOnIn(own, "by the disposed");
  });

  async function goesOnIn({ name: segment }: Segment, value: unknown): Promise<void> {
    equal(await start("thread", "dict_main", [segment, "computeSilently", "a thread"]).ended, "exit 0");
    equal(new SharedDict({ name: "dict", segment }).get("got by a thread"), value);
  }
});
