// What do 10,000 pending awaits on 10,000 semaphores cost, and how fast do they all continue?
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { delay, now } from "./clock.ts";
import { type Handle, load } from "./implementations.ts";
import { type Role, type Roles, startParty } from "./parties.ts";
import { question } from "./question.ts";
import { type Row, row } from "./rows.ts";

const WAITS = 10_000;

interface Waiting {
  readonly handles: readonly Handle[];
  readonly threads: number;
  readonly allThreads: number;
  readonly bytesEach: number;
  readonly idleShare: number;
  readonly nanosecondsEach: number;
}

type Waiter = Role<undefined, "wait" | "released", Waiting | number>;

/** Waits for all semaphores at once; then, asked a second time, says when the last of them was granted. */
const waiter: Waiter = async () => {
  const { Semaphore } = await load("sync");
  const collect = collector();
  const semaphores = Array.from({ length: WAITS }, () => new Semaphore(0));
  const handles = semaphores.map(({ handle }) => handle);
  await new Semaphore(1).acquire(); // whatever the first await sets up for all
  let granted: Promise<number> = Promise.resolve(NaN);

  return async (command) => {
    if (command === "released") return granted;
    collect();
    const before = { threads: countThreads(), bytes: process.memoryUsage.rss() };
    const start = now();
    const waits = semaphores.map((semaphore) => semaphore.acquire());
    const nanosecondsEach = (now() - start) * 1e6 / WAITS;
    granted = Promise.all(waits).then(now);
    await delay(50);
    collect();
    const bytesEach = (process.memoryUsage.rss() - before.bytes) / WAITS;
    await delay(300); // the compiler and the collector come to rest
    const idleShare = await measureIdle(2000);
    const allThreads = countThreads();
    return { handles, threads: allThreads - before.threads, allThreads, bytesEach, idleShare, nanosecondsEach };
  };
};

/** Threads of this process that are ours: the runtimes give names to theirs, and one is the main thread. */
function countThreads(): number {
  const nameOf = (thread: string) => readFileSync(`/proc/self/task/${thread}/comm`, "utf8");
  const main = nameOf(String(process.pid));
  return readdirSync("/proc/self/task").filter((thread) => nameOf(thread) === main).length - 1;
}

/** The share of one CPU that this process uses while nothing happens. */
async function measureIdle(milliseconds: number): Promise<number> {
  const before = process.cpuUsage();
  const start = now();
  await delay(milliseconds);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (now() - start);
}

/** Collects garbage, so that memory is compared with memory; does nothing where the runtime forbids it. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("globalThis.gc");
  return typeof collect === "function" ? () => collect() : () => {};
}

/** Releases all of them; answers when it began. */
const releaser: Role<undefined, readonly Handle[], number> = async () => {
  const { Semaphore } = await load("sync");
  return async (handles) => {
    const semaphores = handles.map((handle) => Semaphore.from(handle));
    await delay(50); // both processes are at rest
    const start = now();
    for (const semaphore of semaphores) semaphore.release();
    return start;
  };
};

interface Figures extends Waiting {
  readonly released: number;
}

async function measureOnce(): Promise<Figures> {
  const waiting = await startParty("processes", { question: "pending_waits", role: "waiter", data: undefined });
  const releasing = await startParty("processes", { question: "pending_waits", role: "releaser", data: undefined });
  const figures = await waiting.call<Waiting>("wait");
  const granted = waiting.call<number>("released");
  const released = await releasing.call<number>(figures.handles);
  const result = { ...figures, released: (await granted - released) * 1e6 };
  waiting.end();
  releasing.end();
  return result;
}

export const roles: Roles = {
  waiter,
  releaser,
  run: question(async ({ quick }) => {
    const runs: Figures[] = [];
    for (let run = 0; run < (quick ? 1 : 2); run++) runs.push(await measureOnce());
    const figure = (name: string, unit: string, of: (figures: Figures) => number, limit?: number): Row => {
      const target = limit === undefined ? undefined : { of: "ours", limit } as const;
      return row({ name, unit, better: "lower", target }, runs.map(of));
    };
    return [
      figure("threads added by the waits", "", ({ threads }) => threads, 1),
      figure("threads of the library in all", "", ({ allThreads }) => allThreads),
      figure("memory of each, with its promise", "B", ({ bytesEach }) => bytesEach, 1024),
      figure("CPU while nothing happens", "%", ({ idleShare }) => idleShare * 100, 0.1),
      figure("from the first release to the last continuation", "ns", ({ released }) => released, 15e6),
      figure("beginning to wait, each", "ns", ({ nanosecondsEach }) => nanosecondsEach),
    ];
  }),
};
