// Steps that are one for all: as one thread sees them. In contention: dict_processes_test.ts, dict_claims_test.ts.
import { deepStrictEqual, equal, rejects, throws } from "node:assert/strict";
import { describe } from "node:test";
import { SharedDict } from "@lockstep/manager";
import { it } from "@lockstep/testing";

const INVALID_STATE = { name: "InvalidStateError" };
const TIMED_OUT = { name: "TimeoutError", code: "ERR_LOCKSTEP_TIMEOUT" };

describe("SharedDict.getOrInsert()", () => {
  it("stores the value where there is none, and gives what is there", () => {
    const dict = new SharedDict<unknown>();
    deepStrictEqual([dict.getOrInsert("a", 1), dict.getOrInsert("a", 2), dict.get("a")], [1, 1, 1]);
    const made = { list: [1] };
    equal(dict.getOrInsert("b", made), made);
    deepStrictEqual(dict.getOrInsert("b", 5), { list: [1] });
  });

  it("takes undefined for a value", () => {
    const dict = new SharedDict<unknown>().set("a", undefined);
    equal(dict.getOrInsert("a", 5), undefined);
  });
});

describe("SharedDict.getOrInsertComputed()", () => {
  it("computes once, with the key, by a promise or at once", async () => {
    const dict = new SharedDict<unknown>();
    const keys: unknown[] = [];
    const compute = (key: unknown): Promise<string> => {
      keys.push(key);
      return Promise.resolve(`of ${key}`);
    };
    equal(await dict.getOrInsertComputed(5, compute), "of 5");
    equal(await dict.getOrInsertComputed(5, compute), "of 5");
    equal(await dict.getOrInsertComputed(6, () => undefined), undefined);
    equal(await dict.getOrInsertComputed(6, () => 7), undefined);
    equal(dict.getOrInsertComputedSync(7, (key) => `sync ${key}`), "sync 7");
    equal(dict.getOrInsertComputedSync(7, () => 8), "sync 7");
    deepStrictEqual(keys, [5]);
  });

  it("tasks of one thread compute once as well, and each key on its own", async () => {
    const dict = new SharedDict<string>();
    const computed: unknown[] = [];
    const compute = async (key: unknown): Promise<string> => {
      computed.push(key);
      await new Promise((resolve) => setImmediate(resolve));
      return `value ${key}`;
    };
    const tasks = Array.from({ length: 30 }, (_, index) => dict.getOrInsertComputed(index % 3, compute));
    deepStrictEqual(await Promise.all(tasks), Array.from({ length: 30 }, (_, index) => `value ${index % 3}`));
    deepStrictEqual(computed, [0, 1, 2]);
  });

  it("what the function throws rejects its own promise, and the next task computes", async () => {
    const dict = new SharedDict<number>();
    let calls = 0;
    const compute = async (): Promise<number> => {
      await new Promise((resolve) => setImmediate(resolve));
      if (++calls < 3) throw new Error(`failed ${calls}`);
      return calls;
    };
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => dict.getOrInsertComputed("a", compute)));
    deepStrictEqual(results.map((result) => result.status), ["rejected", "rejected", "fulfilled", "fulfilled"]);
    equal((results[1] as PromiseRejectedResult).reason.message, "failed 2");
    equal(calls, 3);
    throws(() =>
      dict.getOrInsertComputedSync("b", () => {
        throw new Error("mine");
      }), { message: "mine" }); // deno-fmt-ignore
    equal(dict.getOrInsertComputedSync("b", () => 5), 5);
  });

  it("a value that somebody sets meanwhile is the result", async () => {
    const dict = new SharedDict<string>();
    const computing = dict.getOrInsertComputed("a", () => {
      dict.set("a", "set");
      return "computed";
    });
    deepStrictEqual([await computing, dict.get("a")], ["set", "set"]);
  });

  it("ends early by timeout or signal, and then leaves nothing behind", async () => {
    const dict = new SharedDict<string>();
    let finish = (_: string): void => {};
    const computing = dict.getOrInsertComputed("a", () => new Promise((resolve) => finish = resolve));
    const late = (): string => "late";
    await rejects(dict.getOrInsertComputed("a", late, { timeout: 0 }), TIMED_OUT);
    await rejects(dict.getOrInsertComputed("a", late, { timeout: 20 }), TIMED_OUT);
    await rejects(
      dict.getOrInsertComputed("a", late, { signal: AbortSignal.abort("before") }),
      (reason) => reason === "before",
    );
    const controller = new AbortController();
    const aborted = dict.getOrInsertComputed("a", late, { signal: controller.signal });
    const patient = dict.getOrInsertComputed("a", late);
    controller.abort("meanwhile");
    await rejects(aborted, (reason) => reason === "meanwhile");
    finish("computed");
    deepStrictEqual([await computing, await patient], ["computed", "computed"]);
    await rejects(dict.getOrInsertComputed("b", late, { timeout: -1 }), RangeError);
    equal(await dict.getOrInsertComputed("b", late, { timeout: 0 }), "late", "nobody else computes");
  });

  it("an aborted signal does not matter where the value is there", async () => {
    const dict = new SharedDict<number>().set("a", 1);
    equal(await dict.getOrInsertComputed("a", () => 2, { signal: AbortSignal.abort() }), 1);
  });

  it("Sync in a thread that is computing the key is an InvalidStateError, not a deadlock", async () => {
    const dict = new SharedDict<number>();
    await rejects(dict.getOrInsertComputed("a", () => dict.getOrInsertComputedSync("a", () => 1)), INVALID_STATE);
    throws(() => dict.getOrInsertComputedSync("a", () => dict.getOrInsertComputedSync("a", () => 1)), INVALID_STATE);
    equal(dict.getOrInsertComputedSync("a", () => dict.getOrInsertComputedSync("b", () => 1) + 1), 2);
  });

  it("is refused without a function", async () => {
    const dict = new SharedDict<number>().set("a", 1);
    await rejects(dict.getOrInsertComputed("a", 5 as unknown as () => number), TypeError);
    throws(() => dict.getOrInsertComputedSync("a", 5 as unknown as () => number), TypeError);
  });
});

