// What one thread can see of a dict. With others: dict_processes_test.ts, dict_claims_test.ts.
import { deepStrictEqual, equal, notEqual, ok, rejects, throws } from "node:assert/strict";
import { describe } from "node:test";
import { attach, SharedDict } from "@lockstep/manager";
import { Lock } from "@lockstep/sync";
import { it } from "@lockstep/testing";
import { ownSegment } from "./place.ts";
import { KEYS, LONG_KEYS, NO_KEYS, VALUES } from "./samples.ts";

const INVALID_STATE = { name: "InvalidStateError", code: "ERR_LOCKSTEP_INVALID_STATE" };
const NOT_CLONED = { name: "DataCloneError" };
const UNCLONABLE: readonly unknown[] = [() => 1, Symbol("a"), new WeakMap(), { deep: [() => 1] }, new Proxy({}, {})];

describe("Keys", () => {
  const dict = new SharedDict<unknown>();

  it("are told apart as Map tells them", () => {
    const model = new Map<unknown, unknown>();
    for (const [index, key] of KEYS.entries()) {
      dict.set(key, index);
      model.set(key, index);
    }
    equal(dict.size, KEYS.length);
    for (const [index, key] of KEYS.entries()) equal(dict.get(key), index, String(key).slice(0, 20));
    deepStrictEqual(dict.toMap(), model);
  });

  it("of -0 and 0 are one, which comes back as 0", () => {
    dict.clear();
    dict.set(-0, "minus").set(0, "plus");
    deepStrictEqual([...dict], [[0, "plus"]]);
    equal(dict.has(-0), true);
  });

  it("of 65,535 bytes fit, longer ones are a RangeError that says so", () => {
    dict.clear();
    for (const key of LONG_KEYS) {
      const tooLong = { name: "RangeError", message: /a key has at most 65535 bytes, got a longer one/ };
      throws(() => dict.set(key, 1), tooLong);
      throws(() => dict.get(key), tooLong);
      throws(() => dict.increment(key), tooLong);
      throws(() => dict.delete(key), tooLong);
    }
    equal(dict.size, 0);
  });

  it("of other types are a TypeError in every method but has()", async () => {
    dict.clear();
    const wrong = { name: "TypeError", message: /a key is a string, number, bigint or boolean, got / };
    for (const key of NO_KEYS) {
      equal(dict.has(key), false);
      throws(() => dict.get(key), wrong);
      throws(() => dict.set(key, 1), wrong);
      throws(() => dict.delete(key), wrong);
      throws(() => dict.pop(key), wrong);
      throws(() => dict.increment(key), wrong);
      throws(() => dict.getOrInsert(key, 1), wrong);
      throws(() => dict.compareAndSet(key, 1, 2), wrong);
      throws(() => dict.compareAndSet(key, undefined, 2), wrong);
      throws(() => dict.getBytes(key), wrong);
      throws(() => dict.getOrInsertComputedSync(key, () => 1), wrong);
      await rejects(dict.getOrInsertComputed(key, () => 1), wrong);
      throws(() => dict.modify(key, () => 1), wrong);
    }
    equal(dict.size, 0);
  });
});

