// Who gets the lock while everybody wants it, and how long does one wait beside a greedy neighbour?
import { runSlice, startContenders } from "./contended.ts";
import { delay, now, sleepUntil } from "./clock.ts";
import { type Handle, type ImplementationName, load, type Lock } from "./implementations.ts";
import { type Place, type Role, type Roles, startParties } from "./parties.ts";
import { question, TWIN } from "./question.ts";
import { type Row, row, single, type Subject } from "./rows.ts";
import { quantile } from "./statistics.ts";
import { inTurn } from "./turns.ts";

const PARTIES = 8;

interface Start {
  readonly lock: ImplementationName;
  readonly handle: Handle;
}

interface Slice {
  readonly startAt: number;
  readonly stopAt: number;
}

/** Takes and releases in a tight loop; holds the lock nearly all the time. */
const greedy: Role<Start, Slice, void> = async ({ lock: name, handle }) => {
  const lock = (await load(name)).Lock.from(handle);
  return ({ startAt, stopAt }) => {
    sleepUntil(startAt);
    while (now() < stopAt) {
      const guard = lock.acquireSync();
      const busyUntil = now() + 0.01;
      while (now() < busyUntil);
      guard.release();
    }
  };
};

/** Wants the lock now and then; answers how many milliseconds each wait took. */
const modest: Role<Start, Slice, number[]> = async ({ lock: name, handle }) => {
  const lock = (await load(name)).Lock.from(handle);
  return ({ startAt, stopAt }) => {
    const waits: number[] = [];
    for (let next = startAt + 5; next < stopAt - 20; next = now() + 1) {
      sleepUntil(next);
      const start = now();
      const guard = lock.acquireSync();
      waits.push(now() - start);
      guard.release();
    }
    return waits;
  };
};

const kept: Lock[] = []; // an object without a name lives as long as somebody has it

/** The waits of a modest party beside a greedy one, in nanoseconds. */
async function waitsBeside(place: Place, name: ImplementationName, milliseconds: number): Promise<number[]> {
  const lock = new (await load(name)).Lock();
  kept.push(lock);
  const data: Start = { lock: name, handle: lock.handle };
  const parties = await startParties(place, 2, (index) => {
    return { question: "fairness", role: index === 0 ? "greedy" : "modest", data };
  });
  await delay(20);
  const startAt = now() + 10;
  const slice: Slice = { startAt, stopAt: startAt + milliseconds };
  const [, waits] = await Promise.all(parties.map((party) => party.call<number[]>(slice)));
  parties.forEach((party) => party.end());
  return (waits ?? []).map((wait) => wait * 1e6);
}

async function waitRows(place: Place, milliseconds: number): Promise<Row[]> {
  const ours = await waitsBeside(place, "sync", milliseconds);
  const subject = (name: string, limit?: number): Subject => {
    const target = limit === undefined ? undefined : { of: "ours", limit } as const;
    return { name: `${name} beside a greedy one of two ${place}`, unit: "ns", better: "lower", target };
  };
  const rows = [
    row(subject("median wait", 5e6), ours),
    single({ ...subject("worst wait", 50e6), note: `${ours.length} waits` }, Math.max(...ours)),
  ];
  if (place === "processes") return rows;
  const twin = await waitsBeside(place, "atomics", milliseconds);
  return [
    ...rows,
    single(subject(`${TWIN}: median wait`), quantile(twin, 0.5)),
    single(subject(`${TWIN}: worst wait`), Math.max(...twin)),
  ];
}

/** The smallest and the largest share of the holds, as multiples of an equal share. */
async function shareRows(place: Place, slices: number, milliseconds: number): Promise<Row[]> {
  const parties = await startContenders(place, PARTIES);
  const shares: number[][] = [];
  const [smallest = []] = await inTurn([async () => {
    const holds = await runSlice(parties, "sync", milliseconds);
    const all = holds.reduce((sum, each) => sum + each, 0);
    shares.push(holds.map((each) => each / all * 100).sort((a, b) => b - a));
    return Math.min(...shares.at(-1) ?? []);
  }], slices);
  parties.forEach((party) => party.end());
  const ranks = Array.from({ length: PARTIES }, (_, rank) => quantile(shares.map((each) => each[rank] ?? NaN), 0.5));
  const note = `median shares by rank: ${ranks.map((share) => share.toFixed(1)).join(" ")} %`;
  return [
    row({
      name: `smallest share of ${PARTIES} ${place} (equal: ${100 / PARTIES} %)`,
      unit: "%",
      better: "higher",
      note,
    }, smallest),
  ];
}

export const roles: Roles = {
  greedy,
  modest,
  run: question(async ({ quick }) => {
    const rows: Row[] = [];
    const places: Place[] = quick ? ["threads"] : ["threads", "processes"];
    for (const place of places) {
      rows.push(...await shareRows(place, quick ? 2 : 4, quick ? 150 : 250));
      rows.push(...await waitRows(place, quick ? 300 : 1000));
    }
    return rows;
  }),
};