describe("SharedDict.modify()", () => {
  it("replaces what the function makes of it, and gives it", () => {
    const dict = new SharedDict<number>();
    equal(dict.modify("a", (value) => (value ?? 0) + 1), 1);
    equal(dict.modify("a", (value) => (value ?? 0) + 1), 2);
    equal(dict.get("a"), 2);
  });

  it("removes the entry where that is undefined", () => {
    const dict = new SharedDict<number>().set("a", 1);
    equal(dict.modify("a", () => undefined), undefined);
    equal(dict.has("a"), false);
    equal(dict.modify("a", (value) => value), undefined);
    equal(dict.has("a"), false);
  });

  it("changes nothing where it throws, and the next one may", () => {
    const dict = new SharedDict<number>().set("a", 1);
    throws(() =>
      dict.modify("a", () => {
        throw new Error("mine");
      }), { message: "mine" }); // deno-fmt-ignore
    equal(dict.get("a"), 1);
    equal(dict.modify("a", (value) => value! + 1), 2);
  });

  it("is called again where the value is set, removed or added meanwhile", () => {
    const dict = new SharedDict<number>().set("a", 1);
    const seen: unknown[] = [];
    const result = dict.modify("a", (value) => {
      seen.push(value);
      if (seen.length === 1) dict.set("a", 10);
      if (seen.length === 2) dict.delete("a");
      if (seen.length === 3) dict.increment("a", 100);
      if (seen.length === 4) dict.increment("a");
      return (value ?? 0) + 1;
    });
    deepStrictEqual(seen, [1, 10, undefined, 100, 101]);
    deepStrictEqual([result, dict.get("a")], [102, 102]);
  });

  it("does not remove what is set meanwhile", () => {
    const dict = new SharedDict<number>().set("a", 1);
    const seen: unknown[] = [];
    dict.modify("a", (value) => {
      seen.push(value);
      if (value === 1) dict.set("a", 2);
      return undefined;
    });
    deepStrictEqual(seen, [1, 2]);
    equal(dict.has("a"), false);
  });

  it("of its own key is an InvalidStateError, of another one is not", () => {
    const dict = new SharedDict<number>().set("a", 1).set("b", 2);
    const again = SharedDict.from<number>(dict.handle);
    throws(() => dict.modify("a", () => again.modify("a", () => 5)), { ...INVALID_STATE, message: /modify key "a"/ });
    equal(dict.get("a"), 1);
    equal(dict.modify("a", () => dict.modify("b", (value) => value! + 1)), 3);
    deepStrictEqual(dict.getMany(["a", "b"]), [3, 3]);
  });

  it("may compute its own key, as these do not exclude each other", () => {
    const dict = new SharedDict<number>();
    equal(dict.modify("a", () => dict.getOrInsertComputedSync("a", () => 5) + 1), 6);
    throws(() => dict.modify("a", 5 as unknown as () => number), TypeError);
  });
});

