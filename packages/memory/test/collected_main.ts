// Drops memory and views of it, and looks what stays and what comes back.
import { equal, ok } from "node:assert/strict";
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { Segment, SharedArray, SharedMemory } from "@lockstep/memory";
import { collectGarbage, untilCollected } from "./place.ts";

const name = `memory-collected-${process.pid}`;
const segment = Segment.open(name);

async function untilObjects(count: number): Promise<void> {
  await untilCollected(segment, count);
  equal(segment.stats().objects, count);
}

/** Fills whatever is free, so that what was freed too early shows. */
function soil(): void {
  const others = Array.from({ length: 50 }, () => new SharedMemory(20_000, { segment }));
  for (const other of others) new Uint8Array(other.buffer).fill(255);
  for (const other of others) other[Symbol.dispose]();
}

async function main(): Promise<void> {
  for (let index = 0; index < 50; index++) new SharedMemory(20_000, { segment }).buffer;
  for (let index = 0; index < 50; index++) new SharedArray("f64", 20, { segment }).view[0] = 1;
  await untilObjects(0);

  // A view alone keeps what it shows: of an object that was collected, and of one that was disposed and destroyed.
  let views: Uint8Array[] = [new Uint8Array(new SharedMemory(20_000, { segment }).buffer).fill(1)];
  {
    const memory = new SharedMemory(20_000, { name: "gone", segment });
    views.push(new Uint8Array(memory.buffer).fill(1));
    memory.destroy();
    memory[Symbol.dispose]();
  }
  for (let round = 0; round < 20; round++) {
    collectGarbage();
    await delay(1);
    soil();
  }
  ok(views.every((view) => view.every((byte) => byte === 1)));
  equal(segment.stats().used > 40_000, true);
  views = [];
  await untilObjects(0);
  equal(segment.stats().used, 0);

  // So it does when this thread has left the segment; and when it has come back.
  const last = new Uint8Array(new SharedMemory(20_000, { segment }).buffer).fill(1);
  collectGarbage();
  await delay(5);
  segment[Symbol.dispose]();
  const again = Segment.open(name);
  equal(again.stats().objects, 1);
  const others = Array.from({ length: 20 }, () => new SharedMemory(20_000, { segment: again }));
  for (const other of others) new Uint8Array(other.buffer).fill(255);
  ok(last.every((byte) => byte === 1));
  again.unlink();
  ok(last.every((byte) => byte === 1));
}

void main();
