// `npm run storm -- --seconds 60`: processes on Node and Deno play with every primitive and container at once, in all
// forms, while random ones are killed in the middle of it. After every few deaths all must come to rest, every count
// must be exact and the segment sound.
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { Segment } from "@lockstep/segment";

import { audit } from "./storm_containers.ts";
import { below, openStage, PERMITS, type Stage } from "./storm_stage.ts";
import { Mirror } from "./storm_watch.ts";

const RUNTIMES = ["node24", "deno", "node26", "node24"];
const THREADS = 3; // of a process
const START_LIMIT_MS = 60_000;
const REST_LIMIT_MS = 5_000;

const root = fileURLToPath(new URL("..", import.meta.url));
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What the storm has seen so far. */
const figures = {
  kills: 0,
  terminations: 0,
  ended: 0,
  rounds: 0,
  acts: 0,
  changes: 0,
  deaths: 0,
  violations: 0,
  hangs: 0,
};

function violate(what: string): void {
  figures.violations++;
  console.error(`VIOLATION ${what}`);
}

/** One playing process, seen from outside. */
class Troupe {
  readonly runtime: string;
  readonly #child: ChildProcess;
  readonly #exit: Promise<void>;
  #lines: string[] = [];
  #wake: () => void = () => {};
  #isReady = false;
  isOver = false;

  constructor(runtime: string, segment: string) {
    this.runtime = runtime;
    const flags = runtime === "deno" ? ["run", "--quiet", "--allow-all", "--no-check"] : [];
    const command = [`${root}tools/runtimes.sh`, runtime, ...flags, `${root}bench/storm_player.ts`, segment];
    this.#child = spawn("sh", command, { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdin?.on("error", () => {}); // it was killed while we wrote
    createInterface({ input: this.#child.stdout! }).on("line", (line) => this.#read(line));
    this.#exit = new Promise((resolve) => this.#child.once("exit", (code, signal) => resolve(this.#end(code, signal))));
  }

  #read(line: string): void {
    if (line.startsWith("violation ")) return violate(`${this.runtime}: ${line.slice(10)}`);
    this.#lines.push(line);
    this.#wake();
  }

  #end(code: number | null, signal: string | null): void {
    this.isOver = true;
    if (signal !== "SIGKILL" && code !== 0) violate(`${this.runtime} ended by itself with ${code ?? signal}`);
    this.#wake();
  }

