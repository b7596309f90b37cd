// What the async tasks of one thread do to each other by an RLock: AS-08 and AS-10 of the behaviours.
import { equal, rejects, throws } from "node:assert/strict";
import { AsyncResource } from "node:async_hooks";
import type { Guard } from "@lockstep/contract";
import { INVALID_STATE, NOT_OWNER, SHORT_MS, takesAtLeast, TIMED_OUT } from "../expectations.ts";
import type { Exclusive } from "./subjects.ts";

/** Enters, stays a while, leaves; `inside` must be 1 all the time. */
async function visit({ lock }: Exclusive, rooms: { inside: number; visits: number }): Promise<void> {
  const guard = await lock.acquire();
  rooms.inside++;
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    equal(rooms.inside, 1);
  }
  rooms.inside--;
  rooms.visits++;
  guard.release();
}

async function tasksExcludeEachOther(made: Exclusive): Promise<void> {
  const rooms = { inside: 0, visits: 0 };
  const inOwnContext = (): Promise<void> =>
    new Promise((resolve, reject) => setImmediate(() => visit(made, rooms).then(resolve, reject)));
  await Promise.all(Array.from({ length: 4 }, inOwnContext));
  equal(rooms.visits, 4);
  equal(made.locked(), false);
}

async function siblingsExcludeEachOther(made: Exclusive): Promise<void> {
  const rooms = { inside: 0, visits: 0 };
  await Promise.all(Array.from({ length: 4 }, () => visit(made, rooms)));
  equal(rooms.visits, 4);
  equal(made.locked(), false);
}

async function anotherTaskMayNotRelease({ lock, locked }: Exclusive): Promise<void> {
  const outside = new AsyncResource("another task");
  let mine!: Guard;
  await Promise.resolve().then(async () => {
    mine = await lock.acquire();
    throws(() => outside.runInAsyncScope(() => lock.release()), NOT_OWNER);
    throws(() => outside.runInAsyncScope(() => mine.release()), NOT_OWNER);
    await rejects(outside.runInAsyncScope(() => lock.acquire({ timeout: 1 })), TIMED_OUT);
    equal(locked(), true);
    mine.release();
  });
  equal(locked(), false);
}

/** The thread cannot block until its own task goes on. */
async function taskStopsItsThread({ lock, locked }: Exclusive): Promise<void> {
  const outside = new AsyncResource("another task");
  await Promise.resolve().then(async () => {
    const mine = await lock.acquire();
    throws(() => outside.runInAsyncScope(() => lock.acquireSync()), INVALID_STATE);
    throws(() => outside.runInAsyncScope(() => lock.acquireSync({ timeout: Infinity })), INVALID_STATE);
    for (const timeout of [0, SHORT_MS]) {
      const acquire = (): void => throws(() => outside.runInAsyncScope(() => lock.acquireSync({ timeout })), TIMED_OUT);
      await takesAtLeast(timeout, acquire);
    }
    mine.release();
  });
  equal(locked(), false);
}

/** The scenarios of one thread. */
export const rlockTasks: Readonly<Record<string, (made: Exclusive) => Promise<void>>> = {
  "AS-08 tasks of one thread exclude each other": tasksExcludeEachOther,
  "AS-08 tasks started by one parent exclude each other": siblingsExcludeEachOther,
  "AS-08 another task may not release": anotherTaskMayNotRelease,
  "AS-10 a thread never waits for its own task for ever": taskStopsItsThread,
};