describe("Values", () => {
  const dict = new SharedDict<unknown>();

  for (const [name, make] of Object.entries(VALUES)) {
    it(`${name}: comes back as structuredClone would give it`, () => {
      const expected = structuredClone(make());
      dict.set("set", make());
      deepStrictEqual(dict.get("set"), expected);
      deepStrictEqual(dict.getOrInsert("inserted", make()), make(), "the value itself, as it is the first");
      deepStrictEqual(dict.getOrInsert("inserted", "another"), expected);
      deepStrictEqual(dict.toMap().get("inserted"), expected);
      deepStrictEqual(dict.pop("inserted"), expected);
      equal(dict.has("inserted"), false);
    });
  }

  it("are copies: what is done to one reaches nobody until it is set", () => {
    const mine = { list: [1] };
    dict.set("copy", mine);
    mine.list.push(2);
    const theirs = dict.get("copy") as typeof mine;
    deepStrictEqual(theirs, { list: [1] });
    theirs.list.push(3);
    deepStrictEqual(dict.get("copy"), { list: [1] });
    dict.set("copy", theirs);
    deepStrictEqual(dict.get("copy"), { list: [1, 3] });
  });

  it("of bytes stay what they are while others are read", () => {
    dict.set("one", new Uint8Array(100).fill(1)).set("two", new Uint8Array(100).fill(2));
    const [one, two] = dict.getMany(["one", "two"]);
    deepStrictEqual([one, two], [new Uint8Array(100).fill(1), new Uint8Array(100).fill(2)]);
  });

  it("undefined is there, absent is not", () => {
    dict.set("there", undefined);
    deepStrictEqual([dict.get("there"), dict.has("there")], [undefined, true]);
    deepStrictEqual([dict.get("absent"), dict.has("absent")], [undefined, false]);
    ok(dict.toMap().has("there"));
    equal(dict.pop("there", "fallback"), undefined);
    equal(dict.pop("there", "fallback"), "fallback");
  });

  it("that cannot be copied are a DataCloneError, and nothing changes", async () => {
    dict.clear();
    dict.set("kept", 1);
    for (const value of UNCLONABLE) {
      throws(() => dict.set("kept", value), NOT_CLONED);
      throws(() => dict.set("new", value), NOT_CLONED);
      throws(() => dict.getOrInsert("new", value), NOT_CLONED);
      throws(() => dict.modify("kept", () => value), NOT_CLONED);
      throws(() => dict.compareAndSet("kept", 1, value), NOT_CLONED);
      throws(() => dict.compareAndSet("new", undefined, value), NOT_CLONED);
      throws(() => dict.getOrInsertComputedSync("new", () => value), NOT_CLONED);
      await rejects(dict.getOrInsertComputed("new", () => value), NOT_CLONED);
    }
    deepStrictEqual([...dict], [["kept", 1]]);
  });

  it("what a getter in a value throws is thrown, and nothing changes", () => {
    dict.clear();
    const value = {
      get broken(): never {
        throw new Error("mine");
      },
    }; // deno-fmt-ignore
    throws(() => dict.set("a", value), { message: "mine" });
    equal(dict.size, 0);
  });

  it("may have getters that use the dict themselves", () => {
    dict.clear();
    const value = {
      first: 1,
      get second(): unknown {
        dict.set("inner", new Uint8Array([5]));
        return dict.get("inner");
      },
    };
    dict.set("outer", value);
    deepStrictEqual(dict.get("outer"), { first: 1, second: new Uint8Array([5]) });
  });

  it("may have shared objects in them, which arrive as the same ones", () => {
    dict.clear();
    const [inner, lock] = [new SharedDict<number>(), new Lock()];
    dict.set("nested", { inner, lock, itself: dict });
    const found = dict.get("nested") as { inner: SharedDict<number>; lock: Lock; itself: SharedDict<unknown> };
    found.inner.set("x", 5);
    equal(inner.get("x"), 5);
    const guard = lock.acquireSync();
    equal(found.lock.locked, true);
    guard.release();
    equal(found.itself.has("nested"), true);
  });

  it("keep their shared objects, unless these are destroyed: then they are an InvalidStateError to read", () => {
    dict.clear();
    const inner = new SharedDict();
    dict.set("nested", { inner });
    inner[Symbol.dispose]();
    const found = (dict.get("nested") as { inner: SharedDict }).inner;
    found.destroy();
    found[Symbol.dispose]();
    throws(() => dict.get("nested"), INVALID_STATE);
    dict.set("nested", 1);
    equal(dict.get("nested"), 1);
  });
});

