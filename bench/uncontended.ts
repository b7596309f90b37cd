// What does it cost to take and give back what nobody else wants?
import { cpus } from "node:os";
import type { Limits } from "./command_server.ts";
import { type Implementation, load } from "./implementations.ts";
import { startLimits } from "./limits.ts";
import { pinProcess } from "./machine.ts";
import { asyncLoop, type Contestant, type Effort, interleave, loop } from "./micro.ts";
import { type Party, type Role, type Roles, startParties } from "./parties.ts";
import { question, TWIN } from "./question.ts";
import { type Row, row, type Subject } from "./rows.ts";

const SYNC_CALLS = 5_000;
const ASYNC_CALLS = 2_000;
const SLOWER_CALLS = 1_000;

/** What a case is compared with: the twin, a command of limits.cpp, or a statement on `subject.promise`. */
interface Against {
  readonly name: string;
  readonly limit?: number;
  readonly command?: string;
  readonly statement?: string;
  readonly note?: string;
}

/** One statement that is timed on an object of ours and on others. */
interface Case {
  readonly name: string;
  readonly make: (from: Implementation) => unknown;
  readonly statement: string;
  readonly calls: number;
  readonly against: readonly Against[];
}

const GUARD = "subject.acquireSync().release();";
const EXPLICIT = "subject.acquireSync(); subject.release();";
const AWAITED = "(await subject.acquire()).release();";
const BESIDE_TWIN: readonly Against[] = [{ name: TWIN }];
const NEAR_TWIN: readonly Against[] = [{ name: TWIN, limit: 1.1 }];
const PROMISES: readonly Against[] = [
  { name: "await of a new promise", limit: 2, statement: "await Promise.resolve(subject);" },
  {
    name: "await of an old promise",
    statement: "await subject.promise;",
    note: "no target, as acquire() returns a new promise each time, as the row above has it",
  },
];

function casesOf(name: string, make: Case["make"], inC: readonly Against[]): Case[] {
  const sync = { make, calls: SYNC_CALLS };
  const against = [...BESIDE_TWIN, ...PROMISES];
  return [
    { name: `${name}, guard`, ...sync, statement: GUARD, against: NEAR_TWIN },
    { name: `${name}, explicit release`, ...sync, statement: EXPLICIT, against: [...NEAR_TWIN, ...inC] },
    { name: `${name}, await acquire()`, make, calls: ASYNC_CALLS, statement: AWAITED, against },
  ];
}

function other(name: string, make: Case["make"], statement: string): Case {
  return { name, make, calls: SLOWER_CALLS, statement, against: BESIDE_TWIN };
}

/** Each group is measured in processes of its own: what one class taught the compiler does not touch the others. */
const groups: Record<string, readonly Case[]> = {
  lock: casesOf("Lock", ({ Lock }) => new Lock(), [{ name: "C robust mutex", command: "robust_mutex", limit: 1.2 }]),
  semaphore: casesOf("Semaphore", ({ Semaphore }) => new Semaphore(1), [{ name: "C sem_t", command: "sem" }]),
  bounded: casesOf("BoundedSemaphore(4)", ({ BoundedSemaphore }) => new BoundedSemaphore(4), []),
  others: [
    other("RLock, guard", ({ RLock }) => new RLock(), GUARD),
    other("RWLock, read guard", ({ RWLock }) => new RWLock().read, GUARD),
    other("RWLock, write guard", ({ RWLock }) => new RWLock().write, GUARD),
    other("Condition, notify nobody", heldCondition, "subject.notify();"),
    other("Event, isSet", ({ Event }) => new Event(), "if (subject.isSet) throw new Error();"),
    other("Event, set and clear", ({ Event }) => new Event(), "subject.set(); subject.clear();"),
    other("Barrier(1), waitSync", ({ Barrier }) => new Barrier(1), "subject.waitSync();"),
  ],
};

function heldCondition({ Condition }: Implementation): unknown {
  const condition = new Condition();
  condition.acquireSync();
  return condition;
}

async function contestantsOf({ statement, make, calls, against }: Case, limits: Limits): Promise<Contestant[]> {
  const time = statement.includes("await") ? asyncLoop : loop;
  const contestants = [time("ours", calls, statement, make(await load("sync")))];
  for (const { name, command, statement: theirs } of against) {
    if (command !== undefined) {
      const batch = async () => (await limits.measure(`${command} ${calls}`) ?? NaN) * calls / 1e6;
      contestants.push({ name, calls, batch });
    } else if (theirs !== undefined) {
      contestants.push(time(name, calls, theirs, { promise: Promise.resolve() }));
    } else {
      contestants.push(time(name, calls, statement, make(await load("atomics"))));
    }
  }
  return contestants;
}

/** For each case of the group the rounds of each contestant. */
const measureGroup: Role<{ group: string; effort: Effort }, undefined, number[][][]> = ({ group, effort }) => {
  pinProcess(cpus().length - 1);
  return async () => {
    const limits = startLimits(); // on the same CPU
    const measured: number[][][] = [];
    for (const item of groups[group] ?? []) measured.push(await interleave(await contestantsOf(item, limits), effort));
    return measured;
  };
};

type Starts = Record<string, Party[]>;

/** Several processes for each group, as the compiler lays things out differently from start to start. */
async function startAll(starts: number, effort: Effort): Promise<Starts> {
  const all: Starts = {};
  await Promise.all(
    Object.keys(groups).map(async (group) => {
      const task = { question: "uncontended", role: "group", data: { group, effort } };
      all[group] = await startParties("processes", group === "others" ? 1 : starts, () => task);
    }),
  );
  return all;
}

/** All rounds of all starts of a group, one process after the other. */
async function measureStarts(group: string, parties: readonly Party[]): Promise<number[][][]> {
  const all: number[][][] = [];
  for (const party of parties) all.push(...await party.call<number[][][]>(undefined));
  const cases = groups[group]?.length ?? 1;
  return Array.from({ length: cases }, (_, index) => concatenate(all.filter((_, place) => place % cases === index)));
}

/** The rounds of each contestant, one start after the other. */
function concatenate(starts: readonly number[][][]): number[][] {
  return (starts[0] ?? []).map((_, contestant) => starts.flatMap((start) => start[contestant] ?? []));
}

function rowsOf({ name, against }: Case, [ours = [], ...theirs]: number[][]): Row[] {
  return against.map(({ name: reference, limit, note }, index) => {
    const target = limit === undefined ? undefined : { of: "ratio", limit } as const;
    const rounds = theirs[index]?.filter((figure) => !Number.isNaN(figure));
    const subject: Subject = { name, unit: "ns", better: "lower", target, note };
    return row(subject, ours, { name: reference, rounds, reason: "g++ is not installed" });
  });
}

export const roles: Roles = {
  group: measureGroup,
  run: question(async ({ quick }) => {
    const effort = quick ? { warmUps: 40, rounds: 7 } : { warmUps: 60, rounds: 13 };
    const starts = await startAll(quick ? 1 : 3, effort);
    const rows: Row[] = [];
    for (const [group, cases] of Object.entries(groups)) {
      const measured = await measureStarts(group, starts[group] ?? []);
      cases.forEach((item, index) => rows.push(...rowsOf(item, measured[index] ?? [])));
    }
    return rows;
  }),
};
