// A namespace is an object for everything that looks at it, and shared.
import { deepStrictEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { describe } from "node:test";
import { inspect } from "node:util";
import { namespace, SharedDict } from "@lockstep/manager";
import { Lock } from "@lockstep/sync";
import { it } from "@lockstep/testing";
import { OTHER, start } from "./child.ts";
import { ownSegment } from "./place.ts";
import { VALUES } from "./samples.ts";

const INVALID_STATE = { name: "InvalidStateError", code: "ERR_LOCKSTEP_INVALID_STATE" };

describe("A namespace", () => {
  it("has the properties that it was given, and no others", () => {
    const shared = namespace<{ name: string; job: string; _hidden: number }>();
    shared.name = "Bob";
    shared.job = "Builder";
    shared._hidden = 5;
    deepStrictEqual([shared.name, shared.job, shared._hidden], ["Bob", "Builder", 5]);
    equal(delete shared.job, true);
    deepStrictEqual(["name" in shared, "job" in shared, shared.job], [true, false, undefined]);
    equal(delete shared.job, true);
    deepStrictEqual(Object.keys(shared).sort(), ["_hidden", "name"]);
  });

  it("has none that objects have by themselves", () => {
    const shared = namespace();
    for (const name of ["constructor", "toString", "hasOwnProperty", "__proto__", "then", "toJSON"]) {
      deepStrictEqual([name in shared, shared[name]], [false, undefined], name);
      shared[name] = 1;
      deepStrictEqual([name in shared, shared[name]], [true, 1], name);
    }
    deepStrictEqual(Object.keys(shared).length, 6);
  });

  it("is looked at as any object", async () => {
    const shared = namespace<Record<string, unknown>>();
    Object.assign(shared, { a: 1, b: [2], 3: "c" });
    deepStrictEqual({ ...shared }, { a: 1, b: [2], 3: "c" });
    deepStrictEqual(new Map(Object.entries(shared)), new Map<string, unknown>([["a", 1], ["b", [2]], ["3", "c"]]));
    deepStrictEqual(JSON.parse(JSON.stringify(shared)), { a: 1, b: [2], 3: "c" });
    const names: string[] = [];
    for (const name in shared) names.push(name);
    deepStrictEqual(names.sort(), ["3", "a", "b"]);
    deepStrictEqual(Object.getOwnPropertyDescriptor(shared, "a"), {
      value: 1,
      writable: true,
      enumerable: true,
      configurable: true,
    });
    equal(Object.getOwnPropertyDescriptor(shared, "absent"), undefined);
    equal(Object.hasOwn(shared, "b"), true);
    equal(await shared, shared, "it is no thenable");
    const { a, ...rest } = shared;
    deepStrictEqual([a, rest], [1, { b: [2], 3: "c" }]);
  });

  it("takes 500 properties", () => {
    const shared = namespace<Record<string, number>>();
    for (let index = 0; index < 500; index++) shared[`p${index}`] = index;
    equal(Object.keys(shared).length, 500);
    deepStrictEqual(Object.values(shared).map(Number).sort((a, b) => a - b), Array.from({ length: 500 }, (_, i) => i));
  });

  it("takes values of all kinds", () => {
    const shared = namespace<{ value: unknown }>();
    for (const [name, make] of Object.entries(VALUES)) {
      shared.value = make();
      deepStrictEqual(shared.value, structuredClone(make()), name);
      equal("value" in shared, true);
    }
  });

  it("gives copies: a change inside needs another assignment", () => {
    const shared = namespace<{ list: number[] }>();
    shared.list = [1];
    shared.list!.push(2);
    deepStrictEqual(shared.list, [1]);
    shared.list = [...shared.list!, 2];
    deepStrictEqual(shared.list, [1, 2]);
  });

  it("gives shared objects as the same ones", () => {
    const shared = namespace<{ dict: SharedDict<number>; inside: { lock: Lock } }>();
    const [dict, lock] = [new SharedDict<number>(), new Lock()];
    shared.dict = dict;
    shared.inside = { lock };
    shared.dict!.set("a", 1);
    equal(dict.get("a"), 1);
    const guard = shared.inside!.lock.acquireSync();
    equal(lock.locked, true);
    guard.release();
  });

  it("shows its properties, whatever the runtime shows values with", () => {
    const shared = namespace<{ a: number }>();
    shared.a = 1;
    const inDeno = (globalThis as { Deno?: { inspect(value: unknown): string } }).Deno?.inspect ?? inspect;
    deepStrictEqual([inspect(shared), inDeno({ shared })], ["{ a: 1 }", "{ shared: { a: 1 } }"]);
    shared[Symbol.dispose]();
    deepStrictEqual([inspect(shared), inDeno(shared)], ["Namespace(disposed)", "Namespace(disposed)"]);
  });

  it("can be disposed by what looks for a plain function", () => {
    const shared = namespace();
    const dispose: object = shared[Symbol.dispose];
    ok("prototype" in dispose || !String(dispose).includes("[native code]"), "a bound function would not do");
    shared[Symbol.dispose]();
    throws(() => shared["a"], INVALID_STATE);
  });

  it("may be a value, and is then the same one", () => {
    const outer = namespace<{ inner: { a: number } }>();
    const inner = namespace<{ a: number }>();
    outer.inner = inner as { a: number };
    outer.inner!.a = 3;
    equal(inner.a, 3);
  });

  it("refuses what others could not have, and changes nothing", () => {
    const shared = namespace<Record<string | symbol, unknown>>();
    shared["a"] = 1;
    throws(() => shared["a"] = () => 1, { name: "DataCloneError" });
    throws(() => shared[Symbol("b")] = 1, TypeError);
    throws(() => Object.defineProperty(shared, "b", { get: () => 1 }), TypeError);
    throws(() => Object.defineProperty(shared, "b", { value: 1, writable: false }), TypeError);
    throws(() => Object.defineProperty(shared, "b", { value: 1, enumerable: false }), TypeError);
    throws(() => Object.defineProperty(shared, "b", { value: 1, configurable: false }), TypeError);
    throws(() => Object.defineProperty(shared, "a", { enumerable: true }), TypeError);
    for (const harden of [Object.freeze, Object.seal, Object.preventExtensions]) {
      throws(() => harden(shared), TypeError);
    }
    deepStrictEqual({ ...shared }, { a: 1 });
    shared["b"] = 2;
    equal(
      Reflect.defineProperty(shared, "c", { value: 3, writable: true, enumerable: true, configurable: true }),
      true,
    );
    deepStrictEqual({ ...shared }, { a: 1, b: 2, c: 3 });
    throws(() => shared["x".repeat(65_536)] = 1, RangeError);
  });

  it("by name is the same in this thread, and another kind of object is a MismatchError", () => {
    const segment = ownSegment("namespace");
    const [first, second] = [1, 2].map(() => namespace<{ a: number }>({ name: "same", segment }));
    first!.a = 1;
    equal(second!.a, 1);
    const wanted = { name: "MismatchError", message: /it exists as Namespace, asked for SharedDict/ };
    throws(() => new SharedDict({ name: "same", segment }), wanted);
    new SharedDict({ name: "dict", segment });
    throws(() => namespace({ name: "dict", segment }), { name: "MismatchError", message: /asked for Namespace/ });
    throws(() => namespace({ name: 5 as unknown as string }), TypeError);
  });

  for (const where of ["process", OTHER, "thread"] as const) {
    it(`by name is the same in a ${where}`, async () => {
      const segment = ownSegment(`namespace-${where}`);
      const shared = namespace<{ x: number; y: unknown; late: string }>({ name: "settings", segment });
      shared.x = 0;
      shared.y = { list: [1, "é", "中"] };
      equal(await start(where, "namespace_main", [segment.name]).ended, "exit 0");
      deepStrictEqual({ ...shared }, { x: 1, late: "from elsewhere" });
    });
  }

  it("is an InvalidStateError in every way after it was disposed, once or twice", async () => {
    const shared = namespace<{ a: number }>();
    shared.a = 1;
    shared[Symbol.dispose]();
    shared[Symbol.dispose]();
    const uses: Record<string, () => unknown> = {
      get: () => shared.a,
      set: () => shared.a = 1,
      has: () => "a" in shared,
      delete: () => delete shared.a,
      keys: () => Object.keys(shared),
      descriptor: () => Object.getOwnPropertyDescriptor(shared, "a"),
    };
    for (const [name, use] of Object.entries(uses)) await rejects(async () => await use(), INVALID_STATE, name);
    ok(typeof shared[Symbol.dispose] === "function");
  });
});
