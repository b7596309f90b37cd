// How long does it take to wake another thread or process and be woken by it?
import { cpus } from "node:os";
import { now } from "./clock.ts";
import type { Limits } from "./command_server.ts";
import { type Handle, type ImplementationName, load, type Semaphore } from "./implementations.ts";
import { startLimits } from "./limits.ts";
import { pinThread } from "./machine.ts";
import { type Party, type Place, type Role, type Roles, startParties } from "./parties.ts";
import { question, TWIN } from "./question.ts";
import { type Row, row, type Subject } from "./rows.ts";
import { type Effort, inTurn, type Play, sized } from "./turns.ts";

/** The semaphore that this side waits for, and the one that wakes the other side. */
interface Pair {
  readonly implementation: ImplementationName;
  readonly mine: Handle;
  readonly other: Handle;
  readonly serves: boolean;
}

interface Game {
  readonly rounds: number;
  /** Each side is busy for so long before it answers, so that the other one has gone to sleep. */
  readonly busyMicroseconds: number;
  /** The CPU to which this side keeps. */
  readonly cpu: number | undefined;
}

/** Plays some round trips; answers how many nanoseconds one took, the busy time included. */
const player: Role<Pair, Game, number> = async ({ implementation, mine, other, serves }) => {
  const { Semaphore } = await load(implementation);
  const wait = Semaphore.from(mine);
  const wake = Semaphore.from(other);
  let pinned: number | undefined;
  return ({ rounds, busyMicroseconds, cpu }) => {
    if (cpu !== undefined && cpu !== pinned) pinThread(cpu);
    pinned = cpu;
    let start = 0;
    for (let round = 0; round <= rounds; round++) {
      if (round === 1) start = now(); // the first round waits for the other side to be there
      if (!serves) wait.acquireSync();
      if (busyMicroseconds > 0) beBusy(busyMicroseconds / 1000);
      wake.release();
      if (serves) wait.acquireSync();
    }
    return (now() - start) * 1e6 / rounds;
  };
};

function beBusy(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

export type Cpus = readonly [number, number];

/** How the two sides meet. */
export interface Scene {
  readonly where: string;
  readonly cpus?: Cpus;
  readonly busyMicroseconds: number;
}

/** Two parties that wake each other. */
export interface Players {
  /** Answers how many nanoseconds a round trip took. */
  play(scene: Scene, rounds: number): Promise<number>;
}

export async function startPlayers(place: Place, implementation: ImplementationName): Promise<Players> {
  const { Semaphore } = await load(implementation);
  const [first, second] = [new Semaphore(0), new Semaphore(0)];
  kept.push(first, second);
  const pairs: Pair[] = [
    { implementation, mine: first.handle, other: second.handle, serves: true },
    { implementation, mine: second.handle, other: first.handle, serves: false },
  ];
  const parties = await startParties(place, 2, (index) => {
    return { question: "ping_pong", role: "player", data: pairs[index] };
  });
  return {
    play: async ({ busyMicroseconds, cpus }, rounds) => {
      const call = (party: Party, index: number) =>
        party.call<number>({ rounds, busyMicroseconds, cpu: cpus?.[index] } satisfies Game);
      return (await Promise.all(parties.map(call)))[0] ?? NaN;
    },
  };
}

const kept: Semaphore[] = []; // an object without a name lives as long as somebody has it

/** Who plays every scene. */
interface Stage {
  readonly processes: Players;
  readonly threads: Players;
  readonly twin: Players;
  readonly limits: Limits;
}

async function measure(scene: Scene, { processes, threads, twin, limits }: Stage, effort: Effort): Promise<Row[]> {
  const { where, cpus = [0, 0], busyMicroseconds } = scene;
  const inC = (name: string): Play => async (rounds) => {
    return await limits.measure(`${name} ${rounds} ${cpus.join(" ")} ${busyMicroseconds}`);
  };
  const spins = cpus[0] !== cpus[1] && busyMicroseconds === 0;
  const ours = (players: Players): Play => (rounds) => players.play(scene, rounds);
  const plays = [ours(processes), inC("futex_ping_pong"), ours(threads), ours(twin)];
  if (spins) plays.push(inC("spin_ping_pong"));
  const trips = await inTurn(await sized(plays, effort.milliseconds), effort.slices);
  const idle = trips.map((each) => each.map((trip) => trip - 2000 * busyMicroseconds));
  const [own = [], futex = [], inThreads = [], inTwin = [], spin = []] = idle;
  const subject: Subject = { name: `two processes, ${where}`, unit: "ns", better: "lower" };
  const asleep = { ...subject, target: { of: "ratio", limit: 1.5 } } as const;
  const running = { ...subject, target: { of: "ours", limit: 1000 } } as const;
  const rows = [row(asleep, own, { name: "C raw futex", rounds: futex, reason: limits.reason })];
  if (spins) rows.push(row(running, own, { name: "C spinning", rounds: spin, reason: limits.reason }));
  return [...rows, row({ ...subject, name: `two threads, ${where}` }, inThreads, { name: TWIN, rounds: inTwin })];
}

function scenes(): Scene[] {
  const last = cpus().length - 1;
  const one: Scene = { where: "one CPU (sleeps)", cpus: [last, last], busyMicroseconds: 0 };
  if (last === 0) return [one];
  const two: Scene = { where: "two CPUs, answer at once (may spin)", cpus: [last - 1, last], busyMicroseconds: 0 };
  return [one, two, { ...two, where: "two CPUs, answer after 50 µs (sleeps)", busyMicroseconds: 50 }];
}

export const roles: Roles = {
  player,
  run: question(async ({ quick }) => {
    const effort = quick ? { slices: 3, milliseconds: 8 } : { slices: 7, milliseconds: 12 };
    const [processes, threads, twin] = await Promise.all([
      startPlayers("processes", "sync"),
      startPlayers("threads", "sync"),
      startPlayers("threads", "atomics"),
    ]);
    const stage: Stage = { processes, threads, twin, limits: startLimits() };
    const rows: Row[] = [];
    for (const scene of scenes()) rows.push(...await measure(scene, stage, effort));
    return rows;
  }),
};
