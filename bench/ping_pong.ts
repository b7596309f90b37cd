// How long does it take to wake another thread or process and be woken by it?
import { cpus } from "node:os";
import { now } from "./clock.ts";
import { type Handle, type ImplementationName, load, type Semaphore } from "./implementations.ts";
import { startLimits } from "./limits.ts";
import { pinThread } from "./machine.ts";
import { type Place, type Role, type Roles, startParties } from "./parties.ts";
import { question, TWIN } from "./question.ts";
import { type Row, row, type Subject } from "./rows.ts";
import { inTurn, type Turn } from "./turns.ts";

/** The semaphore that this side waits for, and the one that wakes the other side. */
interface Pair {
  readonly implementation: ImplementationName;
  readonly mine: Handle;
  readonly other: Handle;
  readonly serves: boolean;
  readonly cpu: number | undefined;
}

interface Game {
  readonly rounds: number;
  /** Each side is busy for so long before it answers, so that the other one has gone to sleep. */
  readonly busyMicroseconds: number;
}

/** Plays some round trips; answers how many nanoseconds one took, the busy time not counted. */
const player: Role<Pair, Game, number> = async ({ implementation, mine, other, serves, cpu }) => {
  const { Semaphore } = await load(implementation);
  const wait = Semaphore.from(mine);
  const wake = Semaphore.from(other);
  if (cpu !== undefined) pinThread(cpu);
  return ({ rounds, busyMicroseconds }) => {
    let start = 0;
    for (let round = 0; round <= rounds; round++) {
      if (round === 1) start = now(); // the first round waits for the other side to be there
      if (!serves) wait.acquireSync();
      if (busyMicroseconds > 0) beBusy(busyMicroseconds / 1000);
      wake.release();
      if (serves) wait.acquireSync();
    }
    return (now() - start) * 1e6 / rounds - 2000 * busyMicroseconds;
  };
};

function beBusy(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** Two parties that wake each other. */
interface Players {
  play(game: Game): Promise<number>;
  end(): void;
}

/** Starts two parties, each kept on a CPU where `onCpus` is given. */
export async function startPlayers(place: Place, implementation: ImplementationName, onCpus?: Cpus): Promise<Players> {
  const { Semaphore } = await load(implementation);
  const [first, second] = [new Semaphore(0), new Semaphore(0)];
  const pairs: Pair[] = [
    { implementation, mine: first.handle, other: second.handle, serves: true, cpu: onCpus?.[0] },
    { implementation, mine: second.handle, other: first.handle, serves: false, cpu: onCpus?.[1] },
  ];
  const parties = await startParties(
    place,
    2,
    (index) => ({ question: "ping_pong", role: "player", data: pairs[index] }),
  );
  kept.push(first, second);
  return {
    play: async (game) => (await Promise.all(parties.map((party) => party.call<number>(game))))[0] ?? NaN,
    end: () => parties.forEach((party) => party.end()),
  };
}

const kept: Semaphore[] = []; // an object without a name lives as long as somebody has it

type Cpus = readonly [number, number];
type Play = (game: Game) => Promise<number | undefined>;

interface Scene {
  readonly where: string;
  readonly onCpus: Cpus;
  readonly busyMicroseconds: number;
}

interface Effort {
  readonly slices: number;
  readonly milliseconds: number;
}

/** Round trips in turn, in slices of about the same length; a first slice of each finds how many rounds that are. */
async function playInTurn(plays: readonly Play[], busyMicroseconds: number, effort: Effort): Promise<number[][]> {
  const turns: Turn[] = [];
  for (const play of plays) {
    const trip = (await play({ rounds: 200, busyMicroseconds }) ?? 0) + 2000 * busyMicroseconds;
    const rounds = Math.ceil(effort.milliseconds * 1e6 / Math.max(trip, 100));
    turns.push(() => play({ rounds, busyMicroseconds }));
  }
  return inTurn(turns, effort.slices);
}

async function betweenThreads({ where, onCpus, busyMicroseconds }: Scene, effort: Effort): Promise<Row[]> {
  const ours = await startPlayers("threads", "sync", onCpus);
  const twin = await startPlayers("threads", "atomics", onCpus);
  const [own = [], rounds = []] = await playInTurn([ours.play, twin.play], busyMicroseconds, effort);
  ours.end();
  twin.end();
  return [row({ name: `two threads, ${where}`, unit: "ns", better: "lower" }, own, { name: TWIN, rounds })];
}

async function betweenProcesses({ where, onCpus, busyMicroseconds }: Scene, effort: Effort): Promise<Row[]> {
  const limits = startLimits();
  const ours = await startPlayers("processes", "sync", onCpus);
  const inC = (name: string): Play => ({ rounds, busyMicroseconds }) =>
    limits.measure(`${name} ${rounds} ${onCpus.join(" ")} ${busyMicroseconds}`);
  const bothRun = onCpus[0] !== onCpus[1] && busyMicroseconds === 0;
  const plays = [ours.play, inC("futex_ping_pong"), ...(bothRun ? [inC("spin_ping_pong")] : [])];
  const [own = [], futex = [], spin = []] = await playInTurn(plays, busyMicroseconds, effort);
  ours.end();
  limits.end();
  const subject: Subject = { name: `two processes, ${where}`, unit: "ns", better: "lower" };
  const asleep = { ...subject, target: { of: "ratio", limit: 1.5 } } as const;
  const running = { ...subject, target: { of: "ours", limit: 1000 } } as const;
  const rows = [row(asleep, own, { name: "C raw futex", rounds: futex, reason: limits.reason })];
  if (bothRun) rows.push(row(running, own, { name: "C spinning", rounds: spin, reason: limits.reason }));
  return rows;
}

function scenes(): Scene[] {
  const last = cpus().length - 1;
  const one: Scene = { where: "one CPU", onCpus: [last, last], busyMicroseconds: 0 };
  if (last === 0) return [one];
  const two: Scene = { where: "two CPUs, both running", onCpus: [last - 1, last], busyMicroseconds: 0 };
  return [one, two, { ...two, where: "two CPUs, woken from sleep", busyMicroseconds: 50 }];
}

export const roles: Roles = {
  player,
  run: question(async ({ quick }) => {
    const effort = quick ? { slices: 5, milliseconds: 15 } : { slices: 15, milliseconds: 30 };
    const rows: Row[] = [];
    for (const measure of [betweenProcesses, betweenThreads]) {
      for (const scene of scenes()) rows.push(...await measure(scene, effort));
    }
    return rows;
  }),
};
