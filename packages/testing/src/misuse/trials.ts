// Every parameter of every public method and constructor, as a call that takes the value to try there.
import type { BarrierLike, ConditionLike, EventLike, LockLike, RWLockLike, SemaphoreLike } from "@lockstep/contract";
import type { Primitives } from "../implementation.ts";
import type { Shared } from "../party.ts";
import type { Parameter } from "./values.ts";

/** A call that takes a value where that parameter stands. A value of type never fits everywhere. */
export type Trial = readonly [title: string, parameter: Parameter, call: (value: never) => unknown];

/** A class under misuse: an object of it, what can be seen of it, and the calls to try. */
export interface Misused {
  subject: object;
  state(): unknown;
  trials: Trial[];
  /** Calls with handles that must be refused. */
  foreign: [title: string, call: () => unknown][];
}

/** The names of the classes that can be misused. */
export type MisusedClass = keyof Primitives;

/** An object of each class, with its trials. */
export const MISUSED: Readonly<Record<MisusedClass, (primitives: Primitives) => Misused>> = {
  Lock: ({ Lock, Event }) => {
    const lock = new Lock();
    return {
      subject: lock,
      state: () => lock.locked,
      trials: [...places((options) => new Lock(options)), ...handles(Lock), ...holds("", lock)],
      foreign: foreign(Lock, lock, new Event()),
    };
  },
  RLock: ({ RLock, Event }) => {
    const lock = new RLock();
    return {
      subject: lock,
      state: () => lock.locked,
      trials: [...places((options) => new RLock(options)), ...handles(RLock), ...holds("", lock)],
      foreign: foreign(RLock, lock, new Event()),
    };
  },
  RWLock: ({ RWLock, Event }) => {
    const lock: RWLockLike & Shared = new RWLock();
    return {
      subject: lock,
      state: () => [lock.read.locked, lock.write.locked],
      trials: [
        ...places((options) => new RWLock(options)),
        ...handles(RWLock),
        ...holds("read.", lock.read),
        ...holds("write.", lock.write),
      ],
      foreign: foreign(RWLock, lock, new Event()),
    };
  },
  Semaphore: ({ Semaphore, Event }) => permits(Semaphore, new Event()),
  BoundedSemaphore: ({ BoundedSemaphore, Event }) => permits(BoundedSemaphore, new Event()),
  Condition: ({ Condition, Event }) => {
    const condition = new Condition();
    condition.acquireSync();
    return {
      subject: condition,
      state: () => condition.lock.locked,
      trials: [
        ["new Condition(lock)", "lock", (value) => new Condition(value)],
        ...places((options) => new Condition(undefined, options)),
        ...handles(Condition),
        ...conditionTrials(condition),
      ],
      foreign: foreign(Condition, condition, new Event()),
    };
  },
  Event: ({ Event, Lock }) => {
    const event: EventLike & Shared = new Event();
    return {
      subject: event,
      state: () => event.isSet,
      trials: [
        ...places((options) => new Event(options)),
        ...handles(Event),
        ...waits("wait", (options) => event.wait(options), (options) => event.waitSync(options)),
      ],
      foreign: foreign(Event, event, new Lock()),
    };
  },
  Barrier: ({ Barrier, Event }) => {
    const barrier: BarrierLike & Shared = new Barrier(2);
    return {
      subject: barrier,
      state: () => [barrier.parties, barrier.waiting, barrier.broken],
      trials: [
        ["new Barrier(parties)", "parties", (value) => new Barrier(value)],
        ["new Barrier(2, { action })", "action", (action) => new Barrier(2, { action })],
        ["new Barrier(2, { timeout })", "timeout", (timeout) => new Barrier(2, { timeout })],
        ...places((options) => new Barrier(2, options)),
        ...handles(Barrier),
        ...waits("wait", (options) => barrier.wait(options), (options) => barrier.waitSync(options)),
      ],
      foreign: foreign(Barrier, barrier, new Event()),
    };
  },
  Timer: ({ Timer }) => {
    const timer = new Timer(1, () => {});
    return {
      subject: timer,
      state: () => timer.finished,
      trials: [
        ["new Timer(delay, fn)", "delay", (value) => new Timer(value, () => {})],
        ["new Timer(1, fn)", "function", (value) => new Timer(1, value)],
      ],
      foreign: [],
    };
  },
};

function permits(Class: Primitives["Semaphore"], other: Shared): Misused {
  const semaphore: SemaphoreLike & Shared = new Class(3);
  semaphore.acquireSync();
  return {
    subject: semaphore,
    state: () => semaphore.value,
    trials: [
      ["constructor(value)", "first value", (value) => new Class(value)],
      ...places((options) => new Class(1, options)),
      ...handles(Class),
      ...holds("", semaphore),
      ["tryAcquire(options)", "options", (value) => semaphore.tryAcquire(value)],
      ["tryAcquire({ count })", "permits to take", (count) => semaphore.tryAcquire({ count })],
      ["acquireSync({ count })", "permits to take", (count) => semaphore.acquireSync({ count, timeout: 0 })],
      ["acquire({ count })", "permits to take", (count) => semaphore.acquire({ count, timeout: 0 })],
      ["release(count)", "permits to give", (count) => semaphore.release(count)],
    ],
    foreign: foreign(Class, semaphore, other),
  };
}

function conditionTrials(condition: ConditionLike): Trial[] {
  return [
    ...holds("", condition),
    ...waits("wait", (options) => condition.wait(options), (options) => condition.waitSync(options)),
    ...waits(
      "waitFor(() => false, ...)",
      (options) => condition.waitFor(() => false, options),
      (options) => condition.waitForSync(() => false, options),
    ),
    ["waitFor(predicate)", "function", (value) => condition.waitFor(value, { timeout: 0 })],
    ["waitForSync(predicate)", "function", (value) => condition.waitForSync(value, { timeout: 0 })],
    ["notify(count)", "count to notify", (count) => condition.notify(count)],
  ];
}

type Acquirable = Pick<LockLike, "acquire" | "acquireSync">;

function holds(facet: string, lock: Acquirable): Trial[] {
  return waits(`${facet}acquire`, (options) => lock.acquire(options), (options) => lock.acquireSync(options));
}

function waits(title: string, wait: (options: never) => unknown, waitSync: (options: never) => unknown): Trial[] {
  return [
    [`${title}, options`, "options", wait],
    [`${title}, { timeout }`, "timeout", (timeout) => wait({ timeout } as never)],
    [`${title}, { signal }`, "signal", (signal) => wait({ signal, timeout: 0 } as never)],
    [`${title}, Sync, options`, "options", waitSync],
    [`${title}, Sync, { timeout }`, "timeout", (timeout) => waitSync({ timeout } as never)],
  ];
}

function places(make: (options: never) => unknown): Trial[] {
  return [
    ["constructor(options)", "options", make],
    ["constructor({ name })", "name", (name) => make({ name } as never)],
    ["constructor({ segment })", "segment", (segment) => make({ segment } as never)],
  ];
}

function handles(Class: { from(handle: unknown): unknown }): Trial[] {
  return [["from(handle)", "handle", (value) => Class.from(value)]];
}

/** Handles that look right, and are not. */
function foreign(Class: { from(handle: unknown): unknown }, own: Shared, other: Shared): Misused["foreign"] {
  return [
    ["from(handle of another class)", () => Class.from(other.handle)],
    ["from(handle cut short)", () => Class.from(String(own.handle).slice(0, -1))],
    ["from(handle and more)", () => Class.from(`${String(own.handle)}0`)],
  ];
}
