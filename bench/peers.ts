// How do others that do the same job compare? Alone, and with four processes that want it all the time.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { now, sleepUntil } from "./clock.ts";
import { runSlice, startContenders } from "./contended.ts";
import { load } from "./implementations.ts";
import { asyncLoop, type Contestant, interleave, loop } from "./micro.ts";
import { type Party, type Role, type Roles, startParties } from "./parties.ts";
import { type PeerName, PEERS } from "./peer_pairs.ts";
import { startPlayers } from "./ping_pong.ts";
import { startPython } from "./python.ts";
import { question } from "./question.ts";
import { missing, type Row, row } from "./rows.ts";
import { inTurn } from "./turns.ts";

const PROCESSES = 4;
const TOGETHER_NAME = `Lock, ${PROCESSES} processes`;
const ALONE: readonly (readonly [PeerName, number])[] = [
  ["fs-native-extensions", 500],
  ["proper-lockfile", 5],
  ["atomics-sync", 10_000],
  ["Web Locks", 200],
];
const TOGETHER: readonly PeerName[] = ["fs-native-extensions", "proper-lockfile"];

interface Effort {
  readonly slices: number;
  readonly milliseconds: number;
}

interface Start {
  readonly peer: PeerName;
  readonly file: string;
}

interface Slice {
  readonly startAt: number;
  readonly stopAt: number;
}

/** Takes and releases a peer's lock as fast as it can; answers how often it did. */
const contender: Role<Start, Slice, number> = ({ peer, file }) => {
  const { waiting } = PEERS[peer](file);
  return async ({ startAt, stopAt }) => {
    sleepUntil(startAt);
    let done = 0;
    for (; now() < stopAt; done++) await waiting();
    return done;
  };
};

async function alone([name, calls]: readonly [PeerName, number], file: string, rounds: number): Promise<Row> {
  const awaits = name === "Web Locks";
  const make = awaits ? asyncLoop : loop;
  const body = awaits ? "(await subject.acquire()).release();" : "subject.acquireSync().release();";
  const ours: Contestant = make("ours", 10_000, body, new (await load("sync")).Lock());
  const peer = PEERS[name](file);
  const theirs = make(name, calls, awaits ? "await subject.pair();" : "subject.pair();", peer);
  const [own = [], figures = []] = await interleave([ours, theirs], { warmUps: 5, rounds });
  peer.end();
  return row({ name: awaits ? "Lock, await, alone" : "Lock, alone", unit: "ns", better: "lower" }, own, {
    name,
    rounds: figures,
  });
}

/** One slice of a peer: how often per second its parties together had the lock. */
async function contest(parties: readonly Party[], milliseconds: number): Promise<number> {
  const startAt = now() + 10;
  const slice: Slice = { startAt, stopAt: startAt + milliseconds };
  const done = await Promise.all(parties.map((party) => party.call<number>(slice)));
  return done.reduce((sum, each) => sum + each, 0) / milliseconds * 1000;
}

async function contestOurs(parties: readonly Party[], milliseconds: number): Promise<number> {
  const done = await runSlice(parties, "sync", milliseconds);
  return done.reduce((sum, each) => sum + each, 0) / milliseconds * 1000;
}

async function together(name: PeerName, file: string, { slices, milliseconds }: Effort): Promise<Row> {
  PEERS[name](file).end(); // throws where it is not installed
  const ours = await startContenders("processes", PROCESSES);
  const theirs = await startParties("processes", PROCESSES, () => {
    return { question: "peers", role: "contender", data: { peer: name, file } };
  });
  const turns = [() => contestOurs(ours, milliseconds), () => contest(theirs, milliseconds)];
  const [own = [], rounds = []] = await inTurn(turns, slices);
  for (const party of [...ours, ...theirs]) party.end();
  return row({ name: TOGETHER_NAME, unit: "/s", better: "higher" }, own, { name, rounds });
}

/** What a peer said when it could not be measured, in one line. */
function failure(peer: string, error: unknown): Row {
  return missing(peer, (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "");
}

async function inPython({ slices, milliseconds }: Effort): Promise<Row[]> {
  const python = startPython();
  const parties = await startContenders("processes", PROCESSES);
  const lock = loop("ours", 10_000, "subject.acquireSync().release();", new (await load("sync")).Lock());
  const pings = await startPlayers("processes", "sync");
  const [own = [], rounds = [], ownTogether = [], together = [], ownPings = [], theirPings = []] = await inTurn([
    async () => await lock.batch() / lock.calls * 1e6,
    () => python.measure("lock 10000"),
    () => contestOurs(parties, milliseconds),
    () => python.measure(`contended ${PROCESSES} ${milliseconds}`),
    () => pings.play({ rounds: 500, busyMicroseconds: 0 }),
    () => python.measure("ping_pong 500"),
  ], slices);
  for (const started of [...parties, pings, python]) started.end();
  const name = "Python multiprocessing";
  const reason = python.reason;
  return [
    row({ name: "Lock, alone", unit: "ns", better: "lower" }, own, { name, rounds, reason }),
    row({ name: TOGETHER_NAME, unit: "/s", better: "higher" }, ownTogether, { name, rounds: together, reason }),
    row({ name: "Semaphore, ping-pong of two processes", unit: "ns", better: "lower" }, ownPings, {
      name,
      rounds: theirPings,
      reason,
    }),
  ];
}

export const roles: Roles = {
  contender,
  run: question(async ({ quick }) => {
    const folder = mkdtempSync(`${tmpdir()}/lockstep-bench-`);
    const file = `${folder}/lock`;
    writeFileSync(file, "");
    const effort = { slices: quick ? 3 : 5, milliseconds: quick ? 50 : 100 };
    const rows: Row[] = [];
    const attempt = async (name: string, work: () => Promise<Row | Row[]>) => {
      rows.push(...await work().then((result) => [result].flat(), (error) => [failure(name, error)]));
    };
    for (const entry of ALONE) await attempt(entry[0], () => alone(entry, file, quick ? 5 : 15));
    for (const name of TOGETHER) await attempt(name, () => together(name, file, effort));
    await attempt("python3", () => inPython(effort));
    rmSync(folder, { recursive: true });
    return rows;
  }),
};
