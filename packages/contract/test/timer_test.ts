import { deepEqual, equal, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { InvalidStateError, Timer } from "@lockstep/contract";

describe("Timer", () => {
  it("calls with its arguments, once started and not before", async () => {
    const seen: unknown[] = [];
    const done = new Promise<void>((resolve) => {
      const timer = new Timer(
        1,
        (...args: unknown[]) => {
          seen.push(...args);
          resolve();
        },
        "a",
        2,
      );
      equal(timer.finished, false);
      equal(timer.start(), timer);
      deepEqual(seen, []);
    });
    await done;
    deepEqual(seen, ["a", 2]);
  });

  it("is finished when the function has returned", async () => {
    const timer = await new Promise<Timer>((resolve) => {
      const starting: Timer = new Timer(-5, () => {
        equal(starting.finished, false);
        setImmediate(() => resolve(starting));
      }).start();
    });
    equal(timer.finished, true);
    timer.cancel();
    equal(timer.finished, true);
  });

  it("never calls once cancelled", async () => {
    const called: string[] = [];
    const early = new Timer(0, () => called.push("early"));
    early.cancel();
    equal(early.finished, true);
    early.start();
    const late = new Timer(0, () => called.push("late")).start();
    late.cancel();
    await new Promise((resolve) => setTimeout(resolve, 5));
    deepEqual(called, []);
  });

  it("starts only once", () => {
    const timer = new Timer(Infinity, () => {}).start();
    throws(() => timer.start(), InvalidStateError);
    timer.cancel();
    throws(() => timer.start(), InvalidStateError);
  });

  it("refuses a delay that is no number, and a function that is none", () => {
    throws(() => new Timer("5" as unknown as number, () => {}), { name: "TypeError", message: /got "5"/ });
    throws(() => new Timer(NaN, () => {}), { name: "RangeError", message: /got NaN/ });
    throws(() => new Timer(5, 5 as unknown as () => void), { name: "TypeError", message: /fn must be a function/ });
  });
});
