// How long does it take until another event loop's await continues, and then our own again?
import { now } from "./clock.ts";
import { type Handle, type ImplementationName, load, type Semaphore } from "./implementations.ts";
import { type Party, type Place, type Role, type Roles, startParties } from "./parties.ts";
import { question, TWIN } from "./question.ts";
import { type Reference, type Row, row } from "./rows.ts";
import { inTurn, type Play, sized } from "./turns.ts";

/** What a side awaits and what it does to let the other side go on. */
interface Side {
  wake(): void;
  wait(): Promise<unknown>;
}

/** Two semaphores of ours or of the twin, or two words of plain Atomics. */
type Kind = ImplementationName | "waitAsync";

interface Start {
  readonly pairs: readonly (readonly [Kind, readonly [Handle, Handle]])[];
  /** Which of each pair this side awaits. */
  readonly first: boolean;
}

interface Slice {
  readonly kind: Kind;
  readonly rounds: number;
}

/** Plays so many round trips; answers how many nanoseconds one took. */
const player: Role<Start, Slice, number> = async ({ pairs, first }) => {
  const sides: Partial<Record<Kind, Side>> = {};
  for (const [kind, handles] of pairs) {
    const [mine, other] = first ? handles : [handles[1], handles[0]];
    sides[kind] = kind === "waitAsync"
      ? wordSide(mine as Int32Array, other as Int32Array)
      : await semaphoreSide(kind, mine, other);
  }
  return async ({ kind, rounds }) => {
    const side = sides[kind];
    if (side === undefined) throw new Error(`This party has no ${kind}`);
    let start = 0;
    for (let round = 0; round <= rounds; round++) {
      if (round === 1) start = now(); // the first round waits for the other side to be there
      if (first) side.wake();
      await side.wait();
      if (!first) side.wake();
    }
    return (now() - start) * 1e6 / rounds;
  };
};

async function semaphoreSide(name: ImplementationName, mine: Handle, other: Handle): Promise<Side> {
  const { Semaphore } = await load(name);
  const awaited = Semaphore.from(mine);
  const woken = Semaphore.from(other);
  return { wake: () => woken.release(), wait: () => awaited.acquire() };
}

type WaitAsync = (word: Int32Array, index: number, value: number) => { async: boolean; value: unknown };
const { waitAsync } = Atomics as unknown as { waitAsync: WaitAsync };

/** The least that pure Atomics need: one word that is set, and one promise. */
function wordSide(mine: Int32Array, other: Int32Array): Side {
  return {
    wake: () => {
      Atomics.store(other, 0, 1);
      Atomics.notify(other, 0, 1);
    },
    wait: async () => {
      while (Atomics.exchange(mine, 0, 0) === 0) {
        const wait = waitAsync(mine, 0, 0);
        if (wait.async) await wait.value;
      }
    },
  };
}

async function handlesOf(kind: Kind): Promise<[Handle, Handle]> {
  if (kind === "waitAsync") return [new Int32Array(new SharedArrayBuffer(4)), new Int32Array(new SharedArrayBuffer(4))];
  const { Semaphore } = await load(kind);
  const pair = [new Semaphore(0), new Semaphore(0)] as const;
  kept.push(...pair);
  return [pair[0].handle, pair[1].handle];
}

const kept: Semaphore[] = []; // an object without a name lives as long as somebody has it

async function startPlayers(place: Place, kinds: readonly Kind[]): Promise<Party[]> {
  const pairs = await Promise.all(kinds.map(async (kind) => [kind, await handlesOf(kind)] as const));
  return startParties(place, 2, (index) => {
    const data: Start = { pairs, first: index === 0 };
    return { question: "async_round_trip", role: "player", data };
  });
}

export const roles: Roles = {
  player,
  run: question(async ({ quick }) => {
    const effort = quick ? { slices: 3, milliseconds: 12 } : { slices: 11, milliseconds: 15 };
    const [threads, processes] = await Promise.all([
      startPlayers("threads", ["sync", "waitAsync", "atomics"]),
      startPlayers("processes", ["sync"]),
    ]);
    const play = (parties: readonly Party[], kind: Kind): Play => async (rounds) => {
      const calls = parties.map((party) => party.call<number>({ kind, rounds } satisfies Slice));
      return (await Promise.all(calls))[0];
    };
    const plays = [
      play(threads, "sync"),
      play(processes, "sync"),
      play(threads, "waitAsync"),
      play(threads, "atomics"),
    ];
    const figures = await inTurn(await sized(plays, effort.milliseconds), effort.slices);
    const [inThreads = [], inProcesses = [], words = [], twin = []] = figures;
    const plain = { name: "Atomics.waitAsync, two threads", rounds: words };
    return [
      compare("two threads", inThreads, plain, 1.1),
      compare("two threads", inThreads, { name: `${TWIN}, two threads`, rounds: twin }),
      compare("two processes", inProcesses, plain, 1.3),
    ];
  }),
};

function compare(name: string, ours: number[], reference: Reference, limit?: number): Row {
  const target = limit === undefined ? undefined : { of: "ratio", limit } as const;
  return row({ name, unit: "ns", better: "lower", target }, ours, reference);
}
