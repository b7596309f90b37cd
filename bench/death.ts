// How long after kill -9 of the holder has the next one the lock?
import process from "node:process";
import { delay, now } from "./clock.ts";
import { type Handle, load } from "./implementations.ts";
import { type Party, type Role, type Roles, startParties, startParty } from "./parties.ts";
import { question } from "./question.ts";
import { type Row, row, single, type Subject } from "./rows.ts";

const HOLDERS_AT_ONCE = 10;

type Way = "acquireSync" | "acquire";

interface Grant {
  readonly at: number;
  readonly ownerDied: boolean;
}

/** Takes the lock and keeps it until it is killed. */
const holder: Role<undefined, Handle, void> = async () => {
  const { Lock } = await load("sync");
  return (handle) => {
    kept.push(Lock.from(handle).acquireSync());
  };
};

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

const kept: unknown[] = []; // an object without a name lives as long as somebody has it

/** Nanoseconds from just before the kill to the grant. */
async function killOne(holding: Party, waiting: Party): Promise<number> {
  const { Lock } = await load("sync");
  const lock = new Lock();
  kept.push(lock);
  await holding.call(lock.handle);
  const granted = waiting.call<Grant>(lock.handle);
  await delay(5); // the waiter sleeps
  const start = now();
  process.kill(holding.pid, "SIGKILL");
  const { at, ownerDied } = await granted;
  if (!ownerDied) throw new Error("The lock of a killed holder was granted without ownerDied");
  return (at - start) * 1e6;
}

async function killMany(way: Way, kills: number): Promise<number[]> {
  const waiting = await startParty("processes", { question: "death", role: "waiter", data: way });
  const durations: number[] = [];
  while (durations.length < kills) {
    const count = Math.min(HOLDERS_AT_ONCE, kills - durations.length);
    const task = { question: "death", role: "holder", data: undefined };
    const holders = await startParties("processes", count, () => task);
    await delay(20); // they have come to rest
    for (const holding of holders) durations.push(await killOne(holding, waiting));
  }
  waiting.end();
  return durations;
}

function rowsOf(durations: Readonly<Record<Way, number[]>>): Row[] {
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
  holder,
  waiter,
  run: question(async ({ quick }) => {
    const kills = quick ? 15 : 100;
    const acquireSync = await killMany("acquireSync", kills);
    return rowsOf({ acquireSync, acquire: await killMany("acquire", kills) });
  }),
};
