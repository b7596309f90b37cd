// Changes as they are told to those who watch, in this thread and in other processes.
import { deepStrictEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { describe } from "node:test";
import { type DictChange, SharedDict } from "@lockstep/manager";
import { it } from "@lockstep/testing";
import { type Child, endings, OTHER, start, type Where } from "./child.ts";
import { ownSegment, until } from "./place.ts";

const segment = ownSegment("watch");
const run = (where: Where, ...args: string[]): Child => start(where, "watch_main", [segment.name, ...args]);

type Changes = AsyncIterableIterator<DictChange<unknown>>;

/** The next change; the watchdog of the tests ends what waits in vain. */
async function next(changes: Changes): Promise<DictChange<unknown>> {
  const { done, value } = await changes.next();
  equal(done, false);
  return value;
}

describe("SharedDict.watch()", () => {
  it("tells what becomes of each key, from then on", async () => {
    const dict = new SharedDict<unknown>().set("before", 1);
    const changes = dict.watch();
    dict.set("a", { b: 1 }).delete("before");
    const told = [await next(changes), await next(changes)].sort((a, b) => a.type < b.type ? 1 : -1);
    deepStrictEqual(told, [{ type: "set", key: "a", value: { b: 1 } }, { type: "delete", key: "before" }]);
  });

  it("waits for the next change, and makes one of several of a key", async () => {
    const dict = new SharedDict<unknown>();
    const changes = dict.watch();
    const waiting = next(changes);
    await new Promise((resolve) => setTimeout(resolve, 1));
    dict.set("a", 1);
    deepStrictEqual(await waiting, { type: "set", key: "a", value: 1 });
    for (let value = 0; value < 10; value++) dict.set("a", value);
    deepStrictEqual(await next(changes), { type: "set", key: "a", value: 9 });
    dict.increment("a");
    deepStrictEqual(await next(changes), { type: "set", key: "a", value: 10 });
    dict.set("a", undefined);
    deepStrictEqual(await next(changes), { type: "set", key: "a", value: undefined });
  });

  it("of one key tells of no other, and never resets", async () => {
    for (const key of ["a", 1, -0, NaN, 5n, true]) {
      const dict = new SharedDict<unknown>();
      const changes = dict.watch(key);
      for (let index = 2; index < 100; index++) dict.set(`other ${index}`, 1).set(index, 1);
      dict.set(key, 1);
      const told = await next(changes);
      deepStrictEqual(told, { type: "set", key: key === 0 ? 0 : key, value: 1 });
      dict.clear();
      equal((await next(changes)).type, "delete");
      for (let index = 0; index < 20_000; index++) dict.set(`many ${index}`, 1);
      dict.set(key, 2);
      const last = await next(changes);
      equal(last.type === "set" && last.value, 2);
    }
  });

  it("says when each key may have changed: clear(), and too many changes", async () => {
    const dict = new SharedDict<unknown>().set("a", 1);
    const changes = dict.watch();
    dict.clear();
    deepStrictEqual(await next(changes), { type: "reset" });
    for (let index = 0; index < 20_000; index++) dict.set(index, index);
    deepStrictEqual(await next(changes), { type: "reset" });
    dict.set("a", 2);
    deepStrictEqual(await next(changes), { type: "set", key: "a", value: 2 });
  });

  it("tells every watcher, whichever is first to look", async () => {
    const dict = new SharedDict<unknown>();
    const watches = [dict.watch(), dict.watch("a"), dict.watch("b"), dict.watch()] as const;
    const [first, second, third, fourth] = watches.map(next);
    await new Promise((resolve) => setTimeout(resolve, 1));
    dict.set("a", 1);
    for (const told of [first, second, fourth]) deepStrictEqual(await told, { type: "set", key: "a", value: 1 });
    dict.set("b", 2);
    deepStrictEqual(await third, { type: "set", key: "b", value: 2 });
    const ends = watches.map((watch) => watch.return!());
    deepStrictEqual(await Promise.all(ends), watches.map(() => ({ done: true, value: undefined })));
  });

  it("ends with the loop, with return(), with the signal, and with the dict", async () => {
    const dict = new SharedDict<unknown>();
    const over = { done: true, value: undefined };
    const changes = dict.watch();
    dict.set("a", 1);
    for await (const change of changes) {
      equal(change.type, "set");
      break;
    }
    deepStrictEqual(await changes.next(), over);

    const returned = dict.watch();
    const pending = returned.next();
    await Promise.resolve();
    await returned.return!();
    deepStrictEqual(await pending, over);

    const controller = new AbortController();
    const aborted = dict.watch(undefined, { signal: controller.signal });
    const waiting = aborted.next();
    await Promise.resolve();
    const reason = new Error("enough");
    controller.abort(reason);
    await rejects(waiting, reason);
    deepStrictEqual(await aborted.next(), over);
    await rejects(dict.watch("a", { signal: AbortSignal.abort(reason) }).next(), reason);

    const left = dict.watch().next();
    await Promise.resolve();
    dict[Symbol.dispose]();
    await rejects(left, { name: "InvalidStateError" });
    throws(() => dict.watch(), { name: "InvalidStateError" });
  });

  it("refuses what is no key and no option, and a segment without room", () => {
    const dict = new SharedDict<unknown>();
    for (const key of [{}, null, Symbol("a")]) throws(() => dict.watch(key as string), TypeError);
    throws(() => dict.watch("k".repeat(70_000)), RangeError);
    throws(() => dict.watch("a", { signal: 5 as unknown as AbortSignal }), TypeError);
    throws(() => dict.watch("a", null as unknown as object), TypeError);
    const small = new SharedDict<unknown>({ segment: ownSegment("watch-small", { capacity: 2 ** 21 }) });
    throws(() => {
      for (let index = 0;; index++) small.set(index, "x".repeat(900));
    }, { name: "SegmentFullError" });
    throws(() => small.watch(), { name: "SegmentFullError", message: /Cannot watch SharedDict/ });
  });
});

describe("Watching processes", () => {
  for (const where of ["process", OTHER, "node20"] as Where[]) {
    it(`${where} mirrors what several others do`, async () => {
      const dict = new SharedDict<unknown>({ name: "watched", segment });
      dict.clear();
      const mirror = run(where, "mirror");
      await mirror.line("watches");
      deepStrictEqual(await endings([run("process", "write", "20000"), run(OTHER, "write", "20000")]), [
        "exit 0",
        "exit 0",
      ]);
      dict.set("end", true);
      equal(await mirror.ended, "exit 0");
      equal(mirror.lines.at(-1), JSON.stringify([...dict].sort()));
      dict[Symbol.dispose]();
    });
  }

  it("are told of all that others did before they were killed", async () => {
    const dict = new SharedDict<unknown>({ name: "watched", segment });
    dict.clear();
    const changes = dict.watch();
    const mirror = new Map<unknown, unknown>();
    let isOver = false;
    const following = (async () => {
      for await (const change of changes) {
        if (change.type === "set") mirror.set(change.key, change.value);
        if (change.type === "reset") { for (const [key, value] of dict) mirror.set(key, value); }
        if (isOver && change.type === "set" && change.key === "end") return;
      }
    })();
    for (const where of ["process", OTHER] as Where[]) {
      const victim = run(where, "storm");
      await victim.line("begins");
      await until(() => mirror.size > 30);
      ok(["SIGKILL", "exit 137"].includes(await victim.kill()));
    }
    isOver = true;
    dict.set("end", true);
    await following;
    deepStrictEqual([...mirror].sort(), [...dict].sort());
    dict[Symbol.dispose]();
  });

  it("end by themselves when they await nothing", async () => {
    equal(await run("process", "idle").ended, "exit 0");
    equal(await run(OTHER, "idle").ended, "exit 0");
  });
});
