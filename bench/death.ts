// How long after kill -9 of the holder has the next one the lock?
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { delay, now } from "./clock.ts";
import { type Handle, load, type Lock } from "./implementations.ts";
import { type Party, type Role, type Roles, startParty } from "./parties.ts";
import { question } from "./question.ts";
import { type Row, row, single, type Subject } from "./rows.ts";
import { owe } from "./watch.ts";

const AT_ONCE = 20; // so many victims start together, and are killed one after the other when the machine is at rest
const REST_MS = 20;
const UNTIL_ASLEEP_MS = 5; // far longer than a waiter spins

type Way = "acquireSync" | "acquire";

interface Grant {
  readonly at: number;
  readonly ownerDied: boolean;
}

/** Waits for the lock in one way or the other; answers when it got it. */
const waiter: Role<Way, Handle, Grant> = async (way) => {
  const { Lock } = await load("sync");
  return async (handle) => {
    const lock = Lock.from(handle);
    const guard = way === "acquire" ? await lock.acquire({ timeout: 10_000 }) : lock.acquireSync({ timeout: 10_000 });
    const at = now();
    guard.release();
    return { at, ownerDied: guard.ownerDied };
  };
};

/** A whole process that holds a lock of its own. */
interface Victim {
  readonly child: ChildProcess;
  readonly lock: Lock;
}

const script: string = fileURLToPath(new URL("./death_victim.ts", import.meta.url));
const flags: readonly string[] = process.versions["deno"] === undefined ? process.execArgv : ["run", "-A"];

async function startVictim(): Promise<Victim> {
  const lock = new (await load("sync")).Lock();
  const child = spawn(process.execPath, [...flags, script, String(lock.handle)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const name = `victim (process ${child.pid})`;
  const held = new Promise<void>((resolve, reject) => {
    child.stdout.once("data", () => resolve());
    child.once("error", reject);
    child.once(
      "exit",
      (code, signal) => reject(new Error(`${name}: ended with ${code ?? signal} before it was killed`)),
    );
  });
  await owe(name, child.pid, "take its lock", held);
  return { child, lock };
}

/** Nanoseconds from just before the kill to the grant. */
async function kill({ child, lock }: Victim, waiting: Party): Promise<number> {
  const granted = waiting.call<Grant>(lock.handle);
  await delay(UNTIL_ASLEEP_MS);
  const start = now();
  child.kill("SIGKILL");
  const { at, ownerDied } = await granted;
  if (!ownerDied) throw new Error("The lock of a killed holder was granted without ownerDied");
  return (at - start) * 1e6;
}

type Durations = Readonly<Record<Way, number[]>>;

/** Kills so many holders while one waits in the one way, and as many while one waits in the other way, in turn. */
async function killMany(kills: number): Promise<Durations> {
  const start = (way: Way) => startParty("processes", { question: "death", role: "waiter", data: way }, way);
  const waiting = { acquireSync: await start("acquireSync"), acquire: await start("acquire") };
  const durations: Durations = { acquireSync: [], acquire: [] };
  for (let killed = 0; killed < 2 * kills;) {
    const count = Math.min(AT_ONCE, 2 * kills - killed);
    const victims = await Promise.all(Array.from({ length: count }, startVictim));
    await delay(REST_MS);
    for (const victim of victims) {
      const way = killed++ % 2 === 0 ? "acquireSync" : "acquire";
      durations[way].push(await kill(victim, waiting[way]));
    }
  }
  return durations;
}

function rowsOf(durations: Durations): Row[] {
  const all = Object.values(durations).flat();
  const subject = (name: string, limit: number): Subject => {
    return { name, unit: "ns", better: "lower", target: { of: "ours", limit } };
  };
  return [
    row(subject("next waits in acquireSync()", 2e6), durations.acquireSync),
    row(subject("next waits in acquire()", 2e6), durations.acquire),
    single(subject(`worst of all ${all.length}`, 20e6), Math.max(...all)),
  ];
}

export const roles: Roles = {
  waiter,
  run: question(async ({ quick }) => rowsOf(await killMany(quick ? 4 : 100))),
};
