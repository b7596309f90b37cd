// AS-07: a pending Promise wait keeps its event loop alive, as a pending timer does; what has ended holds nothing.
import { equal } from "node:assert/strict";
import type { Primitives } from "../implementation.ts";
import type { Call, Shared } from "../party.ts";
import type { Peer } from "../peer.ts";
import type { Scenario, Scenarios } from "../scene.ts";
import type { Suite } from "./suite.ts";

// Time for a loop that nothing holds to end.
const TO_END_MS = 100;

interface PendingWait {
  begin(peer: Peer): Promise<Call>;
  end(): void;
}

const waits: Record<string, (primitives: Primitives) => PendingWait> = {
  "Lock.acquire()": ({ Lock }) => {
    const lock = new Lock();
    const guard = lock.acquireSync();
    return pending(lock, "acquire", () => guard.release());
  },
  "RLock.acquire()": ({ RLock }) => {
    const lock = new RLock();
    const guard = lock.acquireSync();
    return pending(lock, "acquire", () => guard.release());
  },
  "RWLock.read.acquire()": ({ RWLock }) => {
    const lock = new RWLock();
    const guard = lock.write.acquireSync();
    return pending(lock, "read.acquire", () => guard.release());
  },
  "Semaphore.acquire()": ({ Semaphore }) => {
    const semaphore = new Semaphore(0);
    return pending(semaphore, "acquire", () => semaphore.release());
  },
  "Event.wait()": ({ Event }) => {
    const event = new Event();
    return pending(event, "wait", () => event.set());
  },
  "Condition.wait()": ({ Condition }) => {
    const condition = new Condition();
    return {
      begin: async (peer) => {
        const task = (await peer.attach(condition)).in("waiter");
        await task.acquire("async");
        return await task.begin("wait");
      },
      end: () => {
        const guard = condition.acquireSync();
        condition.notify();
        guard.release();
      },
    };
  },
  "Barrier.wait()": ({ Barrier }) => {
    const barrier = new Barrier(2);
    return pending(barrier, "wait", () => void barrier.waitSync());
  },
};

function pending(shared: Shared, method: string, end: () => void): PendingWait {
  return { begin: async (peer) => await (await peer.attach(shared)).begin(method), end };
}

/** Without the line to the test, only the wait is left to hold the peer's loop. */
function keepsItsLoop(make: (primitives: Primitives) => PendingWait): Scenario {
  return async ({ primitives, extra }) => {
    const peer = await extra();
    const wait = make(primitives);
    const call = await wait.begin(peer);
    const closing = peer.close();
    equal(await Promise.race([closing, new Promise((resolve) => setTimeout(resolve, TO_END_MS, "alive"))]), "alive");
    wait.end();
    await call.result;
    equal(await closing, "exit 0");
  };
}

const together: Scenarios = Object.fromEntries(
  Object.entries(waits).map(([title, make]) => [`AS-07 a pending ${title} keeps its loop alive`, keepsItsLoop(make)]),
);

/** The suite of the event loop. */
export const loopSuite: Suite = { title: "Event loop", alone: {}, together, blocking: {} };
