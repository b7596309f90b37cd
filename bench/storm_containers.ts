// The containers of a storm, what a player does with them, and what must be true of them when all are at rest. Each
// change that is counted is acknowledged with a permit of a semaphore, after it: so what the dead had not acknowledged
// is the only difference between the two.
import { QueueFullError } from "@lockstep/contract";
import { type Namespace, namespace, Queue, SharedDict, SharedList } from "@lockstep/manager";
import type { Segment } from "@lockstep/segment";
import { Semaphore } from "@lockstep/sync";
import { changeWatched, watchForAMoment } from "./storm_watch.ts";

import { auditList, below, changeList, isWhole, type ListOfStorm, whole } from "./storm_list.ts";

/** Containers, and the semaphores that count what was done with them. */
export interface Containers extends ListOfStorm {
  readonly dict: SharedDict<unknown>;
  readonly cache: SharedDict<unknown>;
  readonly watched: SharedDict<number>;
  readonly settings: Namespace<{ pair: [number, number] }>;
  readonly jobs: Queue<number>;
  readonly narrow: Queue<number>;
  readonly increments: Semaphore;
  readonly modifications: Semaphore;
  readonly jobsPut: Semaphore;
  readonly narrowPut: Semaphore;
  readonly narrowGot: Semaphore;
}

/** Opened by name, wherever one is. */
export function openContainers(segment: string): Containers {
  const place = (name: string) => ({ name, segment });
  return {
    segment,
    dict: new SharedDict<unknown>(place("dict")),
    cache: new SharedDict<unknown>({ ...place("cache"), maxEntries: 30, evict: "lru" }),
    watched: new SharedDict<number>(place("watched")),
    settings: namespace<{ pair: [number, number] }>(place("settings")),
    list: new SharedList<unknown>(place("list")),
    jobs: new Queue<number>({ ...place("jobs"), redeliver: true }),
    narrow: new Queue<number>({ ...place("narrow"), maxSize: NARROW }),
    increments: new Semaphore(0, place("increments")),
    modifications: new Semaphore(0, place("modifications")),
    jobsPut: new Semaphore(0, place("jobs put")),
    listGrown: new Semaphore(0, place("list grown")),
    listShrunk: new Semaphore(0, place("list shrunk")),
    narrowPut: new Semaphore(0, place("narrow put")),
    narrowGot: new Semaphore(0, place("narrow got")),
  };
}

/** What an act needs of a player. */
interface Actor {
  readonly mayBlock: boolean;
  report(violation: string): void;
}

const WHOLES = 40;
const NARROW = 5;
const PATIENCE_MS = 5;
const EPOCH_ACTS = 50; // about as many have the same key of a flight

/** Of all that ask for a key one computes, and all get what it has made, whoever dies meanwhile. */
async function fly({ dict }: Containers, { mayBlock, report }: Actor): Promise<void> {
  const epoch = below(EPOCH_ACTS) === 0 ? dict.increment("epoch") : dict.get("epoch") ?? 0;
  const key = `flight ${epoch}`;
  const compute = (): number => Math.random();
  const value = mayBlock && below(2) === 0
    ? dict.getOrInsertComputedSync(key, compute)
    : await dict.getOrInsertComputed(key, () => below(10) === 0 ? Promise.resolve(compute()) : compute());
  if (dict.get(key) !== value) report(`${key}: there is ${dict.get(key)}, got ${value}`);
}

/** Whoever waits for a job has put one before, so there is one for each. */
async function doJob({ jobs, dict, jobsPut }: Containers, { mayBlock }: Actor): Promise<void> {
  jobs.tryPut(1);
  jobsPut.release();
  if (mayBlock && below(2) === 0) jobs.getSync();
  else await jobs.get();
  dict.increment("jobs");
  jobs.taskDone();
}

/** Whoever finds no place in time makes one. A wait without an end might be for those who are at rest already. */
async function pushThrough({ narrow, narrowPut, narrowGot }: Containers, { mayBlock }: Actor): Promise<void> {
  try {
    if (mayBlock && below(2) === 0) narrow.putSync(1, { timeout: PATIENCE_MS });
    else await narrow.put(1, { timeout: PATIENCE_MS });
    narrowPut.release();
  } catch (error) {
    if (!(error instanceof QueueFullError)) throw error;
    if (narrow.tryGet() === undefined) return;
    narrow.taskDone();
    narrowGot.release();
  }
}

/** What there is to do; waits have no end but those that the others make. */
export const containerActs: ((containers: Containers, actor: Actor) => void | Promise<void>)[] = [
  fly,
  doJob,
  changeList,
  pushThrough,
  changeWatched,
  watchForAMoment,

  ({ dict, increments }) => {
    dict.increment("increments");
    increments.release();
  },

  ({ dict, modifications }) => {
    dict.modify("modifications", (count) => Number(count ?? 0) + 1);
    modifications.release();
  },

  ({ dict, cache, settings }, { report }) => {
    const key = `whole ${below(WHOLES)}`;
    const way = below(8);
    if (way === 0) dict.delete(key);
    else if (way === 1) dict.pop(key);
    else if (way === 2) cache.clear();
    else if (way < 4) dict.set(key, whole(below(10_000)), { ttl: 1 + below(3) });
    else if (way < 6) dict.set(key, whole(below(10_000)));
    else cache.set(key, whole(below(10_000)));
    if (!isWhole(dict.get(key)) || !isWhole(cache.get(key))) report(`${key} is not whole`);
    const seed = below(100);
    if (way === 7) settings.pair = [seed, -seed];
    const [plus, minus] = settings.pair ?? [0, 0];
    if (plus + minus !== 0) report(`the namespace has ${plus} and ${minus}`);
  },
];

/** All being at rest: what is wrong, when the deaths of so many threads may have kept one acknowledgement each. */
export function audit(segment: Segment, containers: Containers, deaths: number): string[] {
  const { dict, cache, increments, modifications } = containers;
  const wrong = [...segment.verify().findings];
  const counts: [string, Semaphore][] = [["increments", increments], ["modifications", modifications]];
  for (const [key, { value: acknowledged }] of counts) {
    const done = Number(dict.get(key) ?? 0);
    const isExact = done >= acknowledged && done <= acknowledged + deaths;
    if (!isExact) wrong.push(`${key}: ${done}, acknowledged ${acknowledged}, ${deaths} threads have died`);
  }
  wrong.push(...auditQueues(containers, deaths), ...auditList(containers, deaths));
  if (cache.size > 30) wrong.push(`cache: ${cache.size} entries of 30`);
  for (const key of dict.keys()) if (String(key).startsWith("flight ")) dict.delete(key);
  return wrong;
}

/** A job that was put is done or lies there; a dead thread may have done one that came back, or not counted its put. */
function auditQueues({ jobs, narrow, dict, jobsPut, narrowPut, narrowGot }: Containers, deaths: number): string[] {
  const wrong: string[] = [];
  const extra = Number(dict.get("jobs") ?? 0) + jobs.size - jobsPut.value;
  if (extra < 0 || extra > 2 * deaths) wrong.push(`jobs: ${extra} more than were put, ${deaths} threads have died`);
  const lost = narrowPut.value - narrowGot.value - narrow.size;
  if (Math.abs(lost) > deaths) wrong.push(`narrow queue: ${lost} items are missing, ${deaths} threads have died`);
  for (const queue of [jobs, narrow]) {
    if (queue.unfinished !== queue.size) wrong.push(`${queue}: ${queue.unfinished} unfinished`);
  }
  return wrong;
}
