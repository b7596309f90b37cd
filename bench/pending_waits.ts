// What do 10,000 pending awaits on 10,000 semaphores cost, and how fast do they all continue?
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { delay, now } from "./clock.ts";
import { quantity } from "./format.ts";
import { type Handle, load, type Semaphore } from "./implementations.ts";
import { startLimits } from "./limits.ts";
import { type Party, type Role, type Roles, startParty } from "./parties.ts";
import { question } from "./question.ts";
import { type Row, row, type Subject } from "./rows.ts";

const WAITS = 10_000;
const WARM_UPS = 2_000; // released before the others: the code of a server that runs for a while is compiled

interface Waiting {
  readonly threads: number;
  readonly allThreads: number;
  readonly bytesEach: number;
  readonly nanosecondsEach: number;
}

type Lists = readonly (readonly Handle[])[];
type Command = "handles" | "wait" | "waitToWarmUp" | "continued";

/** Waits for many semaphores at once, and says when the last of them was granted. */
const waiter: Role<undefined, Command, Lists | Waiting | number | undefined> = async () => {
  const { Semaphore } = await load("sync");
  const lists = [WARM_UPS, WAITS].map((count) => Array.from({ length: count }, () => new Semaphore(0)));
  const [warmUp = [], measured = []] = lists;
  const collect = collector();
  await new Semaphore(1).acquire(); // whatever the first await sets up for all
  let continued: Promise<number> | undefined;
  const commands: Record<Command, () => Lists | Promise<Waiting | number | undefined> | undefined> = {
    handles: () => lists.map((semaphores) => semaphores.map(({ handle }) => handle)),
    wait: () => {
      const begin = () => continued = waitForAll(measured);
      return measureWaiting(begin, collect);
    },
    waitToWarmUp: () => {
      void waitForAll(warmUp);
      return undefined;
    },
    continued: () => continued,
  };
  return (command) => commands[command]();
};

function waitForAll(semaphores: readonly Semaphore[]): Promise<number> {
  return Promise.all(semaphores.map((semaphore) => semaphore.acquire())).then(now);
}

async function measureWaiting(begin: () => void, collect: () => void): Promise<Waiting> {
  collect();
  const threads = countThreads();
  const bytes = process.memoryUsage.rss();
  const start = now();
  begin();
  const nanosecondsEach = (now() - start) * 1e6 / WAITS;
  await delay(50);
  collect();
  const bytesEach = (process.memoryUsage.rss() - bytes) / WAITS;
  const allThreads = countThreads();
  return { threads: allThreads - threads, allThreads, bytesEach, nanosecondsEach };
}

/** Threads of this process that are ours: the runtimes give names to theirs, and one is the main thread. */
function countThreads(): number {
  const nameOf = (thread: string) => readFileSync(`/proc/self/task/${thread}/comm`, "utf8");
  const main = nameOf(String(process.pid));
  return readdirSync("/proc/self/task").filter((thread) => nameOf(thread) === main).length - 1;
}

/** Collects all garbage and gives the pages back, so that memory is compared with memory. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("globalThis.gc");
  if (typeof collect !== "function") return () => {}; // where the runtime forbids it
  return () => collect({ type: "major", execution: "sync", flavor: "last-resort" });
}

interface Released {
  readonly startedAt: number;
  readonly nanoseconds: number;
}

/** Releases all semaphores of a list; answers when it began and how long that took it. */
const releaser: Role<Lists, number, Released> = async (lists) => {
  const { Semaphore } = await load("sync");
  const semaphores = lists.map((handles) => handles.map((handle) => Semaphore.from(handle)));
  return (list) => {
    const startedAt = now();
    for (const semaphore of semaphores[list] ?? []) semaphore.release();
    return { startedAt, nanoseconds: (now() - startedAt) * 1e6 };
  };
};

/** One who waits and one who releases, and what was measured of them. */
interface Pair {
  readonly waiting: Party;
  readonly releasing: Party;
}

async function startPair(): Promise<Pair> {
  const start = (role: string, data: unknown) => startParty("processes", { question: "pending_waits", role, data });
  const waiting = await start("waiter", undefined);
  return { waiting, releasing: await start("releaser", await waiting.call<Lists>("handles")) };
}

/** Nanoseconds from the first release to the last continuation, and those of the releaser's loop alone. */
async function release({ waiting, releasing }: Pair): Promise<{ all: number; loop: number }> {
  await waiting.call("waitToWarmUp");
  await delay(50);
  await releasing.call<Released>(0);
  await delay(100); // both processes are at rest
  const continued = waiting.call<number>("continued");
  const { startedAt, nanoseconds } = await releasing.call<Released>(1);
  return { all: (await continued - startedAt) * 1e6, loop: nanoseconds };
}

