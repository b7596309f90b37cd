// What the processes and threads of the tests run.
import { readdirSync, readlinkSync, writeSync } from "node:fs";
import process from "node:process";

import {
  activeChildren,
  type CurrentProcess,
  currentProcess,
  type CurrentThread,
  currentThread,
  parentProcess,
  Process,
} from "@lockstep/concurrent";
import { Queue, SharedDict } from "@lockstep/manager";
import { Event, Lock, type Semaphore } from "@lockstep/sync";

const FOREVER_MS = 2 ** 30;
const PATIENCE = { timeout: 60_000 }; // ends what hangs

/** A module without its extension would be found on no runtime. */
const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
const HERE = new URL(`./targets.${EXTENSION}`, import.meta.url);

/** The target of that name. */
export function target(name: string): { module: URL; name: string } {
  return { module: HERE, name };
}

/** The program of that name. */
export function moduleBeside(stem: string): URL {
  return new URL(`./${stem}.${EXTENSION}`, import.meta.url);
}

export function put(queue: Queue<unknown>, ...values: unknown[]): void {
  queue.putSync(values);
}

export default function putDefault(queue: Queue<unknown>): void {
  queue.putSync("default");
}

/** Lives until it is ended, with an event loop that is idle. */
export function idle(ready: Semaphore): void {
  ready.release();
  setInterval(() => {}, FOREVER_MS);
}

/** Lives until it is ended, in an endless loop. */
export function spin(ready: Semaphore): void {
  ready.release();
  for (;;);
}

/** Lives until it is told to end. */
export async function follow(ready: Semaphore, stop: Event): Promise<void> {
  ready.release();
  await stop.wait(PATIENCE);
}

export function exit(code: number): void {
  process.exit(code);
}

export function fail(message: string): void {
  throw new RangeError(message);
}

export async function reject(message: string): Promise<void> {
  await Promise.reject(new RangeError(message));
}

/** Returns, and fails in a callback. */
export function failInTimer(message: string): void {
  setTimeout(() => fail(message), 1);
}

/** Rejects where nobody handles it. */
export function failUnhandled(message: string): void {
  void reject(message);
  setInterval(() => {}, FOREVER_MS);
}

/** Does its work in a timer, after it has returned. */
export function putLater(queue: Queue<unknown>, value: unknown): void {
  setTimeout(() => queue.putSync(value), 10);
}

export function putAtExit(queue: Queue<unknown>, value: unknown): void {
  process.on("exit", () => queue.putSync(value));
}

/** Both use the same objects. */
export function share(dict: SharedDict<unknown>, lock: Lock, rounds: number): void {
  for (let round = 0; round < rounds; round++) {
    const guard = lock.acquireSync(PATIENCE);
    dict.set("count", (dict.get("count") as number) + 1);
    guard.release();
  }
}

export interface Introduction {
  readonly process: CurrentProcess;
  readonly thread: CurrentThread;
  readonly parent: { readonly pid: number; readonly name: string; readonly alive: boolean } | null;
  readonly children: number;
  readonly execArgv: readonly string[];
  readonly variable: string | undefined;
}

export function introduce(queue: Queue<Introduction>): void {
  const parent = parentProcess();
  queue.putSync({
    process: currentProcess(),
    thread: currentThread(),
    parent: parent === null ? null : { pid: parent.pid, name: parent.name, alive: parent.alive },
    children: activeChildren().length,
    execArgv: process.execArgv,
    variable: process.env["LOCKSTEP_TEST_VARIABLE"],
  });
}

/** Says where it is, and has two others do the same below it. */
export async function recurse(queue: Queue<number[]>, path: number[], depth: number): Promise<void> {
  queue.putSync(path);
  if (depth === 0) return;
  for (const branch of [0, 1]) {
    const child = new Process(target("recurse"), { args: [queue, [...path, branch], depth - 1] }).start();
    await child.join(PATIENCE);
  }
}

/** Starts a child that tells of this one's end, and lives until it is ended. */
export function parentOf(queue: Queue<unknown>, ready: Semaphore): void {
  new Process(target("outlive"), { args: [queue, ready], name: "grandchild" }).start();
  setInterval(() => {}, FOREVER_MS);
}

export async function outlive(queue: Queue<unknown>, ready: Semaphore): Promise<void> {
  const parent = parentProcess()!;
  queue.putSync([parent.alive, parent.joinSync({ timeout: 0 }), await parent.join({ timeout: 1 })]);
  ready.release();
  queue.putSync([await parent.join(PATIENCE), parent.alive, parent.joinSync({ timeout: 0 })]);
}

/** What the file descriptors of this process refer to; for those that come and go with the runtime, only the kind. */
export function listDescriptors(queue: Queue<string[]>): void {
  const names = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return "gone"; // that of the listing itself
    }
  });
  queue.putSync(names);
}

export function startNonDaemon(queue: Queue<unknown>): void {
  try {
    new Process(() => {}, { daemon: false }).start();
  } catch (error) {
    queue.putSync((error as Error).name);
  }
  const inheriting = new Process(() => {});
  queue.putSync(inheriting.daemon);
  queue.putSync([inheriting.start().joinSync(PATIENCE), inheriting.exitCode]);
}

/** Has a daemon process in an endless loop, and lives until it is ended. */
export function masterOf(pids: Queue<number>, ready: Semaphore): void {
  const child = new Process(target("spin"), { args: [ready], daemon: true }).start();
  pids.putSync(child.pid!);
  setInterval(() => {}, FOREVER_MS);
}

/** Says that it is there, and has something to say on stdout a little later. */
export function talk(queue: Queue<unknown>): void {
  queue.putSync("here");
  setTimeout(() => writeSync(1, "said at last\n"), 50);
}

const kept: unknown[] = [];

/** Objects that nobody else knows. */
export function makeObjects(): void {
  kept.push(new Lock().acquireSync(), new Queue(), new SharedDict().set("key", new Event()));
}

export function makeObjectsAndDie(): void {
  makeObjects();
  process.kill(process.pid, "SIGKILL");
}

export async function joinParentWrongly(queue: Queue<string[]>): Promise<void> {
  const parent = parentProcess()!;
  const nameOf = (error: unknown): string => (error as Error).name;
  const tries = [parent.join({ timeout: -1 }), parent.join({ signal: AbortSignal.abort() })];
  const [negative, aborted] = (await Promise.allSettled(tries)) as PromiseRejectedResult[];
  try {
    parent.joinSync({ timeout: -1 });
  } catch (error) {
    queue.putSync([nameOf(error), nameOf(negative!.reason), nameOf(aborted!.reason)]);
  }
}
