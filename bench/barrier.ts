// How many rounds per second does a barrier of 2, 4 and 8 parties make?
import { now } from "./clock.ts";
import { type Barrier, type Handle, type ImplementationName, load } from "./implementations.ts";
import { startLimits } from "./limits.ts";
import { type Party, type Place, type Role, type Roles, startParties } from "./parties.ts";
import { startPython } from "./python.ts";
import { question, TWIN } from "./question.ts";
import { type Row, row, type Subject } from "./rows.ts";
import { inTurn } from "./turns.ts";

type Handles = Partial<Record<ImplementationName, Handle>>;

interface Slice {
  readonly barrier: ImplementationName;
  readonly rounds: number;
}

/** Waits at the barrier so many times; answers how many rounds per second that were. */
const member: Role<Handles, Slice, number> = async (handles) => {
  const barriers: Partial<Record<ImplementationName, Barrier>> = {};
  for (const name of Object.keys(handles) as ImplementationName[]) {
    barriers[name] = (await load(name)).Barrier.from(handles[name]);
  }
  const body = "for (let round = 0; round < rounds; round++) barrier.waitSync();";
  const loops = { sync: new Function("barrier", "rounds", body), atomics: new Function("barrier", "rounds", body) };
  return ({ barrier, rounds }) => {
    loops[barrier](barriers[barrier], 1); // all are there now
    const start = now();
    loops[barrier](barriers[barrier], rounds);
    return rounds / (now() - start) * 1000;
  };
};

interface Crowd {
  /** Rounds per second of one slice. */
  play(slice: Slice): Promise<number>;
  end(): void;
}

async function startCrowd(place: Place, count: number): Promise<Crowd> {
  const ours = new (await load("sync")).Barrier(count);
  const twin = new (await load("atomics")).Barrier(count);
  kept.push(ours, twin);
  const data: Handles = place === "threads" ? { sync: ours.handle, atomics: twin.handle } : { sync: ours.handle };
  const parties: Party[] = await startParties(place, count, () => ({ question: "barrier", role: "member", data }));
  return {
    play: async (slice) => (await Promise.all(parties.map((party) => party.call<number>(slice))))[0] ?? NaN,
    end: () => parties.forEach((party) => party.end()),
  };
}

const kept: Barrier[] = []; // an object without a name lives as long as somebody has it

interface Effort {
  readonly slices: number;
  readonly rounds: number;
}

async function measure(count: number, { slices, rounds }: Effort): Promise<Row[]> {
  const limits = startLimits();
  const python = startPython();
  const threads = await startCrowd("threads", count);
  const processes = await startCrowd("processes", count);
  const [inThreads = [], twin = [], inProcesses = [], inC = [], inPython = []] = await inTurn([
    () => threads.play({ barrier: "sync", rounds }),
    () => threads.play({ barrier: "atomics", rounds }),
    () => processes.play({ barrier: "sync", rounds }),
    () => limits.measure(`barrier ${count} ${rounds}`),
    () => python.measure(`barrier ${count} 20`),
  ], slices);
  threads.end();
  processes.end();
  limits.end();
  python.end();
  const reference = { name: "C pthread_barrier", rounds: inC, reason: limits.reason };
  return [
    row(subject(`${count} threads`, count > 2 ? 1.3 : undefined), inThreads, { name: TWIN, rounds: twin }),
    row(subject(`${count} threads`, count > 2 ? 0.7 : undefined), inThreads, reference),
    row(subject(`${count} processes`, count > 2 ? 0.7 : undefined), inProcesses, reference),
    row(subject(`${count} processes`), inProcesses, {
      name: "Python Barrier",
      rounds: inPython,
      reason: python.reason,
    }),
  ];
}

function subject(name: string, limit?: number): Subject {
  const target = limit === undefined ? undefined : { of: "ratio", limit } as const;
  return { name, unit: "/s", better: "higher", target };
}

export const roles: Roles = {
  member,
  run: question(async ({ quick }) => {
    const rows: Row[] = [];
    for (const count of quick ? [4, 8] : [2, 4, 8]) {
      rows.push(...await measure(count, quick ? { slices: 5, rounds: 200 } : { slices: 15, rounds: 400 }));
    }
    return rows;
  }),
};
