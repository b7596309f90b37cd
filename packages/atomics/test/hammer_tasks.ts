// What the workers of `hammer_test.ts` do. Each task is run by several threads at once, on the same objects, in all
// forms of waiting; the words that it changes without atomics show every violation as a wrong sum.
import { equal, ok } from "node:assert/strict";
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, RWLock, Semaphore } from "@lockstep/atomics";
import { BrokenBarrierError, type Guard, type LockLike, TimeoutError } from "@lockstep/contract";

/** What each worker gets. */
export interface Order {
  task: string;
  /** Handles of the objects, in the order that the task expects. */
  handles: unknown[];
  /** Words that all workers share, and the tasks change without atomics. */
  words: Int32Array;
  rounds: number;
  /** Number of the worker, from 0. */
  index: number;
  /** How many there are. */
  workers: number;
}

function handleOf<T>(order: Order, index = 0): T {
  return order.handles[index] as T;
}

/** Takes it in one form or the other; undefined when it gave up. */
async function take(lock: Pick<LockLike, "acquire" | "acquireSync" | "tryAcquire">): Promise<Guard | undefined> {
  switch (Math.floor(Math.random() * 6)) {
    case 0:
      return await lock.acquire();
    case 1:
      return await lock.acquire({ timeout: Math.random() }).catch(unlessTimedOut);
    case 2:
      return await lock.acquire({ signal: abortedSoon() }).catch(unlessAborted);
    case 3:
      return lock.tryAcquire();
    case 4:
      try {
        return lock.acquireSync({ timeout: Math.random() / 10 });
      } catch (error) {
        return unlessTimedOut(error);
      }
    default:
      return lock.acquireSync();
  }
}

function unlessTimedOut(error: unknown): undefined {
  if (!(error instanceof TimeoutError)) throw error;
}

function unlessAborted(error: unknown): undefined {
  if ((error as Error).message !== "aborted soon") throw error;
}

function abortedSoon(): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("aborted soon")), Math.random() * 2);
  return controller.signal;
}

function addOne(words: Int32Array, index: number): void {
  words[index] = words[index]! + 1;
}

async function exclude(lock: LockLike, { words, rounds }: Order): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const guard = await take(lock) ?? lock.acquireSync();
    addOne(words, 0);
    guard.release();
  }
}

