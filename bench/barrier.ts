// How many rounds per second does a barrier of 2, 4 and 8 parties make?
import { now } from "./clock.ts";
import type { Limits } from "./command_server.ts";
import { type Barrier, type Handle, type ImplementationName, load } from "./implementations.ts";
import { startLimits } from "./limits.ts";
import { type Party, type Place, type Role, type Roles, startParties } from "./parties.ts";
import { startPython } from "./python.ts";
import { question, TWIN } from "./question.ts";
import { type Row, row, type Subject } from "./rows.ts";
import { type Effort, inTurn, type Play, sized } from "./turns.ts";

const PYTHON_COUNT = 4; // its barrier is compared once, as it takes its time
const PYTHON_ROUNDS = 20;

/** For each implementation a barrier of each size. */
type Handles = Partial<Record<ImplementationName, Record<number, Handle>>>;

interface Slice {
  readonly name: ImplementationName;
  readonly count: number;
  readonly rounds: number;
}

/** Waits so many times at one of the barriers; answers how many nanoseconds a round took. */
const member: Role<Handles, Slice, number> = async (handles) => {
  const body = "for (let round = 0; round < rounds; round++) barrier.waitSync();";
  const loops = { sync: new Function("barrier", "rounds", body), atomics: new Function("barrier", "rounds", body) };
  const implementations = { sync: await load("sync"), atomics: await load("atomics") };
  const attached = new Map<string, Barrier>();
  return ({ name, count, rounds }) => {
    const key = `${name} ${count}`;
    const barrier = attached.get(key) ?? implementations[name].Barrier.from(handles[name]?.[count]);
    attached.set(key, barrier);
    loops[name](barrier, 1); // all are there now
    const start = now();
    loops[name](barrier, rounds);
    return (now() - start) * 1e6 / rounds;
  };
};

const kept: Barrier[] = []; // an object without a name lives as long as somebody has it

async function startMembers(place: Place, counts: readonly number[]): Promise<Party[]> {
  const handles: Handles = {};
  for (const name of ["sync", ...(place === "threads" ? ["atomics"] as const : [])] as const) {
    const { Barrier } = await load(name);
    const ofName = counts.map((count) => [count, new Barrier(count)] as const);
    kept.push(...ofName.map(([, barrier]) => barrier));
    handles[name] = Object.fromEntries(ofName.map(([count, barrier]) => [count, barrier.handle]));
  }
  return startParties(place, Math.max(...counts), () => ({ question: "barrier", role: "member", data: handles }));
}

/** Who plays with every number of parties. */
interface Stage {
  readonly threads: readonly Party[];
  readonly processes: readonly Party[];
  readonly limits: Limits;
  readonly python: Limits;
}

async function measure(count: number, stage: Stage, effort: Effort): Promise<Row[]> {
  const { limits, python } = stage;
  const ours = (parties: readonly Party[], name: ImplementationName): Play => async (rounds) => {
    const calls = parties.slice(0, count).map((party) => party.call<number>({ name, count, rounds } satisfies Slice));
    return (await Promise.all(calls))[0];
  };
  const inC = (place: Place): Play => (rounds) => limits.measure(`barrier_${place} ${count} ${rounds}`);
  const plays = [
    ours(stage.threads, "sync"),
    ours(stage.threads, "atomics"),
    inC("threads"),
    ours(stage.processes, "sync"),
    inC("processes"),
  ];
  const turns = await sized(plays, effort.milliseconds);
  if (count === PYTHON_COUNT) turns.push(() => python.measure(`barrier ${count} ${PYTHON_ROUNDS}`));
  const figures = await inTurn(turns, effort.slices);
  const perSecond = figures.map((each) => each.map((nanoseconds) => 1e9 / nanoseconds));
  const [threads = [], twin = [], cThreads = [], processes = [], cProcesses = [], inPython = []] = perSecond;
  const inThreads = (limit: number) => subject(`${count} threads`, count > 2 ? limit : undefined);
  const inProcesses = subject(`${count} processes`, count > 2 ? 0.7 : undefined);
  const name = "C pthread_barrier";
  const rows = [
    row(inThreads(1.3), threads, { name: TWIN, rounds: twin }),
    row(inThreads(0.7), threads, { name, rounds: cThreads, reason: limits.reason }),
    row(inProcesses, processes, { name, rounds: cProcesses, reason: limits.reason }),
  ];
  if (count !== PYTHON_COUNT) return rows;
  const reference = { name: "Python Barrier", rounds: inPython, reason: python.reason };
  return [...rows, row(subject(`${count} processes`), processes, reference)];
}

function subject(name: string, limit?: number): Subject {
  const target = limit === undefined ? undefined : { of: "ratio", limit } as const;
  return { name, unit: "/s", better: "higher", target };
}

export const roles: Roles = {
  member,
  run: question(async ({ quick }) => {
    const counts = quick ? [4] : [2, 4, 8];
    const effort = quick ? { slices: 2, milliseconds: 12 } : { slices: 5, milliseconds: 40 };
    const [threads, processes, python] = await Promise.all([
      startMembers("threads", counts),
      startMembers("processes", counts),
      startPython(),
    ]);
    const stage: Stage = { threads, processes, limits: startLimits(), python };
    const rows: Row[] = [];
    for (const count of counts) rows.push(...await measure(count, stage, effort));
    return rows;
  }),
};
