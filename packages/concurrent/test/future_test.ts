import { deepEqual, doesNotThrow, equal, match, ok, rejects, throws } from "node:assert/strict";
import { mock } from "node:test";
import { describe } from "node:test";
import { Future } from "@lockstep/concurrent";
import { CancelledError, InvalidStateError, TimeoutError } from "@lockstep/contract";
import { it } from "@lockstep/testing";
import { failureOf, runProgram } from "./here.ts";

const TIMED_OUT = { name: "TimeoutError", code: "ERR_LOCKSTEP_TIMEOUT" };
const CANCELLED = { name: "CancelledError", code: "ERR_LOCKSTEP_CANCELLED" };

function future(state: "pending" | "running" | "cancelled" | "failed" | "done"): Future<number> {
  const { future, start, resolve, reject } = Future.withResolvers<number>();
  if (state === "cancelled") future.cancel();
  if (state === "pending" || state === "cancelled") return future;
  start();
  if (state === "failed") {
    reject(new RangeError("failed"));
    future.catch(() => {});
  }
  if (state === "done") resolve(42);
  return future;
}

describe("Future", () => {
  it("says in which state it is", () => {
    const states = (["pending", "running", "cancelled", "failed", "done"] as const).map((state) => {
      const { done, running, cancelled } = future(state);
      return [state, done, running, cancelled];
    });
    deepEqual(states, [
      ["pending", false, false, false],
      ["running", false, true, false],
      ["cancelled", true, false, true],
      ["failed", true, false, false],
      ["done", true, false, false],
    ]);
  });

  it("says so to people", () => {
    const words = (["pending", "running", "cancelled", "failed", "done"] as const).map((state) => `${future(state)}`);
    const expected = ["pending", "running", "cancelled", "raised", "returned"];
    deepEqual(words, expected.map((word) => `Future(${word})`));
  });

  it("can be cancelled before it runs, and stays cancelled", () => {
    const pending = future("pending");
    equal(pending.cancel(), true);
    equal(pending.cancelled, true);
    equal(pending.cancel(), true);
    for (const state of ["running", "failed", "done"] as const) {
      const other = future(state);
      equal(other.cancel(), false, state);
      equal(other.cancelled, false, state);
    }
  });

  it("gives its result, or throws, or has none yet: result()", async () => {
    const options = { timeout: 0 };
    for (const state of ["pending", "running"] as const) {
      await rejects(future(state).result(options), TIMED_OUT);
      throws(() => future(state).resultSync(options), TIMED_OUT);
    }
    await rejects(future("cancelled").result(options), CANCELLED);
    throws(() => future("cancelled").resultSync(), CANCELLED);
    await rejects(future("failed").result(options), { name: "RangeError", message: "failed" });
    throws(() => future("failed").resultSync(), { name: "RangeError", message: "failed" });
    equal(await future("done").result(options), 42);
    equal(future("done").resultSync(options), 42);
    equal(await future("done"), 42);
  });

  it("the same for exception()", async () => {
    const options = { timeout: 0 };
    for (const state of ["pending", "running"] as const) {
      await rejects(future(state).exception(options), TIMED_OUT);
      throws(() => future(state).exceptionSync(options), TIMED_OUT);
    }
    await rejects(future("cancelled").exception(), CANCELLED);
    throws(() => future("cancelled").exceptionSync(), CANCELLED);
    equal(String(await future("failed").exception(options)), "RangeError: failed");
    equal(String(future("failed").exceptionSync()), "RangeError: failed");
    equal(await future("done").exception(), null);
    equal(future("done").exceptionSync(options), null);
  });

  it("wakes those who wait when it is settled or cancelled", async () => {
    const settled = Future.withResolvers<number>();
    const failed = Future.withResolvers<number>();
    const cancelled = future("pending");
    setTimeout(() => {
      settled.resolve(42);
      failed.reject(new RangeError("late"));
      cancelled.cancel();
    }, 20);
    equal(await settled.future.result({ timeout: 60_000 }), 42);
    equal(String(await failed.future.exception({ timeout: 60_000 })), "RangeError: late");
    await rejects(cancelled.result({ timeout: 60_000 }), CANCELLED);
  });

  it("is settled once", () => {
    const { future, resolve, reject } = Future.withResolvers<number>();
    resolve(1);
    throws(() => resolve(2), { name: "InvalidStateError", message: /state returned/ });
    throws(() => reject(new Error()), InvalidStateError);
    equal(future.resultSync(), 1);
    const cancelled = Future.withResolvers<number>();
    cancelled.future.cancel();
    equal(cancelled.start(), false);
    throws(() => cancelled.resolve(1), { name: "InvalidStateError", message: /state cancelled/ });
  });

  it("keeps what was thrown, whatever that is", async () => {
    for (const thrown of [undefined, null, 0, "", false]) {
      const { future, reject } = Future.withResolvers<number>();
      reject(thrown);
      equal(await failureOf(future), thrown);
      equal(await failureOf(future.result({ timeout: 1000 })), thrown);
      equal(await future.exception(), thrown);
      equal(`${future}`, "Future(raised)");
    }
  });

  it("is given to functions when it is done, in the order in which they were added", () => {
    const { future, resolve } = Future.withResolvers<number>();
    const calls: unknown[] = [];
    const twice = (done: Future<number>): void => void calls.push("twice", done.resultSync());
    future.addDoneCallback(twice);
    future.addDoneCallback((done) => calls.push("between", done === future));
    future.addDoneCallback(twice);
    equal(calls.length, 0);
    resolve(5);
    deepEqual(calls, ["twice", 5, "between", true, "twice", 5]);
    future.addDoneCallback(() => calls.push("at once"));
    equal(calls.slice(-1)[0] as unknown, "at once");
  });

  it("is given to them when it has failed or was cancelled", () => {
    const failed = Future.withResolvers<number>();
    const cancelled = future("pending");
    const seen: unknown[] = [];
    failed.future.addDoneCallback((done) => seen.push(String(done.exceptionSync())));
    cancelled.addDoneCallback((done) => seen.push(done.cancelled));
    failed.reject(new RangeError("bad"));
    cancelled.cancel();
    deepEqual(seen, ["RangeError: bad", true]);
    for (const state of ["failed", "cancelled"] as const) future(state).addDoneCallback(() => seen.push(state));
    deepEqual(seen.slice(2), ["failed", "cancelled"]);
  });

  it("logs what such a function throws, and calls the others", () => {
    const log = mock.method(console, "error", () => {});
    try {
      const { future, resolve } = Future.withResolvers<number>();
      let others = 0;
      const bad = (): never => {
        throw new Error("bad callback");
      };
      future.addDoneCallback(bad);
      future.addDoneCallback(() => others++);
      resolve(1);
      doesNotThrow(() => future.addDoneCallback(bad));
      equal(others, 1);
      equal(log.mock.callCount(), 2);
      match(log.mock.calls.map((call) => call.arguments.join(" ")).join("\n"), /bad callback/);
    } finally {
      log.mock.restore();
    }
  });

  it("takes no wrong arguments", async () => {
    const pending = future("pending");
    for (const timeout of [-1, NaN]) {
      await rejects(pending.result({ timeout }), RangeError);
      throws(() => pending.resultSync({ timeout }), RangeError);
    }
    await rejects(pending.exception({ timeout: "1" as never }), TypeError);
    throws(() => pending.addDoneCallback(1 as never), TypeError);
  });

  it("ends a wait by a signal, and leaves no listener and no timer behind", async () => {
    const { future, resolve } = Future.withResolvers<number>();
    await rejects(future.result({ signal: AbortSignal.abort("no") }), (reason) => reason === "no");
    const controller = new AbortController();
    const added = mock.method(controller.signal, "addEventListener");
    const removed = mock.method(controller.signal, "removeEventListener");
    const { signal } = controller;
    await rejects(future.result({ timeout: 10, signal }), TimeoutError);
    const late = future.result({ signal });
    const waiting = future.result({ timeout: 1_000_000, signal });
    controller.abort("now");
    await rejects(waiting, (reason) => reason === "now");
    await rejects(late, (reason) => reason === "now");
    equal(added.mock.callCount(), 3);
    equal(removed.mock.callCount(), 3);
    equal(future.done, false);
    resolve(1);
    equal(await future, 1);
  });

  it("is a promise to those who take one", async () => {
    const { future, reject } = Future.withResolvers<number>();
    const outcomes = Promise.allSettled([future, future.finally(() => {}), future.then(() => 1, () => 2)]);
    reject(new CancelledError("x"));
    deepEqual((await outcomes).map(({ status }) => status), ["rejected", "rejected", "fulfilled"]);
    ok(await future.catch(() => true));
  });
});

describe("A future that fails", () => {
  it("is reported as an unhandled rejection where nobody looks at it", async () => {
    const { how, err } = await runProgram("unhandled");
    equal(how, "exit 1");
    match(err, /nobody looks/);
  });

  it("is not where somebody has looked", async () => {
    deepEqual(await runProgram("handled"), { how: "exit 0", out: "end\n", err: "" });
  });
});
