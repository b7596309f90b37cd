import { deepEqual, equal, match, notEqual, rejects, throws } from "node:assert/strict";
import process from "node:process";
import { after, describe } from "node:test";
import { inspect } from "node:util";
import type { Guard } from "@lockstep/contract";
import { Segment } from "@lockstep/segment";
import {
  attach,
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  RLock,
  RWLock,
  Semaphore,
  type SharedObject,
} from "@lockstep/sync";
import { it } from "@lockstep/testing";

const segment = Segment.open(`identity-test-${process.pid}`, { capacity: 2 * 1024 * 1024 });
after(() => {
  segment.unlink();
  segment[Symbol.dispose]();
});

/** One of each class. */
const MAKERS: Record<string, (name?: string) => SharedObject> = {
  Lock: (name) => new Lock({ segment, name }),
  RLock: (name) => new RLock({ segment, name }),
  RWLock: (name) => new RWLock({ segment, name }),
  Semaphore: (name) => new Semaphore(2, { segment, name }),
  BoundedSemaphore: (name) => new BoundedSemaphore(3, { segment, name }),
  Condition: (name) => new Condition(undefined, { segment, name }),
  Event: (name) => new Event({ segment, name }),
  Barrier: (name) => new Barrier(4, { segment, name }),
};

/** What a guard can be had from, how, and whether one is out. */
type Hold = [SharedObject, take: (same: never) => Guard, isTaken: (same: never) => boolean];

const HOLDS: Record<string, (name?: string) => Hold> = {
  Lock: (name) => [new Lock({ segment, name }), (lock: Lock) => lock.acquireSync(), (lock: Lock) => lock.locked],
  RLock: (name) => [new RLock({ segment, name }), (lock: RLock) => lock.acquireSync(), (lock: RLock) => lock.locked],
  "RWLock.read": (name) => [
    new RWLock({ segment, name }),
    (lock: RWLock) => lock.read.acquireSync(),
    (lock: RWLock) => lock.read.locked,
  ],
  "RWLock.write": (name) => [
    new RWLock({ segment, name }),
    (lock: RWLock) => lock.write.acquireSync(),
    (lock: RWLock) => lock.write.locked,
  ],
  Semaphore: (name) => [
    new Semaphore(1, { segment, name }),
    (semaphore: Semaphore) => semaphore.acquireSync(),
    (semaphore: Semaphore) => semaphore.value === 0,
  ],
  BoundedSemaphore: (name) => [
    new BoundedSemaphore(1, { segment, name }),
    (semaphore: BoundedSemaphore) => semaphore.acquireSync(),
    (semaphore: BoundedSemaphore) => semaphore.value === 0,
  ],
};

describe("a shared object", () => {
  for (const [kind, make] of Object.entries(MAKERS)) {
    it(`${kind}: a handle stands for it, whatever its class`, () => {
      const object = make();
      const same = attach(object.handle);
      deepEqual([same.constructor, same.handle, same.name], [object.constructor, object.handle, undefined]);
      const classes = [Lock, RLock, RWLock, Semaphore, BoundedSemaphore, Condition, Event, Barrier];
      for (const Class of classes) {
        if (Class !== object.constructor) throws(() => Class.from(object.handle), { name: "MismatchError" });
      }
      for (const each of [object, same]) each[Symbol.dispose]();
    });

    it(`${kind}: a name leads to it until it is destroyed`, () => {
      const [one, other] = [make(kind), make(kind)];
      deepEqual([one.name, one.handle], [kind, other.handle]);
      equal(one.destroy(), true);
      equal(other.destroy(), false);
      const another = make(kind);
      notEqual(another.handle, one.handle);
      equal(another.destroy(), true);
      for (const each of [one, other, another]) each[Symbol.dispose]();
    });

    it(`${kind}: its memory returns when the last object for it is disposed`, () => {
      const before = segment.stats();
      const object = make();
      const same = attach(object.handle);
      const { handle } = object;
      object[Symbol.dispose]();
      notEqual(segment.stats().objects, before.objects);
      same[Symbol.dispose]();
      deepEqual([segment.stats().objects, segment.stats().used], [before.objects, before.used]);
      throws(() => attach(handle), { name: "InvalidStateError" });
    });

    it(`${kind}: says what it is, and that it is disposed`, () => {
      const object = make("shown");
      match(String(object), new RegExp(`^${kind}\\(${segment.name}/shown: .+\\)$`));
      equal(inspect(object), String(object));
      object.destroy();
      object[Symbol.dispose]();
      object[Symbol.dispose]();
      equal(String(object), `${kind}(disposed)`);
      throws(() => object.handle, { name: "InvalidStateError" });
      throws(() => object.destroy(), { name: "InvalidStateError" });
    });
  }

  it("a name belongs to one kind and parameter; the error states both", () => {
    const semaphore = new Semaphore(3, { segment, name: "pool" });
    throws(() => new Lock({ segment, name: "pool" }), {
      name: "MismatchError",
      message: /Semaphore\(3\).*asked for Lock/,
    });
    throws(() => new Semaphore(4, { segment, name: "pool" }), {
      name: "MismatchError",
      message: /exists as Semaphore\(3\), asked for Semaphore\(4\)/,
    });
    throws(() => new BoundedSemaphore(3, { segment, name: "pool" }), { name: "MismatchError" });
    semaphore.destroy();
    semaphore[Symbol.dispose]();
  });

  it("a full segment is an error, and goes on working", () => {
    const small = Segment.open(`identity-test-${process.pid}-small`, { capacity: 2 * 1024 * 1024 });
    small.unlink();
    const made: BoundedSemaphore[] = [];
    throws(() => {
      for (;;) made.push(new BoundedSemaphore(65536, { segment: small }));
    }, { name: "SegmentFullError", message: /^Cannot open BoundedSemaphore: / });
    equal(made.length > 0, true);
    for (const semaphore of made) semaphore.acquireSync().release();
    for (const semaphore of made) semaphore[Symbol.dispose]();
    deepEqual([small.stats().objects, small.stats().used], [0, 0]);
    small[Symbol.dispose]();
  });
});