/** By name. */
export const tasks: Readonly<Record<string, (order: Order) => Promise<void>>> = {
  lock: (order: Order): Promise<void> => exclude(Lock.from(handleOf(order)), order),

  rlock: (order: Order): Promise<void> => exclude(RLock.from(handleOf(order)), order),

  async nested(order: Order): Promise<void> {
    const lock = RLock.from(handleOf(order));
    for (let round = 0; round < order.rounds; round++) {
      const outer = round % 2 === 0 ? lock.acquireSync() : await lock.acquire();
      const inner = round % 3 === 0 ? lock.acquireSync() : await lock.acquire();
      outer.release();
      addOne(order.words, 0);
      inner.release();
    }
  },

  async readersAndWriters(order: Order): Promise<void> {
    const lock = RWLock.from(handleOf(order));
    const { words } = order;
    for (let round = 0; round < order.rounds; round++) {
      const writing = round % 4 === 0 ? await take(lock.write) : undefined;
      if (writing !== undefined) {
        addOne(words, 0);
        for (let turn = 0; turn < 100; turn++) Atomics.load(words, 3); // so that readers can come by, if they may
        addOne(words, 1);
        Atomics.add(words, 2, 1);
        const reading = round % 8 === 0 ? lock.downgrade() : writing;
        equal(words[0], words[1]);
        reading.release();
      } else {
        const reading = await take(lock.read);
        if (reading === undefined) continue;
        equal(words[0], words[1]);
        reading.release();
      }
    }
  },

  async semaphore(order: Order): Promise<void> {
    const semaphore = Semaphore.from(handleOf(order));
    for (let round = 0; round < order.rounds; round++) {
      const count = 1 + Math.floor(Math.random() * 3);
      const permits = round % 2 === 0 ? semaphore.acquireSync({ count }) : await semaphore.acquire({ count });
      ok(Atomics.add(order.words, 0, count) + count <= 3);
      Atomics.sub(order.words, 0, count);
      permits.release();
      await take(semaphore).then((guard) => guard?.release());
    }
  },

  /** The first worker releases for all others in a row while they sleep: each release finds a wake-up under way. */
  async quickReleases(order: Order): Promise<void> {
    const semaphore = Semaphore.from(handleOf(order));
    const done = Semaphore.from(handleOf(order, 1));
    const pause = Barrier.from(handleOf(order, 2));
    const words = new Int32Array(semaphore.handle.buffer);
    const tick = new Int32Array(new SharedArrayBuffer(4));
    for (let round = 0; round < order.rounds; round++) {
      if (order.index === 0) {
        while (Atomics.load(words, 2) >= 0) Atomics.wait(tick, 0, 0, 0.05); // until ASLEEP
        for (let worker = 1; worker < order.workers; worker++) semaphore.release();
        await done.acquire({ count: order.workers - 1 });
      } else {
        semaphore.acquireSync();
        done.release();
      }
      pause.waitSync(); // so that nobody takes what is another's
    }
  },

  /** One waits for 2 permits and is asleep first, one for 1: the permit that comes is for the second. */
  async unlikeWishes({ handles, index, rounds }: Order): Promise<void> {
    const [semaphore, pause] = [Semaphore.from(handles[0] as never), Barrier.from(handles[1] as never)];
    const words = new Int32Array(semaphore.handle.buffer);
    const tick = new Int32Array(new SharedArrayBuffer(4));
    for (let round = 0; round < rounds; round++) {
      if (index === 1) semaphore.acquireSync({ count: 2 });
      while (index !== 1 && Atomics.load(words, 2) >= 0) Atomics.wait(tick, 0, 0, 0.05); // until ASLEEP
      if (index === 2) {
        semaphore.acquireSync();
        semaphore.release(2);
      } else if (index === 0) {
        Atomics.wait(tick, 0, 0, Math.random()); // most often the second is asleep by now
        semaphore.release();
      }
      await pause.wait();
    }
  },

  async boundedSemaphore(order: Order): Promise<void> {
    const semaphore = BoundedSemaphore.from(handleOf(order));
    for (let round = 0; round < order.rounds; round++) {
      const permit = await take(semaphore);
      if (permit === undefined) continue;
      ok(Atomics.add(order.words, 0, 1) < 2);
      Atomics.sub(order.words, 0, 1);
      permit.release();
    }
  },

  /** A queue of numbers in `words`: [head, tail, sum, then the ring]. Half of the workers put, the others get. */
  async queue(order: Order): Promise<void> {
    const condition = Condition.from(handleOf(order));
    const { words, rounds, index } = order;
    const room = words.length - 3;
    const sizeOf = (): number => words[1]! - words[0]!;
    for (let round = 0; round < rounds; round++) {
      const guard = round % 2 === 0 ? condition.acquireSync() : await condition.acquire();
      const isPut = index % 2 === 0;
      const isReady = (): boolean => isPut ? sizeOf() < room : sizeOf() > 0;
      const timeout = Math.random() * 2; // some waits run out of time and are begun anew
      while (!isReady()) {
        if (round % 2 === 0) condition.waitSync({ timeout });
        else await condition.wait({ timeout });
      }
      if (isPut) words[3 + words[1]!++ % room] = round + 1;
      else words[2] = words[2]! + words[3 + words[0]!++ % room]!;
      if (round % 3 === 0) condition.notify();
      else condition.notifyAll();
      guard.release();
    }
  },

  /** As many waits as notifications, and nobody times out: a lost or a doubled one hangs. */
  async notifications(order: Order): Promise<void> {
    const condition = Condition.from(handleOf(order));
    const { words, rounds, index, workers } = order;
    for (let round = 0; round < rounds; round++) {
      if (index > 0) {
        const guard = condition.acquireSync();
        addOne(words, 0);
        equal(round % 2 === 0 ? condition.waitSync() : await condition.wait(), true);
        addOne(words, 1);
        guard.release();
        continue;
      }
      await until(condition, () => words[0] === (round + 1) * (workers - 1));
      for (let woken = 1; woken < workers; woken++) {
        const guard = condition.acquireSync();
        condition.notify();
        guard.release();
      }
      await until(condition, () => words[1] === (round + 1) * (workers - 1));
    }
  },

  /** The first worker sets and clears at once; all others must see every one of the rounds. */
  async event(order: Order): Promise<void> {
    const event = Event.from(handleOf(order));
    const here = Semaphore.from(handleOf(order, 1));
    const pause = Barrier.from(handleOf(order, 2));
    const { rounds, index, workers } = order;
    for (let round = 0; round < rounds; round++) {
      if (index === 0) {
        here.acquireSync({ count: workers - 1 });
        event.set();
        event.clear();
      } else {
        const waiting = event.wait(round % 2 === 0 ? undefined : { timeout: 60_000 });
        here.release();
        equal(await waiting, true);
      }
      pause.waitSync();
    }
  },

  async barrier(order: Order): Promise<void> {
    const { words, rounds } = order;
    const barrier = Barrier.from(handleOf(order), { action: () => addOne(words, 0) });
    const pause = Barrier.from(handleOf(order, 1));
    const indexes = barrier.parties * (barrier.parties - 1) / 2;
    for (let round = 1; round <= rounds; round++) {
      const index = Math.random() < 0.5 ? barrier.waitSync() : await barrier.wait();
      equal(words[0], round);
      Atomics.add(words, 1, index);
      pause.waitSync();
      equal(words[1], round * indexes);
      await pause.wait();
    }
  },

  /** Parties come, give up, break it and reset it, and the last one takes its time; in the end nobody is left in it. */
  async barrierStorm(order: Order): Promise<void> {
    const tick = new Int32Array(new SharedArrayBuffer(4));
    const action = (): void => {
      Atomics.wait(tick, 0, 0, Math.random() * 2);
      if (Math.random() < 0.2) throw new Error("aborted soon");
    };
    const barrier = Barrier.from(handleOf(order), { action });
    const pause = Barrier.from(handleOf(order, 1));
    for (let round = 0; round < order.rounds; round++) {
      for (const { reason } of await Promise.all(visitsOf(barrier))) {
        if (reason !== undefined && !(reason instanceof BrokenBarrierError)) unlessAborted(reason);
      }
      if (Math.random() < 0.3) barrier.reset();
    }
    await pause.wait();
    if (order.index === 0) barrier.reset();
    await pause.wait();
    Atomics.add(order.words, 0, Barrier.from(handleOf(order)).waitSync());
  },

  /** Two or more workers in a ring, each waiting for the one before without a timeout: a lost wake-up hangs. */
  async ring(order: Order): Promise<void> {
    const { index, workers, rounds } = order;
    const mine = Semaphore.from(handleOf(order, index));
    const next = Semaphore.from(handleOf(order, (index + 1) % workers));
    for (let round = 0; round < rounds; round++) {
      if ((round + index) % 3 === 0) await mine.acquire();
      else mine.acquireSync();
      next.release();
    }
  },
};

/** One or more parties of one thread; each ends with a reason or without. */
function visitsOf(barrier: Barrier): Promise<{ reason?: unknown }>[] {
  const timeout = Math.random() * 2;
  const fail = (reason: unknown): { reason: unknown } => ({ reason });
  const visit = async (wait: () => number | Promise<number>): Promise<{ reason?: unknown }> => {
    return await Promise.resolve().then(wait).then(() => ({}), fail);
  };
  const waits = [
    () => barrier.wait({ timeout }),
    () => barrier.wait({ signal: abortedSoon() }),
    () => barrier.waitSync({ timeout }),
  ];
  return waits.filter(() => Math.random() < 0.5).map(visit);
}

async function until(lock: Condition, isSo: () => boolean): Promise<void> {
  for (;;) {
    const guard = lock.acquireSync();
    const result = isSo();
    guard.release();
    if (result) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
