// Who gets the lock while everybody wants it, and how long does one wait beside a greedy neighbour?
import { now, sleepUntil } from "./clock.ts";
import { runSlice, type Slice } from "./contended.ts";
import { type Handle, type ImplementationName, load, type Lock } from "./implementations.ts";
import { type Party, type Place, type Role, type Roles, startParties } from "./parties.ts";
import { question, TWIN } from "./question.ts";
import { type Row, row, single, type Subject } from "./rows.ts";
import { quantile } from "./statistics.ts";
import { inTurn } from "./turns.ts";

const PARTIES = 8;
const BUSY_MS = 0.01; // so long a greedy one holds the lock

interface Start {
  readonly handles: Partial<Record<ImplementationName, Handle>>;
  /** The last one of the parties asks for the lock now and then when it is told to be modest. */
  readonly index: number;
}

interface Command extends Slice {
  readonly lock: ImplementationName;
  /** All are greedy, or one greedy party has a modest neighbour. */
  readonly crowd: boolean;
}

/** A party that is greedy, or modest where it is the second of two. Answers its holds, or its waits in milliseconds. */
const member: Role<Start, Command, number[]> = async ({ handles, index }) => {
  const locks: Partial<Record<ImplementationName, Lock>> = {};
  for (const name of Object.keys(handles) as ImplementationName[]) {
    locks[name] = (await load(name)).Lock.from(handles[name]);
  }
  return ({ lock: name, crowd, ...slice }) => {
    const lock = locks[name];
    if (lock === undefined) throw new Error(`This party has no ${name} lock`);
    sleepUntil(slice.startAt);
    return crowd || index === 0 ? [beGreedy(lock, slice)] : beModest(lock, slice);
  };
};

/** Takes and releases in a tight loop; answers how often. */
function beGreedy(lock: Lock, { stopAt }: Slice): number {
  let holds = 0;
  for (; now() < stopAt; holds++) {
    const guard = lock.acquireSync();
    const busyUntil = now() + BUSY_MS;
    while (now() < busyUntil);
    guard.release();
  }
  return holds;
}

/** Wants the lock once a millisecond, for a moment; answers how long each wait took. */
function beModest(lock: Lock, { startAt, stopAt }: Slice): number[] {
  const waits: number[] = [];
  for (let next = startAt + 5; next < stopAt - 10; next = now() + 1) {
    sleepUntil(next);
    const start = now();
    const guard = lock.acquireSync();
    waits.push(now() - start);
    guard.release();
  }
  return waits;
}

const kept: Lock[] = []; // an object without a name lives as long as somebody has it

/** The parties of one place, and one implementation of which they have a lock. */
interface Contest {
  readonly parties: readonly Party[];
  readonly lock: ImplementationName;
}

async function startMembers(place: Place): Promise<Party[]> {
  const names: ImplementationName[] = place === "threads" ? ["sync", "atomics"] : ["sync"];
  const handles: Start["handles"] = {};
  for (const name of names) {
    const lock = new (await load(name)).Lock();
    kept.push(lock);
    handles[name] = lock.handle;
  }
  return startParties(place, PARTIES, (index) => {
    const data: Start = { handles, index };
    return { question: "fairness", role: "member", data };
  });
}

/** The share in percent that each party had, the largest first. */
async function playCrowd({ parties, lock }: Contest, milliseconds: number): Promise<number[]> {
  const holds = (await runSlice<number[]>(parties, milliseconds, { lock, crowd: true })).flat();
  const all = holds.reduce((sum, each) => sum + each, 0);
  return holds.map((each) => each / all * 100).sort((a, b) => b - a);
}

/** The waits in nanoseconds that a modest party had beside a greedy one. */
async function playPair({ parties, lock }: Contest, milliseconds: number): Promise<number[]> {
  const [, waits = []] = await runSlice<number[]>(parties.slice(0, 2), milliseconds, { lock, crowd: false });
  return waits.map((wait) => wait * 1e6);
}

function shareRow(place: Place, ours: readonly number[][], twin?: readonly number[][]): Row {
  const ranks = Array.from({ length: PARTIES }, (_, rank) => quantile(ours.map((each) => each[rank] ?? NaN), 0.5));
  const subject: Subject = {
    name: `smallest share of ${PARTIES} ${place} (equal: ${100 / PARTIES} %)`,
    unit: "%",
    better: "higher",
    note: `median shares by rank: ${ranks.map((share) => share.toFixed(1)).join(" ")} %`,
  };
  const smallest = (shares: readonly number[][]) => shares.map((each) => Math.min(...each));
  return row(subject, smallest(ours), twin && { name: TWIN, rounds: smallest(twin) });
}

function waitRows(place: Place, ours: readonly number[][], twin?: readonly number[][]): Row[] {
  const subject = (name: string, limit: number): Subject => {
    const target = { of: "ours", limit } as const;
    return { name: `${name} beside a greedy one of two ${place}`, unit: "ns", better: "lower", target };
  };
  const medians = (waits: readonly number[][]) => waits.map((each) => quantile(each, 0.5));
  const worst = (waits: readonly number[][]) => Math.max(...waits.flat());
  return [
    row(subject("median wait", 5e6), medians(ours), twin && { name: TWIN, rounds: medians(twin) }),
    single(
      { ...subject("worst wait", 50e6), note: `${ours.flat().length} waits` },
      worst(ours),
      twin && { name: TWIN, value: worst(twin) },
    ),
  ];
}

export const roles: Roles = {
  member,
  run: question(async ({ quick }) => {
    const effort = { slices: quick ? 1 : 4, crowdMs: 60, pairMs: 100 };
    const places: Place[] = quick ? ["threads"] : ["threads", "processes"];
    const [threads = [], processes] = await Promise.all(places.map(startMembers));
    const contests: Contest[] = [{ parties: threads, lock: "sync" }, { parties: threads, lock: "atomics" }];
    if (processes !== undefined) contests.push({ parties: processes, lock: "sync" });
    const crowds = contests.map((contest) => () => playCrowd(contest, effort.crowdMs));
    const pairs = contests.map((contest) => () => playPair(contest, effort.pairMs));
    const [shares = [], twinShares, processShares] = await inTurn(crowds, effort.slices);
    const [waits = [], twinWaits, processWaits] = await inTurn(pairs, effort.slices);
    const rows = [shareRow("threads", shares, twinShares), ...waitRows("threads", waits, twinWaits)];
    if (processShares === undefined || processWaits === undefined) return rows;
    return [...rows, shareRow("processes", processShares), ...waitRows("processes", processWaits)];
  }),
};
