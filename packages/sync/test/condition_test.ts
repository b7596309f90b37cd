// What a condition owes when its lock is not to be had back as it was.
import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import process from "node:process";
import { after, describe } from "node:test";
import { InvalidStateError } from "@lockstep/contract";
import { Segment } from "@lockstep/segment";
import { Condition, Lock, RLock } from "@lockstep/sync";
import { it } from "@lockstep/testing";
import { runProgram } from "./program.ts";

describe("Condition", () => {
  const segment = Segment.open(`condition-test-${process.pid}`);
  after(() => segment.unlink());

  it("gives a place up whose lock was disposed, so that the notification goes to another", async () => {
    const gone = new Lock({ segment, name: "disposed" });
    const first = new Condition(gone, { name: "two waiters" });
    gone.acquireSync();
    const rejected = rejects(first.wait({ timeout: 1 }), InvalidStateError);
    gone[Symbol.dispose]();
    await rejected;
    const lock = new Lock({ segment, name: "disposed" });
    const condition = new Condition(lock, { name: "two waiters" });
    if (lock.locked) lock.release();
    const hold = lock.acquireSync();
    const waiting = condition.wait();
    const notifying = await lock.acquire();
    condition.notify();
    notifying.release();
    equal(await waiting, true);
    hold.release();
  });

  for (const [name, Class] of [["Lock", Lock], ["RLock", RLock]] as const) {
    for (const form of ["wait", "waitSync"] as const) {
      it(`${form}() tells the guard of a ${name} that its last holder died`, async () => {
        const lock = new Class({ segment });
        const condition = new Condition(lock);
        const guard = lock.acquireSync();
        equal(guard.ownerDied, false);
        const ending = runProgram("process", "dying_notifier_main", [condition.handle], { stdio: "ignore" });
        equal(await condition[form](), true);
        equal(guard.ownerDied, true);
        guard.release();
        equal(await ending, "SIGKILL");
        equal(lock.acquireSync().ownerDied, false);
      });
    }
  }

  it("of a lock in a segment that was removed makes no other segment", () => {
    const removed = Segment.open(`condition-test-removed-${process.pid}`);
    const lock = new Lock({ segment: removed });
    removed.unlink();
    new Condition(lock);
    deepEqual(Segment.list().filter(({ name }) => name === removed.name), []);
  });

  it("refuses options that are none, with a lock as without", () => {
    for (const options of [5, "abc", true]) {
      throws(() => new Condition(new Lock(), options as never), TypeError);
      throws(() => new Condition(undefined, options as never), TypeError);
    }
  });

  it("waitFor() with an aborted signal rejects before it asks the predicate", async () => {
    const condition = new Condition();
    condition.acquireSync();
    const reason = new Error("before");
    let asked = false;
    const waiting = condition.waitFor(() => asked = true, { signal: AbortSignal.abort(reason) });
    await rejects(waiting, (error) => error === reason);
    equal(asked, false);
  });
});
