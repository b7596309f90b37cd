// Containers in containers: how long what lies in them lives.
import { deepStrictEqual, equal, ok, throws } from "node:assert/strict";
import { beforeEach, describe } from "node:test";
import { attach, type Namespace, namespace, SharedDict, SharedList } from "@lockstep/manager";
import { Condition, Lock } from "@lockstep/sync";
import { it } from "@lockstep/testing";
import { OTHER, start, type Where } from "./child.ts";
import { ownSegment, until } from "./place.ts";

const INVALID_STATE = { name: "InvalidStateError", code: "ERR_LOCKSTEP_INVALID_STATE" };

const segment = ownSegment("nested", { capacity: 64 << 20 });
const outer = new SharedDict<unknown>({ name: "outer", segment });
const list = new SharedList<unknown>({ name: "list", segment });
const objects = (): number => segment.stats().objects;
outer.modify("k", () => undefined); // the first makes a hidden object, for claims
let before = 0;

beforeEach(() => {
  outer.clear();
  before = objects();
});

/** A new dict that only the value under the key names; its handle. */
function lyingUnder(key: string, options?: { ttl: number }): string {
  using inner = new SharedDict<unknown>({ segment });
  inner.set("x", 5);
  outer.set(key, { inner }, options);
  return inner.handle;
}

/** What lies under the key. */
function innerOf(key: string): SharedDict<unknown> {
  return (outer.get(key) as { inner: SharedDict<unknown> }).inner;
}

/** Lets go of what was read. */
function dispose(value: unknown): undefined {
  (value as { inner: SharedDict<unknown> }).inner[Symbol.dispose]();
}

describe("An anonymous object in a container", () => {
  it("lives when nobody has it attached, and is the same one to all who read it", () => {
    lyingUnder("k");
    equal(objects(), before + 1);
    using first = innerOf("k");
    using second = innerOf("k");
    first.set("x", 6);
    deepStrictEqual([second.get("x"), second.handle], [6, first.handle]);
  });

  it("goes when its value is replaced, deleted, popped or cleared", () => {
    const ends: Record<string, () => unknown> = {
      set: () => outer.set("k", 1),
      delete: () => outer.delete("k"),
      modify: () => outer.modify("k", dispose),
      compareAndSet: () => {
        const expected = outer.get("k");
        ok(outer.compareAndSet("k", expected, 1));
        dispose(expected);
      },
      pop: () => dispose(outer.pop("k")),
      popItem: () => dispose(outer.popItem()[1]),
      clear: () => outer.clear(),
    };
    for (const [how, end] of Object.entries(ends)) {
      outer.clear();
      const handle = lyingUnder("k");
      end();
      throws(() => attach(handle), INVALID_STATE, how);
      equal(objects(), before, how);
    }
  });

  it("that was popped stays for the one who popped it", () => {
    lyingUnder("k");
    using inner = (outer.pop("k") as { inner: SharedDict<unknown> }).inner;
    equal(inner.get("x"), 5);
    equal(objects(), before + 1);
  });

  it("stays while any value names it", () => {
    const handle = lyingUnder("k");
    {
      using inner = innerOf("k");
      outer.set("other", [inner, inner]);
    }
    outer.delete("k");
    (attach(handle) as SharedDict)[Symbol.dispose]();
    outer.delete("other");
    equal(objects(), before);
  });

  it("goes with an entry that is evicted", () => {
    using cache = new SharedDict<unknown>({ segment, maxEntries: 2, evict: "lru" });
    for (let index = 0; index < 20; index++) {
      using lock = new Lock({ segment });
      cache.set(index, lock);
      ok(objects() <= before + 3);
    }
    cache.clear();
    equal(objects(), before + 1);
  });

  it("goes with an entry whose time is over, once somebody counts or writes", async () => {
    lyingUnder("brief", { ttl: 1 });
    await until(() => !outer.has("brief"));
    equal(outer.size, 0);
    equal(objects(), before);
  });

  it("of another segment is not kept", () => {
    const other = ownSegment("nested-other");
    const lock = new Lock({ segment: other });
    outer.set("k", lock);
    (outer.get("k") as Lock)[Symbol.dispose]();
    lock[Symbol.dispose]();
    throws(() => outer.get("k"), INVALID_STATE);
    outer.set("k", 1);
  });

  it("can be many in one value", () => {
    const locks = Array.from({ length: 500 }, () => new Lock({ segment }));
    outer.set("k", locks);
    for (const lock of locks) lock[Symbol.dispose]();
    equal(objects(), before + 500);
    const found = outer.get("k") as Lock[];
    equal(found.length, 500);
    for (const lock of found) lock[Symbol.dispose]();
    outer.delete("k");
    equal(objects(), before);
  });

  it("is there for a value larger than what is copied at once", () => {
    {
      using inner = new SharedDict<unknown>({ segment });
      outer.set("k", { inner, text: "x".repeat(200_000) });
    }
    const { inner, text } = outer.get("k") as { inner: SharedDict<unknown>; text: string };
    deepStrictEqual([inner.size, text.length], [0, 200_000]);
    inner[Symbol.dispose]();
    outer.delete("k");
    equal(objects(), before);
  });

  it("is attached by nobody who only wanted bytes", () => {
    lyingUnder("k");
    throws(() => outer.getBytes("k"), TypeError);
    outer.delete("k");
    equal(objects(), before);
  });
});