describe("SharedDict.compareAndSet()", () => {
  it("replaces only what is expected", () => {
    const dict = new SharedDict<unknown>();
    deepStrictEqual([dict.compareAndSet("a", 1, 2), dict.has("a")], [false, false]);
    equal(dict.compareAndSet("a", undefined, 1), true);
    equal(dict.compareAndSet("a", undefined, 5), false);
    deepStrictEqual([dict.compareAndSet("a", 2, 3), dict.get("a")], [false, 1]);
    deepStrictEqual([dict.compareAndSet("a", 1, "one"), dict.get("a")], [true, "one"]);
  });

  it("undefined expects that there is none, or that it is undefined", () => {
    const dict = new SharedDict<unknown>().set("a", undefined);
    deepStrictEqual([dict.compareAndSet("a", undefined, 1), dict.get("a")], [true, 1]);
    dict.set("b", 0);
    deepStrictEqual([dict.compareAndSet("b", undefined, 1), dict.get("b")], [false, 0]);
  });

  const EQUAL: [unknown, unknown][] = [
    [NaN, NaN],
    [0, -0],
    ["é", "é"],
    ["中", "中"],
    ["", ""],
    [null, null],
    [true, true],
    [5n, 5n],
    [new Uint8Array([1, 2]), new Uint8Array([1, 2])],
    [{ a: [1, { b: "x" }] }, { a: [1, { b: "x" }] }],
    [new Map([[1, 2]]), new Map([[1, 2]])],
    ["x".repeat(100_000), "x".repeat(100_000)],
    [{ large: "x".repeat(100_000) }, { large: "x".repeat(100_000) }],
  ];
  const UNEQUAL: [unknown, unknown][] = [
    [1, "1"],
    [1, 1n],
    [1, true],
    [0, false],
    [null, 0],
    ["", null],
    ["a", "b"],
    ["é", "e\u0301"],
    [new Uint8Array([1, 2]), [1, 2]],
    [new Uint8Array([1, 2]), new Uint8Array([1, 2, 0])],
    [new Uint8Array([1]), new Int8Array([1])],
    [{ a: 1 }, { a: 2 }],
    [undefined, null],
  ];

  for (const [present, expected] of EQUAL) {
    it(`holds equal: ${Object.prototype.toString.call(present)} ${String(present).slice(0, 20)}`, () => {
      const dict = new SharedDict<unknown>().set("a", present);
      deepStrictEqual([dict.compareAndSet("a", expected, { other: 1 }), dict.get("a")], [true, { other: 1 }]);
    });
  }

  it("holds other things apart", () => {
    const dict = new SharedDict<unknown>();
    for (const [present, expected] of UNEQUAL) {
      dict.set("a", present);
      equal(dict.compareAndSet("a", expected, "changed"), false, String(expected));
      deepStrictEqual(dict.get("a"), present);
    }
  });
});

describe("SharedDict.increment()", () => {
  it("counts from 0, by anything that is a number", () => {
    const dict = new SharedDict<number>();
    deepStrictEqual([dict.increment("a"), dict.increment("a", 5), dict.increment("a", -7)], [1, 6, -1]);
    deepStrictEqual([dict.increment("a", 0), dict.get("a"), dict.size], [-1, -1, 1]);
    deepStrictEqual([dict.increment("b", 0.5), dict.increment("b", Infinity), dict.increment("b", -Infinity)], [
      0.5,
      Infinity,
      NaN,
    ]);
    deepStrictEqual([dict.set("c", 2 ** 53).increment("c", 2), dict.get("c")], [2 ** 53 + 2, 2 ** 53 + 2]);
  });

  it("of what is no number is a TypeError that names the key, and changes nothing", () => {
    const dict = new SharedDict<unknown>();
    for (const value of ["1", 1n, null, undefined, true, { a: 1 }, new Uint8Array(8), "12345678"]) {
      dict.set("a", value);
      throws(() => dict.increment("a"), { name: "TypeError", message: /the value of key "a" is no number/ });
      deepStrictEqual(dict.get("a"), value);
    }
  });

  it("by what is no number is a TypeError", () => {
    const dict = new SharedDict<number>();
    for (const by of ["1", 1n, null, {}]) {
      throws(() => dict.increment("a", by as number), { name: "TypeError", message: /by must be a number, got / });
    }
    equal(dict.has("a"), false);
  });
});