describe("SharedDict as Map", () => {
  it("set() gives the dict, and replaces", () => {
    const dict = new SharedDict<number>();
    equal(dict.set("a", 1), dict);
    dict.set("a", 2).set("b", 3);
    deepStrictEqual([dict.get("a"), dict.get("b"), dict.size], [2, 3, 2]);
  });

  it("delete() says whether there was an entry", () => {
    const dict = new SharedDict<number>().set("a", 1);
    deepStrictEqual([dict.delete("a"), dict.delete("a"), dict.size, dict.get("a")], [true, false, 0, undefined]);
  });

  it("clear() removes all, and the dict goes on", () => {
    const dict = new SharedDict<number>();
    for (let i = 0; i < 1000; i++) dict.set(i, i);
    equal(dict.size, 1000);
    dict.clear();
    deepStrictEqual([dict.size, dict.get(5), [...dict.keys()]], [0, undefined, []]);
    equal(dict.set(5, 6).get(5), 6);
  });

  it("keys(), values(), entries(), forEach() and iteration meet every entry once", () => {
    const dict = new SharedDict<string>();
    const model = new Map(Array.from({ length: 500 }, (_, i) => [i, `value ${i}`]));
    for (const [key, value] of model) dict.set(key, value);
    const sorted = (items: Iterable<unknown>): unknown[] => [...items].sort();
    deepStrictEqual(sorted(dict.keys()), sorted(model.keys()));
    deepStrictEqual(sorted(dict.values()), sorted(model.values()));
    deepStrictEqual(new Map(dict.entries() as Iterable<[number, string]>), model);
    deepStrictEqual(new Map(dict as Iterable<[number, string]>), model);
    const visited = new Map<unknown, unknown>();
    dict.forEach((value, key, itself) => {
      equal(itself, dict);
      equal(visited.has(key), false);
      visited.set(key, value);
    });
    deepStrictEqual(visited, model);
    throws(() => dict.forEach(5 as unknown as () => void), TypeError);
  });

  it("a walk meets what is there all the while once, though the dict grows and shrinks under it", () => {
    const dict = new SharedDict<number>();
    for (let i = 0; i < 300; i++) dict.set(`stays ${i}`, i);
    for (let i = 0; i < 300; i++) dict.set(`goes ${i}`, i);
    const met = new Map<unknown, number>();
    let added = 0;
    for (const key of dict.keys()) {
      met.set(key, (met.get(key) ?? 0) + 1);
      dict.delete(`goes ${met.size}`);
      for (let i = 0; i < 20 && added < 6000; i++) dict.set(`comes ${added++}`, i);
    }
    equal([...met.values()].every((times) => times === 1), true);
    equal([...met.keys()].filter((key) => String(key).startsWith("stays")).length, 300);
    equal(dict.has("stays 299") && added === 6000, true);
  });

  it("an iterator that is at its end stays there", () => {
    const dict = new SharedDict<number>().set("a", 1);
    const entries = dict.entries();
    deepStrictEqual([...entries], [["a", 1]]);
    dict.set("b", 2);
    deepStrictEqual(entries.next(), { done: true, value: undefined });
  });

  it("values() and entries() give what a key has when its turn comes, and leave out what is gone", () => {
    const dict = new SharedDict<number>().set("a", 1).set("b", 1);
    const [, other] = [...dict.keys()];
    const seen: unknown[] = [];
    for (const [key, value] of dict) {
      seen.push([key, value]);
      dict.set(other!, 2);
    }
    deepStrictEqual(seen[1], [other, 2]);
    let count = 0;
    for (const _ of dict.values()) {
      dict.clear();
      count++;
    }
    equal(count, 1);
  });
});

