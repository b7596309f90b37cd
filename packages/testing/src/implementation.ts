// What a conformance run is given: the classes under test, and where they promise to work.
import type {
  BarrierLike,
  BarrierOptions,
  ConditionLike,
  EventLike,
  LockLike,
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

/** The classes under test by name. Where their objects live is told in options of each implementation's own. */
export interface Primitives {
  /** Held by one at a time. */
  Lock: SharedClass<LockLike, [place?: object]>;
  /** Held by one at a time, who may take it again. */
  RLock: SharedClass<LockLike, [place?: object]>;
  /** Held by many readers or one writer. */
  RWLock: SharedClass<RWLockLike, [place?: object]>;
  /** Counts permits of no one's. */
  Semaphore: SharedClass<SemaphoreLike, [value?: number, place?: object]>;
  /** Counts permits up to its first value. */
  BoundedSemaphore: SharedClass<SemaphoreLike, [value?: number, place?: object]>;
  /** Takes a Lock or RLock of its own implementation. */
  Condition: SharedClass<ConditionLike, [lock?: never, place?: object]>;
  /** A flag to wait for. */
  Event: SharedClass<EventLike, [place?: object]>;
  /** Passed by all parties together. */
  Barrier: SharedClass<BarrierLike, [parties: number, options?: BarrierOptions]>;
  /** Runs a function once, later. */
  Timer: TimerClass;
}

/** A class whose objects cross to peers by handle. */
export interface SharedClass<T, A extends unknown[]> {
  /** Makes an object, or opens the one that the options name. */
  new (...args: A): T & Shared;
  /** Attaches to the object that has the handle. */
  from(handle: unknown): T & Shared;
}

/** The class of timers. */
export interface TimerClass {
  /** Makes one; it does not run yet. */
  new (delay: number, fn: (...args: unknown[]) => void, ...args: unknown[]): TimerLike;
}

/** A function that runs once, later, unless it is cancelled before. */
export interface TimerLike {
  /** Lets the time run. */
  start(): this;
  /** Keeps the function from running, if it has not run. */
  cancel(): void;
  /** Whether it has run, or never will. */
  readonly finished: boolean;
}
