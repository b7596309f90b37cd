// What do large values, many entries and long use cost?
import { SharedDict } from "@lockstep/manager";
import { Segment } from "@lockstep/memory";
import type { Roles } from "./parties.ts";
import { question } from "./question.ts";
import { type Row, row, type Subject } from "./rows.ts";
import { inTurn } from "./turns.ts";

const MEBIBYTE = 2 ** 20;
const READS = 200_000;
const CHURN_KEYS = 10_000;
const CHURN_BYTES = 400; // of a value, at most

/** A segment for one measurement, and a dict in it. */
function withSegment<T>(capacity: number, work: (segment: Segment, dict: SharedDict<unknown>) => T): T {
  const name = `bench-${crypto.randomUUID()}`;
  const segment = Segment.open(name, { capacity });
  const dict = new SharedDict<unknown>({ segment });
  try {
    return work(segment, dict);
  } finally {
    segment.unlink();
    dict[Symbol.dispose]();
    segment[Symbol.dispose]();
  }
}

function timed(calls: number, call: (index: number) => unknown): number {
  const start = performance.now();
  for (let i = 0; i < calls; i++) call(i);
  return (performance.now() - start) / calls * 1e6;
}

async function large(slices: number): Promise<Row[]> {
  const dict = new SharedDict<Uint8Array>();
  const bytes = new Uint8Array(MEBIBYTE).fill(7);
  const rate = (nanoseconds: number) => MEBIBYTE / nanoseconds;
  const [sets = [], gets = []] = await inTurn([
    () => Promise.resolve(rate(timed(50, (i) => dict.set(i & 3, bytes)))),
    () => Promise.resolve(rate(timed(50, (i) => dict.get(i & 3)))),
  ], slices);
  dict[Symbol.dispose]();
  const subject: Omit<Subject, "name"> = { unit: "GB/s", better: "higher", target: { of: "ours", limit: 3 } };
  return [row({ name: "set of 1 MiB", ...subject }, sets), row({ name: "get of 1 MiB", ...subject }, gets)];
}

interface Grown {
  readonly nanoseconds: number;
  readonly bytes: number;
}

/** The time of a get, and the memory of an entry, of a dict with so many numbers. */
function grow(entries: number): Grown {
  return withSegment(2 ** 31, (segment, dict) => {
    const before = segment.stats().used;
    for (let i = 0; i < entries; i++) dict.set(i, i);
    const bytes = (segment.stats().used - before) / entries;
    let random = 1;
    const nanoseconds = timed(READS, () => {
      random = random * 48271 % 0x7fffffff;
      dict.get(random % entries);
    });
    return { nanoseconds, bytes };
  });
}

function growth(counts: readonly number[], rounds: number): Row[] {
  const measured = counts.map((count) => Array.from({ length: rounds }, () => grow(count)));
  const figures = (index: number, of: keyof Grown) => measured[index]?.map((each) => each[of]) ?? [];
  const rows = counts.slice(1).map((count, index) => {
    const target = index === 0 ? { of: "ratio", limit: 3 } as const : undefined;
    const name = `get, ${count / 1e6} million entries`;
    const reference = { name: `${counts[0]} entries`, rounds: figures(0, "nanoseconds") };
    return row({ name, unit: "ns", better: "lower", target }, figures(index + 1, "nanoseconds"), reference);
  });
  const last = counts.length - 1;
  const name = `memory of a number under a number, ${(counts[last] ?? 0) / 1e6} million entries`;
  const target = { of: "ours", limit: 120 } as const;
  return [...rows, row({ name, unit: "B", better: "lower", target }, figures(last, "bytes"))];
}

/** What the segment has taken from the system after so many sets of values of random sizes, beside what is in use. */
function churn(sets: number): Row {
  return withSegment(2 ** 28, (segment, dict) => {
    const text = "x".repeat(CHURN_BYTES);
    let random = 1;
    for (let i = 0; i < sets; i++) {
      random = random * 48271 % 0x7fffffff;
      dict.set(random % CHURN_KEYS, text.slice(0, 1 + random % CHURN_BYTES));
    }
    const { reserved, used } = segment.stats();
    const name = `memory reserved after ${sets / 1e6} million sets of ${CHURN_KEYS} keys`;
    return row({ name, unit: "MiB", better: "lower" }, [reserved / MEBIBYTE], {
      name: "in use",
      rounds: [used / MEBIBYTE],
    });
  });
}

export const roles: Roles = {
  run: question(async ({ quick }) => [
    ...await large(quick ? 2 : 9),
    ...growth(quick ? [1_000, 100_000] : [1_000, 1_000_000, 10_000_000], quick ? 1 : 3),
    churn(quick ? 100_000 : 10_000_000),
  ]),
};
