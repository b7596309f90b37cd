// Drops objects without disposing them, and looks whether their memory returns and what is in use stays.
import { equal } from "node:assert/strict";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Guard } from "@lockstep/contract";
import { Segment } from "@lockstep/segment";
import { Event, Lock, Semaphore } from "@lockstep/sync";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");
const segment = Segment.open(`collected-test-${process.pid}`);

async function untilObjects(count: number): Promise<void> {
  while (segment.stats().objects > count) {
    collectGarbage();
    await delay(1);
  }
  equal(segment.stats().objects, count);
}

function holdOf(lock: Lock): Guard {
  return lock.acquireSync();
}

async function main(): Promise<void> {
  for (let index = 0; index < 100; index++) new Semaphore(index, { segment });
  await untilObjects(0);

  const guard = holdOf(new Lock({ segment }));
  const event = new Event({ segment });
  const waiting = Event.from(event.handle).wait();
  new Semaphore(0, { segment });
  await untilObjects(2); // the guard and the promise need theirs
  event.set();
  equal(await waiting, true);
  guard.release();
  event[Symbol.dispose]();
  segment.unlink();
}

void main();
