// How often per second does a lock change hands when several threads or processes want it all the time?
import { now, sleepUntil } from "./clock.ts";
import type { Limits } from "./command_server.ts";
import { type Handle, type ImplementationName, load, type Lock } from "./implementations.ts";
import { startLimits } from "./limits.ts";
import { type Party, type Place, type Role, type Roles, startParties } from "./parties.ts";
import { question, TWIN } from "./question.ts";
import { type Row, row } from "./rows.ts";
import { inTurn } from "./turns.ts";

const PAIRS_A_CLOCK = 64; // as in limits.cpp: reading the clock each time would dominate

interface Locks {
  readonly sync: Handle;
  readonly atomics?: Handle;
  /** Counted under the lock, to see that it excludes; only threads can share it. */
  readonly counter?: Int32Array;
}

/** From `startAt` to `stopAt` (both of clock.ts) on the lock of one implementation. */
export interface Slice {
  readonly lock: ImplementationName;
  readonly startAt: number;
  readonly stopAt: number;
}

/** Takes and releases as fast as it can; answers how often it did. */
export const contender: Role<Locks, Slice, number> = async (handles) => {
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

/** Runs one slice on some parties and returns how often each of them had the lock. */
export function runSlice(parties: readonly Party[], lock: ImplementationName, milliseconds: number): Promise<number[]> {
  const startAt = now() + 10;
  const slice: Slice = { lock, startAt, stopAt: startAt + milliseconds };
  return Promise.all(parties.map((party) => party.call<number>(slice)));
}

export async function startContenders(place: Place, count: number): Promise<Party[]> {
  const ours = new (await load("sync")).Lock();
  const twin = new (await load("atomics")).Lock();
  kept.push(ours, twin);
  const shared = place === "threads" ? { atomics: twin.handle, counter } : {};
  const data: Locks = { sync: ours.handle, ...shared };
  return startParties(place, count, () => ({ question: "contended", role: "contender", data }));
}

const kept: Lock[] = []; // an object without a name lives as long as somebody has it
const counter = new Int32Array(new SharedArrayBuffer(4));

interface Effort {
  readonly slices: number;
  readonly milliseconds: number;
}

/** One slice: how often per second the parties together had the lock. */
async function contest(parties: readonly Party[], lock: ImplementationName, milliseconds: number): Promise<number> {
  counter[0] = 0;
  const done = (await runSlice(parties, lock, milliseconds)).reduce((sum, each) => sum + each, 0);
  if (counter[0] !== 0 && counter[0] !== done) {
    throw new Error(`Two had the ${lock} lock at once: ${counter[0]} of ${done} counted`);
  }
  return done / milliseconds * 1000;
}

function counted(count: number, place: Place): string {
  const one = place === "threads" ? "thread" : "process";
  return count === 1 ? `1 ${one}` : `${count} ${place}`;
}

async function measure(place: Place, parties: readonly Party[], effort: Effort, limits: Limits): Promise<Row[]> {
  const { slices, milliseconds } = effort;
  const [ours = [], inC = [], twin = []] = await inTurn([
    () => contest(parties, "sync", milliseconds),
    () => limits.measure(`mutex_${place} ${parties.length} ${milliseconds}`),
    ...(place === "threads" ? [() => contest(parties, "atomics", milliseconds)] : []),
  ], slices);
  const subject = { name: `Lock, ${counted(parties.length, place)}`, unit: "/s", better: "higher" } as const;
  const limit = parties.length === 2 ? 1 : 1.3;
  const target = parties.length === 1 ? undefined : { of: "ratio", limit } as const;
  const rows = [row(subject, ours, { name: "C robust mutex", rounds: inC, reason: limits.reason })];
  if (place === "threads") rows.unshift(row({ ...subject, target }, ours, { name: TWIN, rounds: twin }));
  return rows;
}

export const roles: Roles = {
  contender,
  run: question(async ({ quick }) => {
    const effort = quick ? { slices: 3, milliseconds: 30 } : { slices: 7, milliseconds: 60 };
    const counts = { threads: [1, 2, 4, 8], processes: quick ? [4] : [1, 2, 4, 8] };
    const limits = startLimits();
    const rows: Row[] = [];
    for (const place of ["threads", "processes"] as const) {
      const parties = await startContenders(place, Math.max(...counts[place]));
      for (const count of counts[place]) rows.push(...await measure(place, parties.slice(0, count), effort, limits));
      parties.forEach((party) => party.end());
    }
    limits.end();
    return rows;
  }),
};
