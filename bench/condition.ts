// How long does it take to notify a waiter and to be notified by it?
import { now } from "./clock.ts";
import { type Condition, type Event, type Handle, type ImplementationName, load } from "./implementations.ts";
import { startLimits } from "./limits.ts";
import { type Place, type Role, type Roles, startParties } from "./parties.ts";
import { startPython } from "./python.ts";
import { question, TWIN } from "./question.ts";
import { type Row, row } from "./rows.ts";
import { inTurn, type Turn } from "./turns.ts";

interface Start {
  readonly name: ImplementationName;
  readonly condition: Handle;
  readonly ready: Handle;
  readonly first: boolean;
}

/**
 * Two sides that hold the lock except while they wait: each notify has a waiter, so no predicate is needed.
 * Answers how many nanoseconds a round trip took.
 */
const player: Role<Start, number, number> = async ({ name, condition, ready, first }) => {
  const from = await load(name);
  const subject = from.Condition.from(condition);
  const otherWaits = from.Event.from(ready);
  return (rounds) => {
    if (first) otherWaits.waitSync();
    subject.acquireSync();
    if (first) otherWaits.clear();
    else otherWaits.set(); // the first side gets the lock when this one waits
    const start = now();
    for (let round = 0; round < rounds; round++) {
      if (first) subject.notify();
      subject.waitSync();
      if (!first) subject.notify();
    }
    const duration = now() - start;
    subject.release();
    return duration * 1e6 / rounds;
  };
};

interface Crowd {
  readonly name: ImplementationName;
  readonly condition: Handle;
  readonly parties: number;
  /** How many have arrived, and the number of the round. */
  readonly state: Int32Array;
}

/** A barrier made of a condition, as textbooks have it: the last one notifies all. Answers nanoseconds a round. */
const member: Role<Crowd, number, number> = async ({ name, condition, parties, state }) => {
  const subject = (await load(name)).Condition.from(condition);
  const meet = () => {
    subject.acquireSync();
    const round = state[1] ?? 0;
    state[0] = (state[0] ?? 0) + 1;
    if (state[0] === parties) {
      state[0] = 0;
      state[1] = round + 1;
      subject.notifyAll();
    } else {
      while (state[1] === round) subject.waitSync();
    }
    subject.release();
  };
  return (rounds) => {
    meet(); // all are there now
    const start = now();
    for (let round = 0; round < rounds; round++) meet();
    return (now() - start) * 1e6 / rounds;
  };
};

const kept: (Condition | Event)[] = []; // an object without a name lives as long as somebody has it

interface Effort {
  readonly slices: number;
  readonly rounds: number;
}

interface Group {
  readonly turn: Turn;
  end(): void;
}

async function startPlayers(place: Place, name: ImplementationName, rounds: number): Promise<Group> {
  const from = await load(name);
  const condition = new from.Condition();
  const ready = new from.Event();
  kept.push(condition, ready);
  return startGroup(place, 2, rounds, (index) => {
    const data: Start = { name, condition: condition.handle, ready: ready.handle, first: index === 0 };
    return { question: "condition", role: "player", data };
  });
}

async function startCrowd(name: ImplementationName, parties: number, rounds: number): Promise<Group> {
  const condition = new (await load(name)).Condition();
  kept.push(condition);
  const state = new Int32Array(new SharedArrayBuffer(8));
  const data: Crowd = { name, condition: condition.handle, parties, state };
  return startGroup("threads", parties, rounds, () => ({ question: "condition", role: "member", data }));
}

async function startGroup(
  place: Place,
  count: number,
  rounds: number,
  task: Parameters<typeof startParties>[2],
): Promise<Group> {
  const parties = await startParties(place, count, task);
  return {
    turn: async () => (await Promise.all(parties.map((party) => party.call<number>(rounds))))[0],
    end: () => parties.forEach((party) => party.end()),
  };
}

async function measure({ slices, rounds }: Effort): Promise<Row[]> {
  const limits = startLimits();
  const python = startPython();
  const groups = [
    await startPlayers("threads", "sync", rounds),
    await startPlayers("threads", "atomics", rounds),
    await startPlayers("processes", "sync", rounds),
    await startCrowd("sync", 8, rounds),
    await startCrowd("atomics", 8, rounds),
  ];
  const references: Turn[] = [
    () => limits.measure(`condition_ping_pong ${rounds}`),
    () => python.measure("condition 20"),
  ];
  const figures = await inTurn([...groups.map(({ turn }) => turn), ...references], slices);
  groups.forEach((group) => group.end());
  limits.end();
  python.end();
  const [threads = [], twin = [], processes = [], crowd = [], twinCrowd = [], inC = [], inPython = []] = figures;
  const subject = (name: string) => ({ name, unit: "ns", better: "lower" }) as const;
  const between = subject("notify and wait, two processes");
  return [
    row(subject("notify and wait, two threads"), threads, { name: TWIN, rounds: twin }),
    row(between, processes, { name: "C pthread_cond", rounds: inC, reason: limits.reason }),
    row(between, processes, { name: "Python Condition", rounds: inPython, reason: python.reason }),
    row(subject("notifyAll, round of 8 threads"), crowd, { name: TWIN, rounds: twinCrowd }),
  ];
}

export const roles: Roles = {
  player,
  member,
  run: question(({ quick }) => measure(quick ? { slices: 5, rounds: 200 } : { slices: 15, rounds: 300 })),
};
