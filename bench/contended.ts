// How often per second does a lock change hands when several threads or processes want it all the time?
import { now, sleepUntil } from "./clock.ts";
import type { Limits } from "./command_server.ts";
import { type Handle, type ImplementationName, load, type Lock } from "./implementations.ts";
import { startLimits } from "./limits.ts";
import { type Party, type Place, type Role, type Roles, startParties } from "./parties.ts";
import { question, TWIN } from "./question.ts";
import { type Row, row } from "./rows.ts";
import { type Effort, inTurn } from "./turns.ts";

const PAIRS_A_CLOCK = 64; // as in limits.cpp: reading the clock each time would dominate
const UNTIL_ALL_LISTEN_MS = 6; // a slice begins so long after it was announced

interface Locks {
  readonly sync: Handle;
  readonly atomics?: Handle;
  /** Counted under the lock, to see that it excludes; only threads can share it. */
  readonly counter?: Int32Array;
}

/** From `startAt` to `stopAt`, both of clock.ts. */
export interface Slice {
  readonly startAt: number;
  readonly stopAt: number;
}

/** Takes and releases the lock of one implementation as fast as it can; answers how often it did. */
const contender: Role<Locks, Slice & { readonly lock: ImplementationName }, number> = async (handles) => {
  const counter = handles.counter ?? new Int32Array(1);
  const locks: Partial<Record<ImplementationName, Lock>> = { sync: (await load("sync")).Lock.from(handles.sync) };
  if (handles.atomics !== undefined) locks.atomics = (await load("atomics")).Lock.from(handles.atomics);
  const body = `
    let done = 0;
    for (; now() < stopAt; done += ${PAIRS_A_CLOCK}) {
      for (let i = 0; i < ${PAIRS_A_CLOCK}; i++) {
        const guard = lock.acquireSync();
        counter[0]++;
        guard.release();
      }
    }
    return done;`;
  // One function each, so that neither lock's calls are compiled for both classes.
  const compile = () => new Function("lock", "counter", "now", "stopAt", body);
  const loops = { sync: compile(), atomics: compile() };
  return ({ lock, startAt, stopAt }) => {
    sleepUntil(startAt);
    return loops[lock](locks[lock], counter, now, stopAt);
  };
};

/** Runs one slice on some parties, which are told besides what to do in it, and returns the answer of each. */
export function runSlice<R>(parties: readonly Party[], milliseconds: number, what: object = {}): Promise<R[]> {
  const startAt = now() + UNTIL_ALL_LISTEN_MS;
  const slice: Slice = { startAt, stopAt: startAt + milliseconds };
  return Promise.all(parties.map((party) => party.call<R>({ ...slice, ...what })));
}

async function startContenders(place: Place, count: number): Promise<Party[]> {
  const ours = new (await load("sync")).Lock();
  const twin = new (await load("atomics")).Lock();
  kept.push(ours, twin);
  const shared = place === "threads" ? { atomics: twin.handle, counter } : {};
  const data: Locks = { sync: ours.handle, ...shared };
  return startParties(place, count, () => ({ question: "contended", role: "contender", data }));
}

const kept: Lock[] = []; // an object without a name lives as long as somebody has it
const counter = new Int32Array(new SharedArrayBuffer(4));

/** One slice: how often per second the parties together had the lock. */
async function contest(parties: readonly Party[], lock: ImplementationName, milliseconds: number): Promise<number> {
  counter[0] = 0;
  const done = (await runSlice<number>(parties, milliseconds, { lock })).reduce((sum, each) => sum + each, 0);
  if (counter[0] !== 0 && counter[0] !== done) {
    throw new Error(`Two had the ${lock} lock at once: ${counter[0]} of ${done} counted`);
  }
  return done / milliseconds * 1000;
}

interface Stage {
  readonly threads: readonly Party[];
  readonly processes: readonly Party[];
  readonly limits: Limits;
}

async function measure(count: number, { threads, processes, limits }: Stage, effort: Effort): Promise<Row[]> {
  const { slices, milliseconds } = effort;
  const inC = (place: Place) => () => limits.measure(`mutex_${place} ${count} ${milliseconds}`);
  const [inThreads = [], twin = [], cThreads = [], inProcesses = [], cProcesses = []] = await inTurn([
    () => contest(threads.slice(0, count), "sync", milliseconds),
    () => contest(threads.slice(0, count), "atomics", milliseconds),
    inC("threads"),
    () => contest(processes.slice(0, count), "sync", milliseconds),
    inC("processes"),
  ], slices);
  const subject = (place: Place) => ({ name: `Lock, ${counted(count, place)}`, unit: "/s", better: "higher" }) as const;
  const limit = count === 2 ? 1 : 1.3;
  const target = count === 1 ? undefined : { of: "ratio", limit } as const;
  const name = "C robust mutex";
  return [
    row({ ...subject("threads"), target }, inThreads, { name: TWIN, rounds: twin }),
    row(subject("threads"), inThreads, { name, rounds: cThreads, reason: limits.reason }),
    row(subject("processes"), inProcesses, { name, rounds: cProcesses, reason: limits.reason }),
  ];
}

function counted(count: number, place: Place): string {
  const one = place === "threads" ? "thread" : "process";
  return count === 1 ? `1 ${one}` : `${count} ${place}`;
}

export const roles: Roles = {
  contender,
  run: question(async ({ quick }) => {
    const counts = quick ? [4] : [1, 2, 4, 8];
    const effort = quick ? { slices: 2, milliseconds: 12 } : { slices: 5, milliseconds: 40 };
    const most = Math.max(...counts);
    const [threads, processes] = await Promise.all([
      startContenders("threads", most),
      startContenders("processes", most),
    ]);
    const stage: Stage = { threads, processes, limits: startLimits() };
    const rows: Row[] = [];
    for (const count of counts) rows.push(...await measure(count, stage, effort));
    return rows;
  }),
};
