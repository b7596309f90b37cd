// A manager makes and finds everything in one segment.
import { deepStrictEqual, equal, notEqual, ok, throws } from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { after, describe } from "node:test";
import process from "node:process";
import { LifoQueue, Manager, PriorityQueue, Queue, SharedDict } from "@lockstep/manager";
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, RWLock, Semaphore } from "@lockstep/sync";
import { it } from "@lockstep/testing";
import { OTHER, start } from "./child.ts";
import { ownSegment } from "./place.ts";

const segmentName = ownSegment("manager").name;
const manager = Manager.open(segmentName);
after(() => manager[Symbol.dispose]());

interface Made {
  readonly name: string | undefined;
  readonly handle: string;
}

const CLASSES: Record<string, [new (...args: never[]) => object, (manager: Manager, name?: string) => Made]> = {
  dict: [SharedDict, (manager, name) => manager.dict(name)],
  queue: [Queue, (manager, name) => manager.queue(name)],
  lifoQueue: [LifoQueue, (manager, name) => manager.lifoQueue(name)],
  priorityQueue: [PriorityQueue, (manager, name) => manager.priorityQueue(name)],
  lock: [Lock, (manager, name) => manager.lock(name)],
  rlock: [RLock, (manager, name) => manager.rlock(name)],
  rwlock: [RWLock, (manager, name) => manager.rwlock(name)],
  semaphore: [Semaphore, (manager, name) => manager.semaphore(name, 3)],
  boundedSemaphore: [BoundedSemaphore, (manager, name) => manager.boundedSemaphore(name, 3)],
  condition: [Condition, (manager, name) => manager.condition(name)],
  event: [Event, (manager, name) => manager.event(name)],
  barrier: [Barrier, (manager, name) => manager.barrier(name, 2)],
};

describe("Manager", () => {
  for (const [method, [Class, make]] of Object.entries(CLASSES)) {
    it(`${method}() by name is the same for all who open the segment, without a name a new one there`, () => {
      const other = Manager.open(segmentName);
      const object = make(manager, `a ${method}`);
      ok(object instanceof Class);
      deepStrictEqual([object.name, make(other, `a ${method}`).handle], [`a ${method}`, object.handle]);
      const anonymous = make(manager);
      ok(anonymous instanceof Class);
      equal(anonymous.name, undefined);
      notEqual(anonymous.handle, make(manager).handle);
      ok(anonymous.handle.includes(segmentName));
      other[Symbol.dispose]();
    });
  }

  it("hands options and values on", () => {
    equal(manager.semaphore("three", 3).value, 3);
    deepStrictEqual([manager.semaphore().value, manager.boundedSemaphore().value], [1, 1]);
    equal(manager.boundedSemaphore("two", 2).value, 2);
    equal(manager.barrier(undefined, 4).parties, 4);
    const lock = manager.lock();
    equal(manager.condition(undefined, lock).lock, lock);
    const dict = manager.dict<number>("limited", { maxEntries: 2, evict: "lru" });
    dict.set("a", 1).set("b", 2).set("c", 3);
    equal(dict.size, 2);
    throws(() => manager.dict("limited", { maxEntries: 3 }), { name: "MismatchError" });
    equal(manager.queue("five", { maxSize: 5, redeliver: true }).maxSize, 5);
    throws(() => manager.queue("five"), { name: "MismatchError" });
    throws(() => manager.queue("more", 5 as unknown as object), TypeError);
    throws(() => manager.dict("more", 5 as unknown as object), TypeError);
    throws(() => manager.dict("more", { evict: "lru" }), RangeError);
    throws(() => manager.semaphore("three", 4), { name: "MismatchError" });
    throws(() => manager.dict("three"), { name: "MismatchError", message: /exists as Semaphore\(3\)/ });
  });

  it("barrier() takes an action", async () => {
    let calls = 0;
    await manager.barrier(undefined, 1, { action: () => calls++ }).wait();
    equal(calls, 1);
  });

  it("namespace() by name is the same, without a name a new one", () => {
    const shared = manager.namespace<{ a: number }>("settings");
    shared.a = 1;
    equal(manager.namespace<{ a: number }>("settings").a, 1);
    const [first, second] = [manager.namespace<{ a: number }>(), manager.namespace<{ a: number }>()];
    first.a = 2;
    equal(second.a, undefined);
  });

  it("may be disposed before what it has made, twice as well", () => {
    const short = Manager.open(segmentName);
    const dict = short.dict<number>("outlives").set("a", 1);
    short[Symbol.dispose]();
    short[Symbol.dispose]();
    deepStrictEqual([dict.get("a"), dict.increment("a")], [1, 2]);
    throws(() => short.dict("more"), { name: "InvalidStateError" });
    throws(() => short.lock(), { name: "InvalidStateError" });
  });

  it("opens a segment as Segment.open() does", () => {
    throws(() => Manager.open(segmentName, { capacity: 2 ** 22 }), { name: "MismatchError", message: /4194304/ });
    throws(() => Manager.open("there-is-none", { create: false }), { name: "InvalidStateError" });
    throws(() => Manager.open("not a name"), RangeError);
    equal(manager.segment.name, segmentName);
  });

  for (const where of ["process", OTHER] as const) {
    it(`meets a ${where} by name, which needs not be there any more`, async () => {
      const child = start(where, "manager_main", [segmentName]);
      equal(await child.ended, "exit 0");
      equal(child.lines.at(-1), segmentName);
      ok(manager.dict<number>("hits").get("from a child")! >= 1);
      equal(manager.namespace<{ seen: boolean }>("state").seen, true);
      ok(manager.semaphore("signals", 0).value >= 1);
    });
  }

  it("without a name opens the user's common segment", async () => {
    const directory = mkdtempSync("/dev/shm/lockstep-test-");
    try {
      const child = start("process", "manager_main", [], { env: { LOCKSTEP_DIR: directory } });
      equal(await child.ended, "exit 0");
      deepStrictEqual(child.lines, ["default"]);
      deepStrictEqual(readdirSync(directory), [`lockstep-${process.getuid?.()}-default`]);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