/** What a process does while nothing happens in a window of time. */
interface Idle {
  readonly percent: number;
  readonly wakeUps: number;
}

/** Nanoseconds on a CPU and how often it got one, for all threads of a process together, as the kernel has it. */
function schedule(pid: number | undefined): { ran: number; times: number } {
  const sum = { ran: 0, times: 0 };
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [ran, , times] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ").map(Number);
    sum.ran += ran ?? NaN;
    sum.times += times ?? NaN;
  }
  return sum;
}

/** Looks at the processes from outside, so that they do nothing for the sake of being looked at. */
async function measureIdle(parties: readonly Party[], windows: number, windowMs: number): Promise<Idle[]> {
  const idle: Idle[] = [];
  await delay(Math.min(400 * windows, windowMs)); // compilers and collectors come to rest
  for (let window = 0; window < windows; window++) {
    const before = parties.map(({ pid }) => schedule(pid));
    const start = now();
    await delay(windowMs);
    const seconds = (now() - start) / 1000;
    parties.forEach(({ pid }, index) => {
      const after = schedule(pid);
      const { ran, times } = before[index] ?? after;
      idle.push({ percent: (after.ran - ran) / seconds / 1e7, wakeUps: (after.times - times) / seconds });
    });
  }
  return idle;
}

interface Figures {
  readonly waits: Waiting[];
  readonly idleBefore: Idle[];
  readonly idle: Idle[];
  readonly released: { all: number; loop: number }[];
  /** Nanoseconds of CPU for one wake-up of a thread of a C program that does nothing else. */
  readonly wakeUpInC: number | undefined;
}

interface PendingEffort {
  /** Pairs of processes, and windows of idling in each. */
  readonly count: number;
  readonly windows: number;
  /** For a true figure a whole number of the two seconds after which the library looks around. */
  readonly windowMs: number;
}

const ROUGHLY: PendingEffort = { count: 1, windows: 1, windowMs: 200 };
const THOROUGHLY: PendingEffort = { count: 2, windows: 2, windowMs: 2000 };

async function measure({ count, windows, windowMs }: PendingEffort): Promise<Figures> {
  const limits = startLimits();
  const pairs = await Promise.all(Array.from({ length: count }, startPair));
  const waiters = pairs.map(({ waiting }) => waiting);
  const idleBefore = await measureIdle(waiters, 1, windowMs);
  const waits: Waiting[] = [];
  for (const waiting of waiters) waits.push(await waiting.call<Waiting>("wait"));
  const inC = limits.measure(`wake_ups ${4 * windows} ${windowMs / 4}`);
  const idle = await measureIdle(waiters, windows, windowMs);
  const wakeUpInC = await inC;
  const released = [];
  for (const pair of pairs) released.push(await release(pair));
  return { waits, idleBefore, idle, released, wakeUpInC };
}

function rowsOf({ waits, idleBefore, idle, released, wakeUpInC }: Figures): Row[] {
  const subject = (name: string, unit: string, limit?: number): Subject => {
    const target = limit === undefined ? undefined : { of: "ours", limit } as const;
    return { name, unit, better: "lower", target };
  };
  const inC = wakeUpInC === undefined
    ? ""
    : `; one wake-up of an idle C thread takes ${quantity(wakeUpInC, "ns")} of CPU here`;
  const note = `seen by the kernel in the same process before and after${inC}`;
  const added = idle.map(({ percent }, index) => percent - (idleBefore[index % idleBefore.length]?.percent ?? NaN));
  return [
    row(subject("threads added by the waits", "", 1), waits.map(({ threads }) => threads)),
    row(subject("threads of the library in all", ""), waits.map(({ allThreads }) => allThreads)),
    row(subject("memory of each, with its promise", "B", 1024), waits.map(({ bytesEach }) => bytesEach)),
    row(subject("beginning to wait, each", "ns"), waits.map(({ nanosecondsEach }) => nanosecondsEach)),
    row(subject("idle CPU before the waits", "%"), idleBefore.map(({ percent }) => percent)),
    row({ ...subject("idle CPU that the waits add", "%", 0.1), note }, added),
    row(subject("idle wake-ups a second before the waits", ""), idleBefore.map(({ wakeUps }) => wakeUps)),
    row(subject("idle wake-ups a second with them", ""), idle.map(({ wakeUps }) => wakeUps)),
    row(subject("from the first release to the last continuation", "ns", 15e6), released.map(({ all }) => all)),
    row(subject("of that, the releaser's own loop", "ns"), released.map(({ loop }) => loop)),
  ];
}

export const roles: Roles = {
  waiter,
  releaser,
  run: question(async ({ quick }) => rowsOf(await measure(quick ? ROUGHLY : THOROUGHLY))),
};
