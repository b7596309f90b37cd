// How much do several processes get done on one dict, and do readers suffer from a writer? Beside them, Redis.
import { SharedDict } from "@lockstep/manager";
import { now, sleepUntil } from "./clock.ts";
import { runSlice, type Slice } from "./contended.ts";
import { type Party, type Role, type Roles, startParties } from "./parties.ts";
import { question } from "./question.ts";
import { startRedis } from "./redis.ts";
import { type Row, row, type Subject } from "./rows.ts";
import { type Effort, inTurn } from "./turns.ts";

const PROCESSES = 4;
const KEYS = 1_024;
const CALLS_A_CLOCK = 64;
const REDIS_CALLS = 200;
const REDIS_AT_ONCE = 100;
const TEXT = "a string of 24 characters";

type Work = "increment one key" | "increment many keys" | "get" | "set" | "rest";

/** Does its work from `startAt` to `stopAt`, and answers how often it did. */
const worker: Role<{ handle: string }, Slice & { readonly work: Work }, number> = ({ handle }) => {
  const dict = SharedDict.from<unknown>(handle);
  const keys = Array.from({ length: KEYS }, (_, index) => `key ${index}`);
  const works: Record<Work, (index: number) => unknown> = {
    "increment one key": () => dict.increment("one"),
    "increment many keys": (index) => dict.increment(`count ${index}`),
    get: (index) => dict.get(keys[index]!),
    set: (index) => dict.set(keys[index]!, TEXT),
    rest: () => undefined,
  };
  return ({ work, startAt, stopAt }) => {
    const call = works[work];
    sleepUntil(startAt);
    if (work === "rest") return 0;
    let done = 0;
    for (; now() < stopAt; done += CALLS_A_CLOCK) {
      for (let i = 0; i < CALLS_A_CLOCK; i++) call(done * 31 + i & (KEYS - 1));
    }
    return done;
  };
};

/** Calls per second of the first `count` parties together; the others rest, or do what `last` says. */
async function rate(parties: readonly Party[], works: readonly Work[], milliseconds: number): Promise<number> {
  const done = await Promise.all(
    works.map((work, index) => runSlice<number>(parties.slice(index, index + 1), milliseconds, { work })),
  );
  const counted = works.map((work, index) => work === works[0] ? done[index]?.[0] ?? 0 : 0);
  return counted.reduce((sum, each) => sum + each, 0) / milliseconds * 1000;
}

function times(work: Work, count: number): Work[] {
  return Array.from({ length: count }, () => work);
}

async function increments(parties: readonly Party[], { slices, milliseconds }: Effort): Promise<Row[]> {
  const rows: Row[] = [];
  for (const work of ["increment one key", "increment many keys"] as const) {
    const counts = [1, 2, PROCESSES];
    const [alone = [], ...others] = await inTurn(
      counts.map((count) => () => rate(parties, times(work, count), milliseconds)),
      slices,
    );
    counts.slice(1).forEach((count, index) => {
      const subject: Subject = { name: `${work}, ${count} processes`, unit: "/s", better: "higher" };
      rows.push(row(subject, others[index] ?? [], { name: "1 process", rounds: alone }));
    });
  }
  return rows;
}

async function readers(parties: readonly Party[], { slices, milliseconds }: Effort): Promise<Row> {
  const [alone = [], beside = []] = await inTurn([
    () => rate(parties, ["get"], milliseconds),
    () => rate(parties, ["get", "set"], milliseconds),
  ], slices);
  const subject: Subject = {
    name: "get, while another process sets",
    unit: "/s",
    better: "higher",
    target: { of: "ratio", limit: 0.8 },
  };
  return row(subject, beside, { name: "alone", rounds: alone });
}

async function besideRedis(dict: SharedDict<number>, slices: number): Promise<Row[]> {
  const redis = await startRedis();
  const ours = () => {
    const start = performance.now();
    for (let i = 0; i < 10_000; i++) dict.increment("one");
    return Promise.resolve((performance.now() - start) / 10_000 * 1e6);
  };
  const [own = [], single, pipelined] = await inTurn([
    ours,
    () => redis?.increment(REDIS_CALLS, 1) ?? Promise.resolve(undefined),
    () => redis?.increment(REDIS_CALLS * REDIS_AT_ONCE, REDIS_AT_ONCE) ?? Promise.resolve(undefined),
  ], slices);
  redis?.end();
  const reason = "redis-server is not installed";
  const subject: Subject = { name: "increment", unit: "ns", better: "lower" };
  return [
    row({ ...subject, target: { of: "ratio", limit: 1 / 50 } }, own, { name: "Redis INCR", rounds: single, reason }),
    row(subject, own, { name: `Redis INCR, ${REDIS_AT_ONCE} at once`, rounds: pipelined, reason }),
  ];
}

export const roles: Roles = {
  worker,
  run: question(async ({ quick }) => {
    const dict = new SharedDict<number>();
    for (let i = 0; i < KEYS; i++) dict.set(`key ${i}`, i);
    const data = { handle: dict.handle };
    const parties = await startParties("processes", PROCESSES, () => ({
      question: "dict_together",
      role: "worker",
      data,
    }));
    const effort = quick ? { slices: 2, milliseconds: 20 } : { slices: 9, milliseconds: 60 };
    const rows = [await readers(parties, effort), ...await increments(parties, effort)];
    return [...rows, ...await besideRedis(dict, effort.slices)];
  }),
};
