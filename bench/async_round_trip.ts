// How long does it take until another event loop's await continues, and then our own again?
import { now } from "./clock.ts";
import { type Handle, type ImplementationName, load, type Semaphore } from "./implementations.ts";
import { type Place, type Role, type Roles, startParties } from "./parties.ts";
import { question, TWIN } from "./question.ts";
import { type Reference, type Row, row } from "./rows.ts";
import { inTurn } from "./turns.ts";

/** What a side awaits and what it does to let the other side go on. */
interface Side {
  wake(): void;
  wait(): Promise<unknown>;
}

/** The two words or the two semaphores; `first` says which of them this side awaits. */
interface Start {
  readonly kind: ImplementationName | "waitAsync";
  readonly first: boolean;
  readonly handles: readonly [Handle, Handle];
}

/** Plays so many round trips; answers how many nanoseconds one took. */
const player: Role<Start, number, number> = async ({ kind, first, handles }) => {
  const [mine, other] = first ? handles : [handles[1], handles[0]];
  const side = kind === "waitAsync"
    ? wordSide(mine as Int32Array, other as Int32Array)
    : await semaphoreSide(kind, mine, other);
  return async (rounds) => {
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

async function handlesOf(kind: Start["kind"]): Promise<[Handle, Handle]> {
  if (kind === "waitAsync") return [new Int32Array(new SharedArrayBuffer(4)), new Int32Array(new SharedArrayBuffer(4))];
  const { Semaphore } = await load(kind);
  const pair = [new Semaphore(0), new Semaphore(0)] as const;
  kept.push(...pair);
  return [pair[0].handle, pair[1].handle];
}

const kept: Semaphore[] = []; // an object without a name lives as long as somebody has it

interface Players {
  play(rounds: number): Promise<number>;
  end(): void;
}

async function startPlayers(place: Place, kind: Start["kind"]): Promise<Players> {
  const handles = await handlesOf(kind);
  const parties = await startParties(place, 2, (index) => {
    const data: Start = { kind, handles, first: index === 0 };
    return { question: "async_round_trip", role: "player", data };
  });
  return {
    play: async (rounds) => (await Promise.all(parties.map((party) => party.call<number>(rounds))))[0] ?? NaN,
    end: () => parties.forEach((party) => party.end()),
  };
}

export const roles: Roles = {
  player,
  run: question(async ({ quick }) => {
    const effort = quick ? { slices: 5, rounds: 200 } : { slices: 21, rounds: 500 };
    const players = [
      await startPlayers("threads", "sync"),
      await startPlayers("processes", "sync"),
      await startPlayers("threads", "waitAsync"),
      await startPlayers("threads", "atomics"),
    ];
    const figures = await inTurn(players.map(({ play }) => () => play(effort.rounds)), effort.slices);
    players.forEach((each) => each.end());
    const [threads = [], processes = [], words = [], twin = []] = figures;
    const plain = { name: "Atomics.waitAsync, two threads", rounds: words };
    return [
      compare("two threads", threads, plain, 1.1),
      compare("two processes", processes, plain, 1.3),
      compare("two threads", threads, { name: `${TWIN}, two threads`, rounds: twin }),
    ];
  }),
};

function compare(name: string, ours: number[], reference: Reference, limit?: number): Row {
  const target = limit === undefined ? undefined : { of: "ratio", limit } as const;
  return row({ name, unit: "ns", better: "lower", target }, ours, reference);
}
