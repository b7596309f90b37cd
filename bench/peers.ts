// How do others that do the same job compare? Alone, and with four processes that want it all the time.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { now, sleepUntil } from "./clock.ts";
import { runSlice, type Slice } from "./contended.ts";
import type { Limits } from "./command_server.ts";
import { type Handle, load, type Lock } from "./implementations.ts";
import { asyncLoop, type Contestant, interleave, loop } from "./micro.ts";
import { type Party, type Role, type Roles, startParties } from "./parties.ts";
import { NotHere, type Peer, type PeerName, PEERS } from "./peer_pairs.ts";
import { type Players, startPlayers } from "./ping_pong.ts";
import { startPython } from "./python.ts";
import { question } from "./question.ts";
import { missing, type Row, row } from "./rows.ts";
import { type Effort, inTurn, type Turn } from "./turns.ts";

const PROCESSES = 4;
const PAIRS_A_CLOCK = 64;
const CALLS: Readonly<Record<PeerName, number>> = {
  "fs-native-extensions": 500,
  "proper-lockfile": 5,
  "atomics-sync": 10_000,
  "Web Locks": 200,
};
const OF_PROCESSES: readonly PeerName[] = ["fs-native-extensions", "proper-lockfile"]; // the others know only threads
const PYTHON = "Python multiprocessing";
const PINGS = 300;

interface Start {
  readonly lock: Handle;
  readonly peers: readonly PeerName[];
  readonly file: string;
}

interface Contest extends Slice {
  readonly whose: PeerName | "ours";
}

/** Takes and releases our lock or a peer's as fast as it can; answers how often it did. */
const contender: Role<Start, Contest, number> = async ({ lock: handle, peers, file }) => {
  const lock = (await load("sync")).Lock.from(handle);
  const prepared = new Map(peers.map((name) => [name, PEERS[name](file)]));
  return async ({ whose, startAt, stopAt }) => {
    sleepUntil(startAt);
    let done = 0;
    if (whose === "ours") {
      for (; now() < stopAt; done += PAIRS_A_CLOCK) {
        for (let i = 0; i < PAIRS_A_CLOCK; i++) lock.acquireSync().release();
      }
    } else {
      for (; now() < stopAt; done++) await prepared.get(whose)?.waiting();
    }
    return done;
  };
};

type Peers = ReadonlyMap<PeerName, Peer>;

async function alone(name: PeerName, peer: Peer, rounds: number): Promise<Row> {
  const awaits = name === "Web Locks";
  const make = awaits ? asyncLoop : loop;
  const body = awaits ? "(await subject.acquire()).release();" : "subject.acquireSync().release();";
  const ours: Contestant = make("ours", 10_000, body, new (await load("sync")).Lock());
  const theirs = make(name, CALLS[name], awaits ? "await subject.pair();" : "subject.pair();", peer);
  const [own = [], figures = []] = await interleave([ours, theirs], { warmUps: 5, rounds });
  const subject = { name: awaits ? "Lock, await, alone" : "Lock, alone", unit: "ns", better: "lower" } as const;
  return row(subject, own, { name, rounds: figures });
}

/** One slice: how often per second the parties together had the lock. */
async function contest(parties: readonly Party[], whose: Contest["whose"], milliseconds: number): Promise<number> {
  const done = await runSlice<number>(parties, milliseconds, { whose });
  return done.reduce((sum, each) => sum + each, 0) / milliseconds * 1000;
}

/** Who plays besides this process. */
interface Stage {
  readonly parties: readonly Party[];
  readonly pings: Players;
  readonly python: Limits;
}

async function startStage(peers: readonly PeerName[], file: string): Promise<Stage> {
  const lock = new (await load("sync")).Lock();
  kept.push(lock);
  const data: Start = { lock: lock.handle, peers, file };
  const [parties, pings, python] = await Promise.all([
    startParties("processes", PROCESSES, () => ({ question: "peers", role: "contender", data })),
    startPlayers("processes", "sync"),
    startPython(),
  ]);
  return { parties, pings, python };
}

const kept: Lock[] = []; // an object without a name lives as long as somebody has it

/** Four processes: ours, the peers and Python in turn. */
async function together(peers: readonly PeerName[], { parties, python }: Stage, effort: Effort): Promise<Row[]> {
  const { slices, milliseconds } = effort;
  const turns = (["ours", ...peers] as const).map((whose): Turn => () => contest(parties, whose, milliseconds));
  turns.push(() => python.measure(`contended ${PROCESSES} ${milliseconds}`));
  const [own = [], ...others] = await inTurn(turns, slices);
  const subject = { name: `Lock, ${PROCESSES} processes`, unit: "/s", better: "higher" } as const;
  const { reason } = python;
  return [...peers, PYTHON].map((name, index) => row(subject, own, { name, rounds: others[index], reason }));
}

async function besidePython({ pings, python }: Stage, slices: number): Promise<Row[]> {
  const lock = loop("ours", 10_000, "subject.acquireSync().release();", new (await load("sync")).Lock());
  const [own = [], rounds, ownPings = [], theirPings] = await inTurn([
    async () => await lock.batch() / lock.calls * 1e6,
    () => python.measure("lock 10000"),
    () => pings.play({ where: "anywhere", busyMicroseconds: 0 }, PINGS),
    () => python.measure(`ping_pong ${PINGS}`),
  ], slices);
  const { reason } = python;
  const subject = (name: string) => ({ name, unit: "ns", better: "lower" }) as const;
  return [
    row(subject("Lock, alone"), own, { name: PYTHON, rounds, reason }),
    row(subject("Semaphore, ping-pong of two processes"), ownPings, { name: PYTHON, rounds: theirPings, reason }),
  ];
}

/** Those that can be measured here, and a row with the reason for each other one. */
function prepare(file: string): { peers: Peers; absent: Row[] } {
  const peers = new Map<PeerName, Peer>();
  const absent: Row[] = [];
  for (const name of Object.keys(PEERS) as PeerName[]) {
    try {
      peers.set(name, PEERS[name](file));
    } catch (error) {
      if (!(error instanceof NotHere)) throw error;
      absent.push(missing(name, error.message));
    }
  }
  return { peers, absent };
}

export const roles: Roles = {
  contender,
  run: question(async ({ quick }) => {
    const folder = mkdtempSync(`${tmpdir()}/lockstep-bench-`);
    const file = `${folder}/lock`;
    writeFileSync(file, "");
    const { peers, absent } = prepare(file);
    const ofProcesses = OF_PROCESSES.filter((name) => peers.has(name));
    const stage = await startStage(ofProcesses, file);
    const rows: Row[] = [];
    for (const [name, peer] of peers) rows.push(await alone(name, peer, quick ? 1 : 7));
    rows.push(...await besidePython(stage, quick ? 1 : 5));
    rows.push(...await together(ofProcesses, stage, { slices: quick ? 1 : 5, milliseconds: 30 }));
    for (const peer of peers.values()) peer.end();
    rmSync(folder, { recursive: true });
    return [...rows, ...absent];
  }),
};