describe("Containers in each other", () => {
  it("are dicts, namespaces, locks and conditions in dicts and namespaces", () => {
    const settings: Namespace<{ dict: SharedDict<unknown>; gate: Condition }> = namespace({ segment });
    {
      using dict = new SharedDict<unknown>({ segment });
      using lock = new Lock({ segment });
      using gate = new Condition(lock, { segment });
      dict.set("settings", settings);
      settings.dict = dict;
      settings.gate = gate;
    }
    using dict = settings.dict!;
    using gate = settings.gate!;
    equal(gate.lock.locked, false);
    const again = dict.get("settings") as typeof settings;
    ok("gate" in again);
    dict.delete("settings");
    again[Symbol.dispose]();
    settings[Symbol.dispose]();
  });

  it("go with the outermost, however deep", () => {
    const depth = 2000;
    let outermost = new SharedDict<unknown>({ segment });
    outermost.set("lock", new Lock({ segment }));
    for (let index = 0; index < depth; index++) {
      const around = new SharedDict<unknown>({ segment });
      around.set("inner", outermost);
      outermost[Symbol.dispose]();
      outermost = around;
    }
    ok(objects() >= before + depth);
    outer.set("deep", outermost);
    outermost[Symbol.dispose]();
    outer.clear();
    ok(objects() <= before + 1); // the lock, which nobody has disposed
  });

  it("in itself: destroy() ends it, and so does removing the value", () => {
    for (
      const end of [(dict: SharedDict<unknown>) => dict.destroy(), (dict: SharedDict<unknown>) => dict.delete("me")]
    ) {
      const start = objects();
      const dict = new SharedDict<unknown>({ segment });
      const { handle } = dict;
      dict.set("me", { itself: dict });
      dict[Symbol.dispose]();
      const again = attach(handle) as SharedDict<unknown>;
      end(again);
      again[Symbol.dispose]();
      equal(objects(), start);
    }
  });

  it("that were destroyed are an InvalidStateError to read once nobody has them", () => {
    const handle = lyingUnder("k");
    {
      using inner = attach(handle) as SharedDict<unknown>;
      equal(inner.destroy(), false);
      using same = innerOf("k");
      equal(same.get("x"), 5);
    }
    throws(() => outer.get("k"), INVALID_STATE);
    throws(() => outer.pop("k"), INVALID_STATE);
    equal(outer.has("k"), false);
    equal(objects(), before);
  });
});

describe("What another process has made and stored", () => {
  for (const where of ["process", OTHER, "thread"] as Where[]) {
    for (const how of where === "thread" ? ["exit"] : ["exit", "wait"]) {
      it(`stays when that ${where} is gone: ${how === "exit" ? "exited" : "killed"}`, async () => {
        const child = start(where, "nested_main", [segment.name, how]);
        if (how === "exit") {
          equal(await child.ended, "exit 0");
        } else {
          await child.line("stored");
          await child.kill();
        }
        await until(() => segment.stats().participants === 1);
        equal(objects(), before + 3);
        {
          using inner = innerOf("inner");
          const settings = inner.get("settings") as Namespace<{ level: number; deep: { lock: Lock } }>;
          equal(settings.level, 3);
          using lock = settings.deep!.lock;
          lock.acquireSync().release();
          settings[Symbol.dispose]();
        }
        outer.clear();
        equal(objects(), before + 3);
        const element = list.pop() as { inner: SharedDict<unknown> };
        ok(element.inner.has("settings"));
        dispose(element);
        equal(objects(), before);
      });
    }
  }
});
