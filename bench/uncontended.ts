// What does it cost to take and give back what nobody else wants?
import { cpus } from "node:os";
import type { Limits } from "./command_server.ts";
import { type Implementation, load } from "./implementations.ts";
import { startLimits } from "./limits.ts";
import { pinProcess } from "./machine.ts";
import { asyncLoop, type Contestant, type Effort, interleave, loop } from "./micro.ts";
import { type Role, type Roles, startParty } from "./parties.ts";
import { question, TWIN } from "./question.ts";
import { type Reference, type Row, row, type Subject } from "./rows.ts";

const SYNC_CALLS = 5_000;
const ASYNC_CALLS = 2_000;
const RESOLVED = "resolved promise";

type Make = (from: Implementation) => unknown;

/** One statement, timed on our object, on the twin and on what else there is to compare with. */
interface Case {
  readonly name: string;
  readonly make: Make;
  readonly body: string;
  readonly limit?: number;
  readonly other?: { readonly name: string; readonly command?: string; readonly limit?: number };
}

interface Measured {
  readonly ours: number[];
  readonly twin: number[];
  readonly other: number[];
}

const GUARD = "subject.acquireSync().release();";
const EXPLICIT = "subject.acquireSync(); subject.release();";
const AWAITED = "(await subject.acquire()).release();";

function casesOf(name: string, make: Make, other?: Case["other"]): Case[] {
  return [
    { name: `${name}, guard`, make, body: GUARD, limit: 1.1 },
    { name: `${name}, explicit release`, make, body: EXPLICIT, limit: 1.1, ...(other === undefined ? {} : { other }) },
    { name: `${name}, await acquire()`, make, body: AWAITED, other: { name: RESOLVED, limit: 2 } },
  ];
}

/** Each group is measured in processes of its own: what one class taught the compiler does not touch the others. */
const groups: Record<string, readonly Case[]> = {
  lock: casesOf("Lock", (from) => new from.Lock(), { name: "C robust mutex", command: "robust_mutex", limit: 1.2 }),
  semaphore: casesOf("Semaphore", (from) => new from.Semaphore(1), { name: "C sem_t", command: "sem" }),
  bounded: casesOf("BoundedSemaphore(4)", (from) => new from.BoundedSemaphore(4)),
  others: [
    { name: "RLock, guard", make: (from) => new from.RLock(), body: GUARD },
    { name: "RWLock, read guard", make: (from) => new from.RWLock().read, body: GUARD },
    { name: "RWLock, write guard", make: (from) => new from.RWLock().write, body: GUARD },
    { name: "Condition, notify nobody", make: heldCondition, body: "subject.notify();" },
    { name: "Event, isSet", make: (from) => new from.Event(), body: "if (subject.isSet) throw new Error();" },
    { name: "Event, set and clear", make: (from) => new from.Event(), body: "subject.set(); subject.clear();" },
    { name: "Barrier(1), waitSync", make: (from) => new from.Barrier(1), body: "subject.waitSync();" },
  ],
};

function heldCondition(from: Implementation): unknown {
  const condition = new from.Condition();
  condition.acquireSync();
  return condition;
}

async function contestantsOf(item: Case, limits: Limits): Promise<Contestant[]> {
  const awaits = item.body.includes("await");
  const make = awaits ? asyncLoop : loop;
  const calls = awaits ? ASYNC_CALLS : SYNC_CALLS;
  const contestants = [
    make("ours", calls, item.body, item.make(await load("sync"))),
    make(TWIN, calls, item.body, item.make(await load("atomics"))),
  ];
  if (item.other?.name === RESOLVED) contestants.push(make(RESOLVED, calls, "await subject;", Promise.resolve()));
  const command = item.other?.command;
  if (command !== undefined && limits.reason === undefined) {
    const batch = async () => (await limits.measure(`${command} ${calls}`) ?? NaN) * calls / 1e6;
    contestants.push({ name: command, calls, batch });
  }
  return contestants;
}

const measureGroup: Role<{ group: string; effort: Effort }, undefined, Measured[]> = ({ group, effort }) => {
  pinProcess(cpus().length - 1);
  return async () => {
    const limits = startLimits(); // on the same CPU
    const measured: Measured[] = [];
    for (const item of groups[group] ?? []) {
      const [ours = [], twin = [], other = []] = await interleave(await contestantsOf(item, limits), effort);
      measured.push({ ours, twin, other });
    }
    limits.end();
    return measured;
  };
};

/** All rounds of several process starts: how the compiler lays things out differs from start to start. */
async function measureStarts(group: string, starts: number, effort: Effort): Promise<Measured[]> {
  const all: Measured[] = [];
  for (let start = 0; start < starts; start++) {
    const party = await startParty("processes", { question: "uncontended", role: "group", data: { group, effort } });
    const measured = await party.call<Measured[]>(undefined);
    party.end();
    measured.forEach(({ ours, twin, other }, index) => {
      const sum = all[index] ??= { ours: [], twin: [], other: [] };
      sum.ours.push(...ours);
      sum.twin.push(...twin);
      sum.other.push(...other);
    });
  }
  return all;
}

function rowsOf(item: Case, { ours, twin, other }: Measured): Row[] {
  const rows = [compare(item.name, ours, { name: TWIN, rounds: twin }, item.limit)];
  if (item.other !== undefined) {
    const reference = { name: item.other.name, rounds: other, reason: "no g++" };
    rows.push(compare(item.name, ours, reference, item.other.limit));
  }
  return rows;
}

function compare(name: string, ours: number[], reference: Reference, limit: number | undefined): Row {
  const subject: Subject = { name, unit: "ns", better: "lower" };
  return row(limit === undefined ? subject : { ...subject, target: { of: "ratio", limit } }, ours, reference);
}

export const roles: Roles = {
  group: measureGroup,
  run: question(async ({ quick }) => {
    const effort = quick ? { warmUps: 30, rounds: 11 } : { warmUps: 60, rounds: 31 };
    const rows: Row[] = [];
    for (const [group, cases] of Object.entries(groups)) {
      const starts = quick || group === "others" ? 1 : 3;
      const measured = await measureStarts(group, starts, effort);
      cases.forEach((item, index) => rows.push(...rowsOf(item, measured[index] ?? { ours: [], twin: [], other: [] })));
    }
    return rows;
  }),
};
