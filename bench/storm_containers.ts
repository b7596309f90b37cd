// The containers of a storm, what a player does with them, and what must be true of them when all are at rest. Each
// change that is counted is acknowledged with a permit of a semaphore, after it: so what the dead had not acknowledged
// is the only difference between the two.
import { type Namespace, namespace, SharedDict } from "@lockstep/manager";
import type { Segment } from "@lockstep/segment";
import { Semaphore } from "@lockstep/sync";

/** Containers, and the semaphores that count what was done with them. Queues and lists get their places here. */
export interface Containers {
  readonly dict: SharedDict<unknown>;
  readonly cache: SharedDict<unknown>;
  readonly settings: Namespace<{ pair: [number, number] }>;
  readonly increments: Semaphore;
  readonly modifications: Semaphore;
}

/** Opened by name, wherever one is. */
export function openContainers(segment: string): Containers {
  const place = (name: string) => ({ name, segment });
  return {
    dict: new SharedDict<unknown>(place("dict")),
    cache: new SharedDict<unknown>({ ...place("cache"), maxEntries: 30, evict: "lru" }),
    settings: namespace<{ pair: [number, number] }>(place("settings")),
    increments: new Semaphore(0, place("increments")),
    modifications: new Semaphore(0, place("modifications")),
  };
}

/** What an act needs of a player. */
interface Actor {
  readonly mayBlock: boolean;
  report(violation: string): void;
}

const WHOLES = 40;
const EPOCH_ACTS = 50; // about as many have the same key of a flight
const below = (bound: number): number => Math.floor(Math.random() * bound);

/** A value of which no half could pass for a whole one. */
const whole = (seed: number): [number, string, number] => [seed, "w".repeat(seed % 700), -seed];

function isWhole(value: unknown): boolean {
  if (value === undefined) return true;
  const [seed, text, minus] = value as [number, string, number];
  return minus === -seed && text === "w".repeat(seed % 700);
}

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

/** What there is to do; waits have no end but those that the others make. */
export const containerActs: ((containers: Containers, actor: Actor) => void | Promise<void>)[] = [
  fly,

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
  if (cache.size > 30) wrong.push(`cache: ${cache.size} entries of 30`);
  for (const key of dict.keys()) if (String(key).startsWith("flight ")) dict.delete(key);
  return wrong;
}
