import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { after, describe } from "node:test";
import { registerErrorClass } from "@lockstep/concurrent";
import { TimeoutError } from "@lockstep/contract";
import { it } from "@lockstep/testing";
import { bare, failureOf as failureFor, thrownOf } from "#src/failure.ts";
import { EXECUTORS, failureOf, rejects, target } from "./here.ts";
import { fail, KnownError } from "./tasks.ts";

for (const Kind of EXECUTORS) {
  describe(`What is thrown in a worker of ${Kind.name}`, () => {
    const executor = new Kind({ maxWorkers: 1 });
    after(() => executor.shutdown());
    const thrownBy = (kind: string): Promise<unknown> => failureOf(executor.submit(target("fail"), kind));

    it("keeps class, message and properties", async () => {
      const known = await thrownBy("known") as KnownError;
      ok(known instanceof KnownError);
      deepEqual([known.name, known.message, known.code], ["KnownError", "known", 7]);
      const system = await thrownBy("system");
      deepEqual({ ...system as object }, { code: "ENOENT", errno: -2, syscall: "open" });
      const late = await thrownBy("lockstep") as TimeoutError;
      ok(late instanceof TimeoutError);
      deepEqual([late.name, late.code, late.message], ["TimeoutError", "ERR_LOCKSTEP_TIMEOUT", "late"]);
    });

    it("keeps its name and all else where its class is not known", async () => {
      const own = await thrownBy("own") as Error & { detail: object };
      equal(own.constructor, Error);
      deepEqual([own.name, own.message], ["OwnError", "own"]);
      deepEqual(own.detail, { list: [1, new Map([["a", 1]])] });
    });

    it("says where that was, and where the task was submitted", async () => {
      const { stack = "" } = await thrownBy("known") as Error;
      match(stack, /^KnownError: known\n|^Error: known\n/);
      const [there = "", here = ""] = stack.split("--- submitted at ---");
      match(there, /\bfail \(.*tasks\.[tj]s:\d+/);
      match(here, /failure_test\.[tj]s:\d+/);
    });

    it("keeps the chain of its causes", async () => {
      const { cause } = await thrownBy("own") as { cause: Error };
      ok(cause instanceof TypeError);
      deepEqual([cause.message, String(cause.cause)], ["inner", "RangeError: innermost"]);
      const cyclic = await thrownBy("cyclic") as AggregateError & { cause: Error; extra: number };
      deepEqual([cyclic.cause.message, cyclic.cause.cause, cyclic.errors.length, cyclic.extra], [
        "inner",
        undefined,
        2,
        1,
      ]);
    });

    it("keeps several errors, and those of the platform", async () => {
      const several = await thrownBy("aggregate") as AggregateError;
      ok(several instanceof AggregateError);
      deepEqual(several.errors.map(String), ["RangeError: first", "second"]);
      const dom = await thrownBy("dom") as DOMException;
      ok(dom instanceof DOMException);
      deepEqual([dom.name, dom.message, dom.code], ["AbortError", "aborted", 20]);
    });

    it("may be no error at all", async () => {
      const values = [undefined, 0, "", null, { plain: 1 }];
      for (const [index, value] of values.entries()) deepEqual(await thrownBy(String(index)), value);
      equal(await executor.submit(target("fail"), "1").exception(), 0);
    });

    it("loses what cannot be sent, and nothing else", async () => {
      const bad = await thrownBy("property") as Error & { inner?: unknown };
      ok(bad instanceof RangeError);
      deepEqual([bad.message, bad.inner], ["with a function inside", undefined]);
      equal(await thrownBy("function"), "a function");
      match(String(await thrownBy("getter")), /Cannot read what was thrown/);
    });

    it("tells of results that cannot be sent, and the worker lives on", async () => {
      const who = await executor.submit(target("who"));
      for (let round = 0; round < 5; round++) {
        await rejects(executor.submit(target("unencodable")), {
          name: "DataCloneError",
          message: /^Cannot encode the result/,
        });
        await rejects(executor.submit(target("throwingGetter")), {
          name: "RangeError",
          message: "while it is encoded",
        });
      }
      const results = executor.map(target("unencodable"), [1, 2, 3], { chunkSize: 2 });
      for (let call = 0; call < 3; call++) await rejects(results.next(), { name: "DataCloneError" });
      const ofChunk = executor.map((x: unknown) => x, [1, 2, () => 1], { chunkSize: 3 });
      await rejects(ofChunk.next(), { name: "DataCloneError", message: /^Cannot encode argument 0 of call 2: / });
      equal(await executor.submit(target("who")), who);
    });

    it("tells what is the matter with a task that is not there", async () => {
      await rejects(executor.submit(target("missing")), {
        name: "TypeError",
        message: /exports no function "missing"/,
      });
      await rejects(executor.submit({ module: new URL("./nowhere.ts", import.meta.url) }), /nowhere/);
      const outside = 1;
      const error = await failureOf(executor.submit(() => outside)) as Error;
      match(error.message, /outside is not defined.*sees nothing of where it was written/);
    });

    it("is told for each call of a chunk", async () => {
      const odd = (x: number): number => {
        if (x % 2 === 1) throw new RangeError(`${x} is odd`);
        return x;
      };
      const results = executor.map(odd as never, [0, 1, 2, 3], { chunkSize: 3 });
      const got: string[] = [];
      for (let call = 0; call < 4; call++) got.push(await results.next().then(({ value }) => `${value}`, String));
      deepEqual(got, ["0", "RangeError: 1 is odd", "2", "RangeError: 3 is odd"]);
    });
  });
}

describe("A failure", () => {
  const crossed = (thrown: unknown): unknown => thrownOf(structuredClone(failureFor(thrown)));

  it("is the same on the other side", () => {
    for (const kind of ["known", "lockstep", "dom", "aggregate", "system"]) {
      let thrown: unknown;
      try {
        fail(kind);
      } catch (error) {
        thrown = error;
      }
      deepEqual(crossed(thrown), thrown, kind);
    }
  });

  it("has an end where its causes have none", () => {
    let error = new Error("0");
    for (let depth = 1; depth < 1000; depth++) error = new Error(String(depth), { cause: error });
    let depth = 0;
    for (let inner = crossed(error) as Error; inner; inner = inner.cause as Error) depth++;
    ok(depth > 10 && depth < 20);
    const first = new AggregateError([], "first");
    first.errors.push(first, new AggregateError([first, first], "second"));
    equal((crossed(first) as AggregateError).errors.length, 1);
  });

  it("is bare without what cannot be sent", () => {
    const inner = Object.assign(new Error("inner"), { run: { it: () => 1 } });
    const failure = bare(
      failureFor(Object.assign(new AggregateError([inner, () => 1], "x", { cause: inner }), { a: 1 })),
    );
    const error = crossedFailure(failure) as AggregateError;
    deepEqual([(error.cause as Error).message, error.errors.map(String)], ["inner", ["Error: inner", "a function"]]);
  });

  const crossedFailure = (failure: ReturnType<typeof bare>): unknown => thrownOf(structuredClone(failure));
});

describe("registerErrorClass()", () => {
  it("takes subclasses of Error only", () => {
    for (const wrong of [Error, Object, undefined, {}]) throws(() => registerErrorClass(wrong as never), TypeError);
  });
});
