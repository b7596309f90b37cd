// What a conformance run is given: the classes under test, and where they promise to work.
import type {
  BarrierLike,
  BarrierOptions,
  ConditionLike,
  EventLike,
  LockLike,
  PlaceOptions,
  RWLockLike,
  SemaphoreLike,
} from "@lockstep/contract";
import type { Shared } from "./party.ts";
import type { PeerKind } from "./peer.ts";

/** An implementation of the primitives. */
export interface Implementation {
  /** Names it in test titles. */
  name: string;
  /** What a peer imports to get the classes: a package name or a URL. */
  module: string | URL;
  /** The classes. */
  primitives: Primitives;
  /** Which kinds of peers can share objects. */
  peers: readonly PeerKind[];
  /** Whether it gives back what dead peers held. */
  recovers: boolean;
}

/** The classes under test by name. */
export interface Primitives {
  Lock: SharedClass<LockLike, [options?: PlaceOptions]>;
  RLock: SharedClass<LockLike, [options?: PlaceOptions]>;
  RWLock: SharedClass<RWLockLike, [options?: PlaceOptions]>;
  Semaphore: SharedClass<SemaphoreLike, [value?: number, options?: PlaceOptions]>;
  BoundedSemaphore: SharedClass<SemaphoreLike, [value?: number, options?: PlaceOptions]>;
  Condition: ConditionClass;
  Event: SharedClass<EventLike, [options?: PlaceOptions]>;
  Barrier: SharedClass<BarrierLike, [parties: number, options?: PlaceOptions & BarrierOptions]>;
  Timer: new (delay: number, fn: (...args: unknown[]) => void, ...args: unknown[]) => TimerLike;
}

/** A class whose objects cross to peers by handle. */
export interface SharedClass<T, A extends unknown[]> {
  new (...args: A): T & Shared;
  from(handle: unknown): T & Shared;
}

/** A condition takes a lock of its own implementation, which an interface cannot say. */
export interface ConditionClass {
  // deno-lint-ignore no-explicit-any -- each implementation names its own Lock and RLock here
  new (lock?: any, options?: PlaceOptions): ConditionLike & Shared;
  from(handle: unknown): ConditionLike & Shared;
}

/** A function that runs once, later, unless it is cancelled before. */
export interface TimerLike {
  start(): this;
  cancel(): void;
  readonly finished: boolean;
}