  /** The next line, or undefined when it is over; a hang when neither comes in time. */
  async answer(limitMs: number): Promise<string | undefined> {
    const end = Date.now() + limitMs;
    while (this.#lines.length === 0 && !this.isOver) {
      if (Date.now() > end) {
        figures.hangs++;
        throw new Error(`HANG: ${this.runtime} (process ${this.#child.pid}) does not answer`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 100);
      });
    }
    return this.#lines.shift();
  }

  /** Returns when it plays. */
  async ready(): Promise<void> {
    if (!this.#isReady) await this.answer(START_LIMIT_MS);
    this.#isReady = true;
  }

  tell(command: string): void {
    if (!this.isOver) this.#child.stdin?.write(`${command}\n`);
  }

  /** Only SIGKILL, and wherever it is. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exit;
    figures.kills++;
  }

  async end(): Promise<void> {
    this.tell("end");
    await this.#exit;
    figures.ended++;
  }
}

/** One to three deaths, of processes or of threads, at any moment: of those who start as well. */
async function strike(troupes: Troupe[], segment: string): Promise<void> {
  for (let deaths = 1 + below(3); deaths > 0; deaths--) {
    await pause(below(100));
    const index = below(troupes.length);
    const { runtime } = troupes[index]!;
    if (below(3) === 0 && runtime !== "deno") {
      troupes[index]!.tell("replace");
      figures.terminations++;
      continue;
    }
    await troupes[index]!.kill();
    troupes[index] = new Troupe(runtime, segment);
  }
}

/** Everybody comes to rest, whatever was torn away. */
async function rest(troupes: Troupe[]): Promise<void> {
  figures.rounds++;
  for (const troupe of troupes) await troupe.ready();
  for (const troupe of troupes) troupe.tell("rest");
  for (const troupe of troupes) {
    const { acts, deaths } = JSON.parse(await troupe.answer(REST_LIMIT_MS) ?? '{"acts":0,"deaths":0}');
    figures.acts += acts;
    figures.deaths += deaths;
  }
}

/** All being at rest, the one that watches and survives has been told how each key is. */
async function hear(mirror: Mirror): Promise<void> {
  const end = Date.now() + REST_LIMIT_MS;
  while (mirror.missing().length > 0 && Date.now() < end) await pause(1);
  for (const missing of mirror.missing()) violate(missing);
}

/** All being at rest, everything is free; the permits that died with their holders are made good. */
function takeStock(stage: Stage, segment: Segment): void {
  const threads = figures.kills * THREADS + figures.terminations;
  for (const wrong of audit(segment, stage.containers, threads)) violate(wrong);
  const lost = PERMITS - stage.semaphore.value;
  if (lost < 0) violate(`semaphore has ${-lost} permits too many`);
  if (lost > 0) stage.semaphore.release(lost);
  if (stage.bounded.value !== PERMITS) violate(`bounded semaphore has ${stage.bounded.value} permits of ${PERMITS}`);
  for (const lock of [stage.lock, stage.rlock, stage.rwlock.write]) {
    const guard = lock.tryAcquire();
    if (guard === undefined) violate(`${lock.constructor.name} is not free when all are at rest`);
    guard?.release();
  }
}

/** A round in which nobody dies, with exact counts; then everybody leaves. */
async function finish(troupes: Troupe[], stage: Stage, segment: Segment): Promise<void> {
  for (const troupe of troupes) troupe.tell("exchange");
  for (const troupe of troupes) await troupe.answer(START_LIMIT_MS);
  if (stage.signals.value !== 0) violate(`signals: ${stage.signals.value} permits left of an even exchange`);
  for (const troupe of troupes) await troupe.end();
  for (const wrong of segment.verify().findings) violate(wrong);
  const { processes } = segment.stats();
  if (processes !== 1) violate(`${processes} processes in the segment when all others have ended`);
}

async function storm(seconds: number): Promise<void> {
  const segment = Segment.open(`storm-${process.pid}`);
  const stage = openStage(segment.name);
  const mirror = new Mirror(stage.containers);
  let troupes: Troupe[] = [];
  try {
    troupes = RUNTIMES.map((runtime) => new Troupe(runtime, segment.name));
    for (const troupe of troupes) await troupe.ready();
    const end = Date.now() + seconds * 1000;
    while (Date.now() < end) {
      for (const troupe of troupes) troupe.tell("go");
      await strike(troupes, segment.name);
      await rest(troupes);
      await hear(mirror);
      takeStock(stage, segment);
    }
    await finish(troupes, stage, segment);
  } finally {
    await Promise.all(troupes.filter((troupe) => !troupe.isOver).map((troupe) => troupe.kill()));
    figures.changes = mirror.changes;
    await mirror.end();
    segment.unlink();
  }
}

const { values } = parseArgs({ options: { seconds: { type: "string", default: "60" } } });
await storm(Number(values.seconds)).catch((error: Error) => console.error(error.message));
const { kills, terminations, ended, rounds, acts, changes, deaths, violations, hangs } = figures;
console.log(
  `storm: ${kills} kills, ${terminations} ends of threads, ${rounds} rounds, ${acts} acts and ${deaths} deaths told ` +
    `by those who lived to tell, ${changes} changes told to a watcher, ${violations} violations, ${hangs} hangs`,
);
if (violations + hangs > 0 || ended !== RUNTIMES.length) process.exitCode = 1;