describe("SharedDict, several at once", () => {
  it("setMany() and getMany()", () => {
    const dict = new SharedDict<number>();
    equal(dict.setMany(new Map([["a", 1], ["b", 2]])), dict);
    deepStrictEqual(dict.getMany(new Set(["b", "absent", "a"])), [2, undefined, 1]);
    const failing: [string, unknown][] = [["c", 3], ["d", () => 1], ["e", 5]];
    throws(() => dict.setMany(failing as [string, number][]), NOT_CLONED);
    deepStrictEqual(dict.getMany(["c", "d", "e"]), [3, undefined, undefined]);
  });

  it("assign() takes an iterable or an object", () => {
    const dict = new SharedDict<number>();
    equal(dict.assign({ a: 1, b: 2 }), dict);
    dict.assign([["b", 3], [4, 4]]);
    dict.assign(new SharedDict<number>().set("c", 5));
    deepStrictEqual(dict.toMap(), new Map<unknown, number>([["a", 1], ["b", 3], [4, 4], ["c", 5]]));
    throws(() => dict.assign(5 as unknown as Record<string, number>), TypeError);
  });

  it("toMap() and toObject() are copies", () => {
    const dict = new SharedDict<unknown>().set("a", [1]).set(2, "b").set("__proto__", 3);
    const object = dict.toObject();
    deepStrictEqual(Object.keys(object).sort(), ["2", "__proto__", "a"]);
    equal(Object.getPrototypeOf(object), Object.prototype);
    dict.clear();
    deepStrictEqual(object["a"], [1]);
    const map = dict.set("a", 1).toMap();
    map.set("a", 2);
    equal(dict.get("a"), 1);
  });

  it("pop() takes one, popItem() takes them all one by one, then is an InvalidStateError", () => {
    const dict = new SharedDict<number>().set("a", 1).set("b", 2);
    deepStrictEqual([dict.pop("a"), dict.pop("a"), dict.pop("a", 7), dict.size], [1, undefined, 7, 1]);
    deepStrictEqual(dict.popItem(), ["b", 2]);
    throws(() => dict.popItem(), { ...INVALID_STATE, message: /it is empty/ });
    const taken = new Map<unknown, number>();
    for (let i = 0; i < 200; i++) dict.set(`key ${i}`, i);
    while (dict.size > 0) taken.set(...dict.popItem());
    equal(taken.size, 200);
    equal(taken.get("key 199"), 199);
  });

  it("setBytes() and getBytes() take bytes and nothing else", () => {
    const dict = new SharedDict<unknown>().set("number", 5);
    equal(dict.setBytes("a", new Uint8Array([1, 2])), dict);
    const bytes = dict.getBytes("a")!;
    deepStrictEqual(bytes, new Uint8Array([1, 2]));
    bytes[0] = 9;
    deepStrictEqual(dict.get("a"), new Uint8Array([1, 2]));
    equal(dict.getBytes("absent"), undefined);
    const large = new Uint8Array(200_000).fill(3);
    deepStrictEqual(dict.setBytes("large", large).getBytes("large"), large);
    for (const value of [5, "text", null, {}, [1], -1]) {
      dict.set("other", value);
      throws(() => dict.getBytes("other"), { name: "TypeError", message: /the value of key "other" is no Uint8Array/ });
      throws(() => dict.setBytes("b", value as Uint8Array), { name: "TypeError", message: /must be a Uint8Array/ });
    }
    equal(dict.has("b"), false);
  });
});

describe("SharedDict, where it is", () => {
  const segment = ownSegment("place");

  it("by name it is the same dict, also for another SharedDict", () => {
    const [first, second] = [1, 2].map(() => new SharedDict<number>({ name: "dict", segment }));
    first!.set("a", 1);
    equal(second!.get("a"), 1);
    equal(new SharedDict<number>({ name: "dict", segment: segment.name }).get("a"), 1);
    deepStrictEqual([first!.name, new SharedDict().name], ["dict", undefined]);
  });

  it("by handle as well: from() and attach()", () => {
    const dict = new SharedDict<number>({ segment }).set("a", 1);
    equal(SharedDict.from<number>(dict.handle).get("a"), 1);
    const attached = attach(dict.handle);
    ok(attached instanceof SharedDict);
    equal(attached.get("a"), 1);
    const lock = new Lock({ segment });
    ok(attach(lock.handle) instanceof Lock);
    throws(() => SharedDict.from(lock.handle), { name: "MismatchError", message: /names a Lock/ });
    throws(() => attach("nonsense"), RangeError);
    throws(() => attach(5 as unknown as string), TypeError);
  });

  it("a handle of what is gone is an InvalidStateError", () => {
    const dict = new SharedDict({ segment });
    const { handle } = dict;
    dict[Symbol.dispose]();
    throws(() => SharedDict.from(handle), INVALID_STATE);
    throws(() => attach(handle), INVALID_STATE);
    throws(() => attach(handle.replace(segment.name, "there-is-none")), INVALID_STATE);
  });

  it("a name that is taken otherwise is a MismatchError that states both", () => {
    new Lock({ name: "a lock", segment });
    new SharedDict({ name: "limited", segment, maxEntries: 5 });
    const taken: [string, object, RegExp][] = [
      ["a lock", {}, /"a lock": it exists as Lock, asked for SharedDict\(no limit\)/],
      ["limited", {}, /it exists as SharedDict\(maxEntries 5, evict error\), asked for SharedDict\(no limit\)/],
      ["limited", { maxEntries: 6 }, /maxEntries 5, evict error\), asked for SharedDict\(maxEntries 6, evict error/],
      ["limited", { maxEntries: 5, evict: "lru" }, /evict error\), asked for SharedDict\(maxEntries 5, evict lru/],
    ];
    for (const [name, options, message] of taken) {
      throws(() => new SharedDict({ name, segment, ...options }), { name: "MismatchError", message });
    }
    equal(new SharedDict({ name: "limited", segment, maxEntries: 5 }).size, 0);
  });

  it("destroy() takes the name away, and leaves the dict to those who have it", () => {
    const dict = new SharedDict<number>({ name: "destroyed", segment }).set("a", 1);
    deepStrictEqual([dict.destroy(), dict.destroy()], [true, false]);
    const next = new SharedDict<number>({ name: "destroyed", segment });
    deepStrictEqual([next.size, dict.get("a")], [0, 1]);
    notEqual(next.handle, dict.handle);
    equal(new SharedDict({ segment }).destroy(), false);
  });

  it("toString() says where it is and how many entries it has", () => {
    const dict = new SharedDict({ name: "text", segment }).set("a", 1);
    equal(String(dict), `SharedDict(${segment.name}/text: 1 entry)`);
    equal(String(dict.set("b", 2)), `SharedDict(${segment.name}/text: 2 entries)`);
    dict[Symbol.dispose]();
    equal(String(dict), "SharedDict(disposed)");
  });
});

