// The two implementations that are compared, seen through what the benchmark uses of them.
import type { BarrierLike, ConditionLike, EventLike, LockLike, RWLockLike, SemaphoreLike } from "@lockstep/contract";

export type ImplementationName = "sync" | "atomics";

/** A string or, for the Atomics twins, an object that postMessage can clone. */
export type Handle = unknown;

interface Shared {
  readonly handle: Handle;
}

export type Lock = LockLike & Shared;
export type RWLock = RWLockLike & Shared;
export type Semaphore = SemaphoreLike & Shared;
export type Condition = ConditionLike & Shared;
export type Event = EventLike & Shared;
export type Barrier = BarrierLike & Shared;

/** A class of either implementation. */
export interface Kind<T, A extends unknown[]> {
  new (...args: A): T;
  from(handle: Handle): T;
}

export interface Implementation {
  readonly Lock: Kind<Lock, []>;
  readonly RLock: Kind<Lock, []>;
  readonly RWLock: Kind<RWLock, []>;
  readonly Semaphore: Kind<Semaphore, [number?]>;
  readonly BoundedSemaphore: Kind<Semaphore, [number?]>;
  readonly Condition: Kind<Condition, []>;
  readonly Event: Kind<Event, []>;
  readonly Barrier: Kind<Barrier, [number]>;
}

export async function load(name: ImplementationName): Promise<Implementation> {
  const loaded: unknown = await import(`@lockstep/${name}`);
  return loaded as Implementation;
}
