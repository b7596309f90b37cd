// The objects that a storm is about, and what a player does with them. Every act checks what it can see from inside.
import { BrokenBarrierError, type Guard, TimeoutError } from "@lockstep/contract";
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, RWLock, Semaphore } from "@lockstep/sync";

import { containerActs, type Containers, openContainers } from "./storm_containers.ts";

export const PERMITS = 2;
const ABORTED = new Error("given up");

/** All objects of a storm. The marks say who is inside, so that a second one shows. */
export interface Stage {
  readonly lock: Lock;
  readonly insideLock: BoundedSemaphore;
  readonly rlock: RLock;
  readonly insideRLock: BoundedSemaphore;
  readonly rwlock: RWLock;
  readonly insideWrite: BoundedSemaphore;
  readonly bounded: BoundedSemaphore;
  readonly insideBounded: BoundedSemaphore;
  readonly semaphore: Semaphore;
  readonly signals: Semaphore;
  readonly condition: Condition;
  readonly event: Event;
  readonly barrier: Barrier;
  readonly containers: Containers;
}

/** Opened by name, wherever one is. */
export function openStage(segment: string): Stage {
  const place = (name: string) => ({ name, segment });
  return {
    lock: new Lock(place("lock")),
    insideLock: new BoundedSemaphore(1, place("inside lock")),
    rlock: new RLock(place("rlock")),
    insideRLock: new BoundedSemaphore(1, place("inside rlock")),
    rwlock: new RWLock(place("rwlock")),
    insideWrite: new BoundedSemaphore(1, place("inside rwlock")),
    bounded: new BoundedSemaphore(PERMITS, place("bounded")),
    insideBounded: new BoundedSemaphore(PERMITS, place("inside bounded")),
    semaphore: new Semaphore(PERMITS, place("semaphore")),
    signals: new Semaphore(0, place("signals")),
    condition: new Condition(new Lock(place("condition's lock")), place("condition")),
    event: new Event(place("event")),
    barrier: new Barrier(2, place("barrier")),
    containers: openContainers(segment),
  };
}

/** What one task of one thread may do and has seen. */
export interface Player {
  readonly stage: Stage;
  /** True where waiting may block the thread, which then has no other task. */
  readonly mayBlock: boolean;
  report(violation: string): void;
  countDeath(): void;
}

interface Takeable {
  acquire(options?: { timeout?: number; signal?: AbortSignal }): Promise<Guard>;
  acquireSync(options?: { timeout?: number }): Guard;
  tryAcquire(): Guard | undefined;
}

export const below = (bound: number): number => Math.floor(Math.random() * bound);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Takes it in one of the ways there are; undefined when that was given up. */
async function take(target: Takeable, { mayBlock }: Player, isLossy = false): Promise<Guard | undefined> {
  const timeout = isLossy ? 50 : below(4);
  try {
    const way = below(isLossy ? 3 : 7);
    if (way === 0) return target.tryAcquire();
    if (way === 1) return await target.acquire({ timeout });
    if (way === 2) return mayBlock ? target.acquireSync({ timeout }) : await target.acquire({ timeout });
    if (way === 3) return await target.acquire({ signal: signalIn(below(4)) });
    return mayBlock && way < 6 ? target.acquireSync() : await target.acquire();
  } catch (error) {
    if (error instanceof TimeoutError || error === ABORTED) return undefined;
    throw error;
  }
}

function signalIn(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(ABORTED), ms);
  return controller.signal;
}

/** Stays inside for a moment, alone, or as one of as many as the mark has permits. */
async function visit(guard: Guard | undefined, mark: BoundedSemaphore, player: Player, what: string): Promise<void> {
  if (guard === undefined) return;
  if (guard.ownerDied) player.countDeath();
  const inside = mark.tryAcquire();
  if (inside === undefined) player.report(`${what}: somebody else is inside`);
  else if (inside.ownerDied && !guard.ownerDied && what.endsWith("lock")) {
    player.report(`${what}: the owner died inside and nobody was told`);
  }
  if (below(20) === 0) await pause(below(3));
  inside?.release();
  guard.release();
}

/** What there is to do; each comes to an end by itself as long as nobody keeps what he has taken. */
const acts: ((player: Player) => Promise<void>)[] = [
  async (player) => visit(await take(player.stage.lock, player), player.stage.insideLock, player, "lock"),
  async (player) => visit(await take(player.stage.bounded, player), player.stage.insideBounded, player, "bounded"),
  async (player) => visit(await take(player.stage.rwlock.write, player), player.stage.insideWrite, player, "write"),

  async (player) => {
    const guard = await take(player.stage.rwlock.read, player);
    if (guard === undefined) return;
    if (player.stage.insideWrite.value !== 1) player.report("rwlock: a writer is inside with a reader");
    if (below(20) === 0) await pause(1);
    guard.release();
  },

  // Reentrant by thread, so only where a thread has one task.
  async (player) => {
    if (!player.mayBlock) return;
    const outer = player.stage.rlock.acquireSync();
    const inner = player.stage.rlock.acquireSync();
    inner.release();
    await visit(outer, player.stage.insideRLock, player, "rlock");
  },

  // Its permits die with their holders, so nobody waits for them without an end.
  async (player) => {
    const guard = await take(player.stage.semaphore, player, true);
    if (guard !== undefined && player.stage.semaphore.value >= PERMITS) player.report("semaphore: a permit too many");
    guard?.release();
  },

  async ({ stage, mayBlock }) => {
    const guard = mayBlock ? stage.condition.acquireSync() : await stage.condition.acquire();
    const way = below(4);
    if (way === 0) stage.condition.notify();
    if (way === 1) stage.condition.notifyAll();
    if (way === 2) await stage.condition.wait({ timeout: below(20) });
    if (way === 3 && mayBlock) stage.condition.waitSync({ timeout: below(20) });
    guard.release();
  },

  async ({ stage, mayBlock }) => {
    const way = below(4);
    if (way === 0) stage.event.set();
    if (way === 1) stage.event.clear();
    if (way === 2) await stage.event.wait({ timeout: below(20) });
    if (way === 3 && mayBlock) stage.event.waitSync({ timeout: below(20) });
  },

  async ({ stage, mayBlock }) => {
    try {
      const options = { timeout: below(20) + 1 };
      mayBlock && below(2) === 0 ? stage.barrier.waitSync(options) : await stage.barrier.wait(options);
    } catch (error) {
      if (!(error instanceof BrokenBarrierError)) throw error;
      if (below(2) === 0) stage.barrier.reset();
    }
  },
];

/** One act at random, every third one with a container. */
export async function act(player: Player): Promise<void> {
  if (below(3) === 0) await containerActs[below(containerActs.length)]!(player.stage.containers, player);
  else await acts[below(acts.length)]!(player);
}
