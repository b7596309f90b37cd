// Do large values make others wait? One process sets 64 MiB again and again, another one works on the same dict.
import { SharedDict } from "@lockstep/manager";
import { Segment } from "@lockstep/memory";
import { delay, now } from "./clock.ts";
import { quantity } from "./format.ts";
import { type Role, type Roles, startParty } from "./parties.ts";
import { question } from "./question.ts";
import { type Reference, type Row, row, type Subject } from "./rows.ts";
import { quantile } from "./statistics.ts";
import { rotate } from "./turns.ts";

const LARGE_BYTES = 64 * 2 ** 20;
const KEYS = 1_024; // in all parts of the dict, so that some share a lock with the large value
const CALLS_A_CLOCK = 64;
const SETTLE_MS = 200; // after which a writer that was told to begin, or to end, has

interface Start {
  readonly segment: string;
  readonly name: string;
}

type Deed = "set" | "copy" | "rest";

/**
 * Sets the large value again and again, or copies it within memory of its own, which takes as much of the machine.
 * Answers how many milliseconds each time took, of what it did before.
 */
const neighbour: Role<Start, Deed, number[]> = (place) => {
  const dict = new SharedDict<unknown>(place);
  const bytes = new Uint8Array(LARGE_BYTES).fill(7);
  const copy = new Uint8Array(LARGE_BYTES).fill(7);
  let deed: Deed = "rest";
  let times: number[] = [];
  const go = () => {
    if (deed === "rest") return;
    const start = now();
    if (deed === "set") dict.set("large", bytes);
    else copy.set(bytes);
    times.push(now() - start);
    setImmediate(go);
  };
  return (next) => {
    const result = times;
    times = [];
    const wasAtRest = deed === "rest";
    deed = next;
    if (wasAtRest) go();
    return result;
  };
};

/** Milliseconds of calls that are long enough to be timed one by one. */
function each(milliseconds: number, call: (index: number) => unknown): number[] {
  const times: number[] = [];
  for (let start = now(), end = start + milliseconds, index = 0; start < end; index++) {
    call(index);
    const done = now();
    times.push(done - start);
    start = done;
  }
  return times;
}

/** Calls per second. */
function rate(milliseconds: number, call: (index: number) => unknown): number {
  let done = 0;
  for (const end = now() + milliseconds; now() < end; done += CALLS_A_CLOCK) {
    for (let i = 0; i < CALLS_A_CLOCK; i++) call(done + i);
  }
  return done / milliseconds * 1000;
}

type Way = "get" | "set" | "large";
const WAYS: readonly Way[] = ["get", "set", "large"];

/** What was measured beside a neighbour that does one thing, each round. */
interface Beside {
  readonly rates: number[];
  /** Milliseconds of each call. */
  readonly waits: Record<Way, number[][]>;
  readonly neighbour: number[][];
}

async function measure(segment: Segment, rounds: number, milliseconds: number): Promise<Record<Deed, Beside>> {
  const place: Start = { segment: segment.name, name: "dict" };
  const dict = new SharedDict<unknown>(place);
  const keys = Array.from({ length: KEYS }, (_, index) => `key ${index}`);
  for (const key of keys) dict.set(key, "some text");
  dict.set("large", new Uint8Array(LARGE_BYTES));
  const ways: Record<Way, (index: number) => unknown> = {
    get: (index) => dict.get(keys[index % KEYS]!),
    set: (index) => dict.set(keys[index % KEYS]!, "some text"),
    large: () => dict.get("large"),
  };
  const party = await startParty("processes", { question: "dict_large", role: "neighbour", data: place });
  const fresh = (): Beside => ({ rates: [], waits: { get: [], set: [], large: [] }, neighbour: [] });
  const figures: Record<Deed, Beside> = { set: fresh(), copy: fresh(), rest: fresh() };
  for (let round = 0; round < rounds; round++) {
    for (const deed of rotate<Deed>(["set", "copy", "rest"], round)) {
      const { rates, waits, neighbour } = figures[deed];
      await party.call(deed);
      await delay(SETTLE_MS);
      rates.push(rate(milliseconds, ways.get));
      for (const way of WAYS) waits[way].push(each(milliseconds, ways[way]));
      neighbour.push(await party.call<number[]>("rest"));
    }
  }
  return figures;
}

/** Nanoseconds within which that share of the calls of each round was done. */
function within(rounds: readonly number[][], share: number): number[] {
  return rounds.map((times) => quantile(times, share) * 1e6);
}

function rowsOf({ set, copy, rest }: Record<Deed, Beside>): Row[] {
  const copied: Reference = { name: "copy of 64 MiB", rounds: within(copy.neighbour, 0.5) };
  const wait = (name: string, way: Way, share: number, limit: number): Row => {
    const usual = quantity(quantile(within(copy.waits[way], share), 0.5), "ns");
    const target = { of: "ratio", limit } as const;
    const note = `beside copies in private memory: ${usual}`;
    return row({ name, unit: "ns", better: "lower", target, note }, within(set.waits[way], share), copied);
  };
  const kept: Subject = { name: "get", unit: "/s", better: "higher" };
  return [
    row({ ...kept, target: { of: "ratio", limit: 0.8 } }, set.rates, { name: "beside copies", rounds: copy.rates }),
    row(kept, set.rates, { name: "alone", rounds: rest.rates }),
    wait("get, 999 of 1000 within", "get", 0.999, 0.01),
    wait("get, longest", "get", 1, 3),
    wait("set of other keys, 99 of 100 within", "set", 0.99, 0.01),
    wait("set of other keys, longest", "set", 1, 3),
    wait("get of the 64 MiB", "large", 0.5, 5),
    row({ name: "set of the 64 MiB", unit: "ns", better: "lower" }, within(set.neighbour, 0.5), copied),
  ];
}

export const roles: Roles = {
  neighbour,
  run: question(async ({ quick }) => {
    const segment = Segment.open(`bench-${crypto.randomUUID()}`, { capacity: 2 ** 30 });
    try {
      return rowsOf(await measure(segment, quick ? 1 : 5, quick ? 200 : 400));
    } finally {
      segment.unlink();
    }
  }),
};
