import { equal, rejects, throws } from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { Condition, Lock } from "@lockstep/atomics";
import { SegmentFullError } from "@lockstep/contract";

const MOST_WAITERS = 1024;
const FIRST_ENTRY = 6;

/** Just before the word is looked at for the first time. */
function beforeLookAt(t: TestContext, word: number, act: () => void): void {
  const { load } = Atomics;
  let isFirst = true;
  t.mock.method(Atomics, "load", (words: Int32Array, index: number) => {
    if (isFirst && index === word) {
      isFirst = false;
      act();
    }
    return load(words, index);
  });
}

describe("Condition", () => {
  it("has room for 1024 waiters; the next one keeps the lock and gets an error", async () => {
    const condition = new Condition(new Lock());
    const waits: Promise<boolean>[] = [];
    for (let index = 0; index < MOST_WAITERS; index++) {
      condition.acquireSync();
      waits.push(condition.wait());
    }
    const guard = condition.acquireSync();
    throws(() => condition.waitSync(), SegmentFullError);
    await rejects(condition.wait(), SegmentFullError);
    equal(condition.lock.locked, true);
    condition.notify(MOST_WAITERS - 1);
    guard.release();
    for (const wait of waits.slice(0, -1)) {
      equal(await wait, true);
      condition.release();
    }
    condition.acquireSync();
    condition.notifyAll();
    condition.release();
    equal(await waits.at(-1), true);
  });

  it("notifies the oldest first, also when tickets wrap and entries are used again", async () => {
    const condition = new Condition(new Lock());
    const words = new Int32Array(condition.handle.buffer);
    const lastTicket = 4;
    words[lastTicket] = 0x7ffffff8; // two tickets before they turn negative
    const order: number[] = [];
    const start = async (index: number): Promise<void> => {
      condition.acquireSync();
      equal(await condition.wait(), true);
      order.push(index);
      condition.release();
    };
    const waits = [0, 1, 2, 3].map(start);
    condition.acquireSync();
    condition.notify(2);
    condition.release();
    await Promise.all(waits.slice(0, 2));
    waits.push(start(4), start(5)); // in the entries that 0 and 1 have left
    for (let left = 4; left > 0; left--) {
      condition.acquireSync();
      condition.notify();
      condition.release();
    }
    await Promise.all(waits);
    equal(order.join(), "0,1,2,3,4,5");
  });

  it("notifies the oldest first, also when two enter during the search", async (t) => {
    const condition = new Condition(new Lock());
    const order: number[] = [];
    const start = (index: number): Promise<void> => {
      condition.acquireSync();
      return condition.wait().then(() => {
        order.push(index);
        condition.release();
      });
    };
    const notify = (count: number): void => {
      condition.acquireSync();
      condition.notify(count);
      condition.release();
    };
    const waits = [0, 1, 2].map(start);
    notify(1);
    await waits[0];
    // One enters where the search has been, in the place of 0, the other where it has not.
    beforeLookAt(t, FIRST_ENTRY + 1, () => {
      condition.release();
      waits.push(start(3), start(4));
      condition.acquireSync();
    });
    notify(3);
    await Promise.all(waits.slice(0, 4));
    notify(1);
    await waits[4];
    equal(order.join(), "0,1,2,3,4");
  });
});
