// Everything that one at a time can hold, so that the scenarios of a lock are written once.
import type { ConditionLike, LockLike } from "@lockstep/contract";
import type { Primitives } from "../implementation.ts";
import type { Party, Remote, Shared } from "../party.ts";

/** A kind of lock under test. */
export interface Subject {
  title: string;
  make(primitives: Primitives): Exclusive;
}

/** One lock under test. */
export interface Exclusive {
  /** What crosses to a peer. */
  shared: Shared;
  /** What is held. */
  lock: Omit<LockLike, "locked">;
  /** Whether anybody holds it. */
  locked(): boolean;
  /** As the party has it, used by one task of the party. */
  at(party: Party, task?: string): Promise<Remote>;
}

export const LOCK: Subject = {
  title: "Lock",
  make: ({ Lock }) => {
    const lock = new Lock();
    return exclusive(lock, lock);
  },
};

export const RLOCK: Subject = {
  title: "RLock",
  make: ({ RLock }) => {
    const lock = new RLock();
    return exclusive(lock, lock);
  },
};

export const WRITE_SIDE: Subject = {
  title: "RWLock.write",
  make: ({ RWLock }) => {
    const lock = new RWLock();
    return exclusive(lock, lock.write, "write.");
  },
};

export const CONDITION: Subject = {
  title: "Condition without a lock of the caller's",
  make: ({ Condition }) => {
    const condition = new Condition();
    return { ...exclusive(condition, condition), locked: () => condition.lock.locked };
  },
};

export const CONDITION_OF_LOCK: Subject = {
  title: "Condition of a Lock",
  make: (primitives) => {
    const condition = conditionOf(primitives, new primitives.Lock());
    return { ...exclusive(condition, condition), locked: () => condition.lock.locked };
  },
};

/** A condition of that lock. Each implementation takes its own locks and no others, which `LockLike` cannot say. */
export function conditionOf({ Condition }: Primitives, lock: LockLike): ConditionLike & Shared {
  return new Condition(lock as never);
}

/** Conditions of each kind of lock. */
export function conditionsOf(primitives: Primitives): (ConditionLike & Shared)[] {
  const { Condition, Lock, RLock } = primitives;
  return [new Condition(), conditionOf(primitives, new RLock()), conditionOf(primitives, new Lock())];
}

function exclusive(shared: Shared, lock: Omit<LockLike, "locked">, facet = ""): Exclusive {
  return {
    shared,
    lock,
    locked: () => (lock as LockLike).locked,
    at: async (party, task = "main") => (await party.attach(shared)).at(facet).in(task),
  };
}
