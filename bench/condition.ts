// How long does it take to notify a waiter and to be notified by it?
import { now } from "./clock.ts";
import { type Condition, type Event, type Handle, type ImplementationName, load } from "./implementations.ts";
import { startLimits } from "./limits.ts";
import { type Party, type Place, type Role, type Roles, startParties } from "./parties.ts";
import { startPython } from "./python.ts";
import { question, TWIN } from "./question.ts";
import { type Row, row } from "./rows.ts";
import { type Effort, inTurn, type Play, sized } from "./turns.ts";

const CROWD = 8;
const PYTHON_ROUNDS = 20; // its processes are started anew for each slice, which takes longer

/** What the parties of one place share for each implementation. */
interface Shared {
  readonly condition: Handle;
  readonly ready: Handle;
  readonly meeting: Handle;
  /** Of the meeting: how many have arrived, and the number of the round; only threads can share it. */
  readonly state: Int32Array | undefined;
}

interface Start {
  readonly shared: Partial<Record<ImplementationName, Shared>>;
  readonly first: boolean;
}

interface Slice {
  readonly name: ImplementationName;
  readonly game: "pair" | "crowd";
  readonly rounds: number;
}

type Game = (rounds: number) => number;

/** Plays with one other or with all; answers how many nanoseconds a round took. */
const player: Role<Start, Slice, number> = async ({ shared, first }) => {
  const games: Partial<Record<ImplementationName, Record<Slice["game"], Game>>> = {};
  for (const name of Object.keys(shared) as ImplementationName[]) {
    const { condition, ready, meeting, state } = shared[name] as Shared;
    const { Condition, Event } = await load(name);
    games[name] = {
      pair: pairGame(Condition.from(condition), Event.from(ready), first),
      crowd: crowdGame(Condition.from(meeting), state ?? new Int32Array(2)),
    };
  }
  return ({ name, game, rounds }) => games[name]?.[game](rounds) ?? NaN;
};

/** Two sides that hold the lock except while they wait: each notify has a waiter, so no predicate is needed. */
function pairGame(condition: Condition, otherWaits: Event, first: boolean): Game {
  return (rounds) => {
    if (first) otherWaits.waitSync();
    condition.acquireSync();
    if (first) otherWaits.clear();
    else otherWaits.set(); // the first side gets the lock when this one waits
    const start = now();
    for (let round = 0; round < rounds; round++) {
      if (first) condition.notify();
      condition.waitSync();
      if (!first) condition.notify();
    }
    const duration = now() - start;
    condition.release();
    return duration * 1e6 / rounds;
  };
}

/** A barrier made of a condition, as textbooks have it: the last one notifies all. */
function crowdGame(condition: Condition, state: Int32Array): Game {
  const meet = () => {
    condition.acquireSync();
    const round = state[1] ?? 0;
    state[0] = (state[0] ?? 0) + 1;
    if (state[0] === CROWD) {
      state[0] = 0;
      state[1] = round + 1;
      condition.notifyAll();
    } else {
      while (state[1] === round) condition.waitSync();
    }
    condition.release();
  };
  return (rounds) => {
    meet(); // all are there now
    const start = now();
    for (let round = 0; round < rounds; round++) meet();
    return (now() - start) * 1e6 / rounds;
  };
}

const kept: (Condition | Event)[] = []; // an object without a name lives as long as somebody has it

async function share(name: ImplementationName, place: Place): Promise<Shared> {
  const { Condition, Event } = await load(name);
  const [condition, ready, meeting] = [new Condition(), new Event(), new Condition()];
  kept.push(condition, ready, meeting);
  const state = place === "threads" ? new Int32Array(new SharedArrayBuffer(8)) : undefined;
  return { condition: condition.handle, ready: ready.handle, meeting: meeting.handle, state };
}

async function startPlayers(place: Place, count: number): Promise<Party[]> {
  const shared: Start["shared"] = { sync: await share("sync", place) };
  if (place === "threads") shared.atomics = await share("atomics", place);
  return startParties(place, count, (index) => {
    const data: Start = { shared, first: index === 0 };
    return { question: "condition", role: "player", data };
  });
}

async function measure(effort: Effort): Promise<Row[]> {
  const [threads, processes, python] = await Promise.all([
    startPlayers("threads", CROWD),
    startPlayers("processes", 2),
    startPython(),
  ]);
  const limits = startLimits();
  const play = (parties: readonly Party[], what: Omit<Slice, "rounds">): Play => async (rounds) => {
    const calls = parties.map((party) => party.call<number>({ ...what, rounds } satisfies Slice));
    return (await Promise.all(calls))[0];
  };
  const pair = threads.slice(0, 2);
  const turns = await sized([
    play(pair, { name: "sync", game: "pair" }),
    play(pair, { name: "atomics", game: "pair" }),
    play(processes, { name: "sync", game: "pair" }),
    play(threads, { name: "sync", game: "crowd" }),
    play(threads, { name: "atomics", game: "crowd" }),
    (rounds) => limits.measure(`condition_ping_pong ${rounds}`),
  ], effort.milliseconds);
  turns.push(() => python.measure(`condition ${PYTHON_ROUNDS}`));
  const figures = await inTurn(turns, effort.slices);
  const [inThreads = [], twin = [], inProcesses = [], crowd = [], twinCrowd = [], inC = [], inPython = []] = figures;
  const subject = (name: string) => ({ name, unit: "ns", better: "lower" }) as const;
  const between = subject("notify and wait, two processes");
  return [
    row(subject("notify and wait, two threads"), inThreads, { name: TWIN, rounds: twin }),
    row(between, inProcesses, { name: "C pthread_cond", rounds: inC, reason: limits.reason }),
    row(between, inProcesses, { name: "Python Condition", rounds: inPython, reason: python.reason }),
    row(subject(`notifyAll, round of ${CROWD} threads`), crowd, { name: TWIN, rounds: twinCrowd }),
  ];
}

export const roles: Roles = {
  player,
  run: question(({ quick }) => measure(quick ? { slices: 2, milliseconds: 10 } : { slices: 7, milliseconds: 14 })),
};
