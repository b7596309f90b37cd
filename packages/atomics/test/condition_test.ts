import { equal, rejects, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { Condition, Lock } from "@lockstep/atomics";
import { SegmentFullError } from "@lockstep/contract";

const MOST_WAITERS = 1024;

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
});
