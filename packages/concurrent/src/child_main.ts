// What runs in a process or thread that was started here.
import { writeSync } from "node:fs";
import process from "node:process";
import { inspect } from "node:util";
import { isMainThread, workerData } from "node:worker_threads";

import { InvalidStateError } from "@lockstep/contract";
import { Queue } from "@lockstep/manager";
import { nativeBinding } from "@lockstep/native";

import type { Brief, BriefQueue } from "./brief.ts";
import { become, whereAmI, whileLoading } from "./identity.ts";
import { LEFT, type ThreadStart } from "./launch_thread.ts";
import { leave, sleepInExit } from "./leave.ts";
import { load } from "./load.ts";
import { unpack } from "./parcel.ts";

const STDERR = 2;
const FAILED = 1;

function receive(): Brief {
  const queue = briefQueue(isMainThread ? process.argv.splice(2, 1)[0] ?? "" : startOfThread().brief);
  const brief = queue.getSync({ timeout: 0 });
  become(brief.identity);
  const { daemon, parent } = brief.identity.process;
  if (isMainThread && daemon && parent !== undefined && !nativeBinding().endWithParent(parent.pid)) {
    process.exit(FAILED);
  }
  brief.life?.acquireSync();
  queue.taskDone();
  queue[Symbol.dispose]();
  return brief;
}

function startOfThread(): ThreadStart {
  const start: ThreadStart = workerData;
  process.on("exit", (code) => void Atomics.store(start.left, LEFT.exitCode, code));
  return start;
}

function parcelOfThread(): unknown[] | undefined {
  const { parcel } = isMainThread ? {} as Partial<ThreadStart> : workerData as ThreadStart;
  return parcel && unpack(parcel) as unknown[];
}

/** It is not there any more where whoever has started this thread has ended it, or has died, meanwhile. */
function briefQueue(handle: string): BriefQueue {
  try {
    return Queue.from(handle);
  } catch (error) {
    if (error instanceof InvalidStateError) process.exit(FAILED);
    throw error;
  }
}

function report(error: unknown): void {
  writeSync(STDERR, `${whereAmI()}:\n${inspect(error)}\n`);
}

async function main(): Promise<void> {
  try {
    const { target, args } = receive();
    const run = await whileLoading(() => load(target));
    await run(...(parcelOfThread() ?? args));
  } catch (error) {
    report(error);
    leave(FAILED);
  }
}

process.on("uncaughtExceptionMonitor", (error) => {
  const willBePrinted = isMainThread || "Deno" in globalThis;
  if (willBePrinted) writeSync(STDERR, `${whereAmI()}:\n`);
  else report(error);
  if (!isMainThread) Atomics.store((workerData as ThreadStart).left, LEFT.hasReported, 1);
});
sleepInExit();
void main();