describe("a hold", () => {
  for (const [kind, make] of Object.entries(HOLDS)) {
    it(`${kind}: two objects for one handle share it`, () => {
      const [object, take, isTaken] = make();
      const same = attach(object.handle) as never;
      const guard = take(object as never);
      equal(isTaken(same), true);
      guard.release();
      equal(isTaken(same), false);
      const later = take(same);
      guard.release();
      equal(isTaken(object as never), true);
      later.release();
      for (const each of [object, same as SharedObject]) each[Symbol.dispose]();
    });

    it(`${kind}: a guard outlives its object`, () => {
      const [object, take, isTaken] = make("outlived");
      const { handle } = object;
      const guard = take(object as never);
      object[Symbol.dispose](); // the name keeps it for others
      guard.release();
      guard.release();
      const same = attach(handle);
      equal(isTaken(same as never), false);
      same.destroy();
      same[Symbol.dispose]();
    });
  }
});

describe("dispose", () => {
  const reason = { name: "InvalidStateError", message: /disposed/ };

  it("rejects the promises that wait", async () => {
    const lock = new Lock({ segment });
    lock.acquireSync();
    const event = new Event({ segment });
    const barrier = new Barrier(2, { segment });
    const semaphore = new Semaphore(0, { segment });
    const rwlock = new RWLock({ segment });
    rwlock.read.acquireSync();
    const condition = new Condition(new Lock({ segment }));
    condition.acquireSync();
    const waits = [
      lock.acquire(),
      event.wait(),
      barrier.wait(),
      semaphore.acquire({ timeout: 20_000 }),
      rwlock.write.acquire(),
      condition.wait(),
    ];
    for (const object of [lock, event, barrier, semaphore, rwlock, condition]) object[Symbol.dispose]();
    for (const wait of waits) await rejects(wait, reason);
  });

  it("leaves other objects for the same alone", async () => {
    const event = new Event({ segment });
    const same = Event.from(event.handle);
    const wait = event.wait();
    event[Symbol.dispose]();
    same.set();
    equal(await wait, true);
    same[Symbol.dispose]();
  });

  it("every call afterwards is an error of the contract's", async () => {
    const [lock, semaphore] = [new Lock({ segment }), new Semaphore(1, { segment })];
    const [bounded, event] = [new BoundedSemaphore(1, { segment }), new Event({ segment })];
    for (const object of [lock, semaphore, bounded, event]) object[Symbol.dispose]();
    for (const object of [lock, semaphore, bounded]) {
      throws(() => object.acquireSync(), reason);
      throws(() => object.tryAcquire(), reason);
      throws(() => object.release(), reason);
      await rejects(object.acquire(), reason);
    }
    for (const call of [() => event.isSet, () => event.set(), () => event.clear(), () => event.waitSync()]) {
      throws(call, reason);
    }
    for (const call of [() => lock.locked, () => semaphore.value, () => bounded.value]) throws(call, reason);
  });
});

it("a handle from a segment that was removed means nothing in the next one of that name", () => {
  const name = `identity-test-again-${process.pid}`;
  const [before, after] = ["before", "after"].map(() => {
    const made = Segment.open(name);
    const { handle } = new Lock({ segment: made });
    made.unlink();
    made[Symbol.dispose]();
    return handle;
  });
  notEqual(before, after);
});