describe("SharedDict that was disposed", () => {
  type Use = (dict: SharedDict<unknown>) => unknown;
  const uses: Record<string, Use> = {
    get: (dict) => dict.get("a"),
    set: (dict) => dict.set("a", 1),
    has: (dict) => dict.has("a"),
    delete: (dict) => dict.delete("a"),
    clear: (dict) => dict.clear(),
    size: (dict) => dict.size,
    keys: (dict) => dict.keys().next(),
    values: (dict) => dict.values().next(),
    entries: (dict) => dict.entries().next(),
    iteration: (dict) => [...dict],
    forEach: (dict) => dict.forEach(() => {}),
    getMany: (dict) => dict.getMany(["a"]),
    setMany: (dict) => dict.setMany([["a", 1]]),
    assign: (dict) => dict.assign({ a: 1 }),
    toMap: (dict) => dict.toMap(),
    toObject: (dict) => dict.toObject(),
    getOrInsert: (dict) => dict.getOrInsert("a", 1),
    getOrInsertComputed: (dict) => dict.getOrInsertComputed("a", () => 1),
    getOrInsertComputedSync: (dict) => dict.getOrInsertComputedSync("a", () => 1),
    modify: (dict) => dict.modify("a", () => 1),
    compareAndSet: (dict) => dict.compareAndSet("a", 1, 2),
    "compareAndSet without expectation": (dict) => dict.compareAndSet("a", undefined, 2),
    increment: (dict) => dict.increment("a"),
    pop: (dict) => dict.pop("a"),
    popItem: (dict) => dict.popItem(),
    setBytes: (dict) => dict.setBytes("a", new Uint8Array(1)),
    getBytes: (dict) => dict.getBytes("a"),
    destroy: (dict) => dict.destroy(),
    handle: (dict) => dict.handle,
  };

  it("is an InvalidStateError in every method, twice disposed or once", async () => {
    const other = new SharedDict<unknown>().set("a", -1);
    const dict = SharedDict.from(other.handle);
    dict[Symbol.dispose]();
    for (const times of [1, 2]) {
      for (const [name, use] of Object.entries(uses)) {
        await rejects(async () => await use(dict), INVALID_STATE, `${name}, disposed ${times} times`);
      }
      dict[Symbol.dispose]();
    }
    deepStrictEqual([...other], [["a", -1]], "the other one has nothing to do with it");
  });

  it("ends a walk that has begun", () => {
    const dict = new SharedDict<number>();
    for (let i = 0; i < 500; i++) dict.set(i, i);
    const keys = dict.keys();
    keys.next();
    dict[Symbol.dispose]();
    throws(() => [...keys], INVALID_STATE);
  });

  it("a method does not work on something else", () => {
    throws(() => SharedDict.prototype.get.call(new Lock() as unknown as SharedDict, "a"), TypeError);
  });
});
