import { deepEqual, equal, notEqual, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { MismatchError } from "@lockstep/contract";
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, RWLock, Semaphore } from "@lockstep/atomics";
import type { Handle, PlaceOptions } from "@lockstep/atomics";

/** A class of the package with its parameters filled in. */
interface Placed {
  byteLength: number;
  make(options?: PlaceOptions): { readonly handle: Handle };
  from(handle: Handle): { readonly handle: Handle };
}

const PLACED: Readonly<Record<string, Placed>> = {
  Lock: { byteLength: Lock.byteLength, make: (options) => new Lock(options), from: Lock.from },
  RLock: { byteLength: RLock.byteLength, make: (options) => new RLock(options), from: RLock.from },
  RWLock: { byteLength: RWLock.byteLength, make: (options) => new RWLock(options), from: RWLock.from },
  Semaphore: { byteLength: Semaphore.byteLength, make: (options) => new Semaphore(3, options), from: Semaphore.from },
  BoundedSemaphore: {
    byteLength: BoundedSemaphore.byteLength,
    make: (options) => new BoundedSemaphore(3, options),
    from: BoundedSemaphore.from,
  },
  Condition: {
    byteLength: Condition.byteLength,
    make: (options) => new Condition(undefined, options),
    from: (handle) => Condition.from(handle as Parameters<typeof Condition.from>[0]),
  },
  Event: { byteLength: Event.byteLength, make: (options) => new Event(options), from: Event.from },
  Barrier: { byteLength: Barrier.byteLength, make: (options) => new Barrier(3, options), from: Barrier.from },
};

for (const [name, { byteLength, make, from }] of Object.entries(PLACED)) {
  describe(`places of ${name}`, () => {
    it("has a buffer of its own unless told otherwise", () => {
      const { kind, buffer, byteOffset } = make().handle;
      deepEqual([kind, buffer.byteLength, byteOffset], [name, byteLength, 0]);
      notEqual(make().handle.buffer, buffer);
    });

    it("takes byteLength bytes and touches no others", () => {
      const buffer = new SharedArrayBuffer(byteLength + 16);
      const bytes = new Uint8Array(buffer);
      bytes.fill(0xa5, 0, 8).fill(0xa5, byteLength + 8);
      make({ buffer, byteOffset: 8 });
      equal(bytes.subarray(0, 8).every((byte) => byte === 0xa5), true);
      equal(bytes.subarray(byteLength + 8).every((byte) => byte === 0xa5), true);
    });

    it("crosses as a structured clone", () => {
      const { handle } = make();
      deepEqual(from(structuredClone(handle)).handle.kind, name);
    });

    it("opens what is at the place already", () => {
      const buffer = new SharedArrayBuffer(byteLength);
      make({ buffer });
      const made = new Int32Array(buffer).slice();
      make({ buffer });
      deepEqual(new Int32Array(buffer).slice(), made);
      notEqual(made[0], 0);
    });

    it("refuses the place of another kind, and memory that holds something else", () => {
      const other = new (name === "Event" ? Lock : Event)({ buffer: new SharedArrayBuffer(Condition.byteLength) });
      const { buffer } = other.handle;
      throws(() => make({ buffer }), {
        name: "MismatchError",
        message: new RegExp(`found ${other.constructor.name} at`),
      });
      throws(() => from({ ...other.handle, kind: name }), MismatchError);
      throws(() => from(other.handle), MismatchError);
      new Int32Array(buffer)[0] = 42;
      throws(() => make({ buffer }), { name: "MismatchError", message: /found something else at/ });
    });

    it("refuses memory where nothing was made yet, for from()", () => {
      const handle = { kind: name, buffer: new SharedArrayBuffer(byteLength), byteOffset: 0 };
      throws(() => from(handle), MismatchError);
    });

    it("refuses places outside the buffer or between words", () => {
      const buffer = new SharedArrayBuffer(byteLength + 4);
      for (const byteOffset of [-4, 2, 8, 0.5, NaN, Infinity]) {
        throws(() => make({ buffer, byteOffset }), {
          name: "RangeError",
          message: /multiple of 4 with \d+ bytes after it, got/,
        });
      }
      throws(() => make({ buffer: new SharedArrayBuffer(0) }), RangeError);
      throws(() => make({ buffer, byteOffset: "4" as unknown as number }), TypeError);
      throws(() => make({ buffer: new ArrayBuffer(byteLength) as unknown as SharedArrayBuffer }), TypeError);
    });

    it("refuses names and segments", () => {
      for (const options of [{ name: "jobs" }, { segment: "default" }]) {
        throws(() => make(options as unknown as PlaceOptions), { name: "TypeError", message: /only a handle/ });
      }
    });
  });
}

describe("parameters at a place", () => {
  it("must be those that it was made with", () => {
    const make = {
      Semaphore: (value: number, options: PlaceOptions) => new Semaphore(value, options),
      BoundedSemaphore: (value: number, options: PlaceOptions) => new BoundedSemaphore(value, options),
      Barrier: (value: number, options: PlaceOptions) => new Barrier(value, options),
    };
    for (const [name, create] of Object.entries(make)) {
      const buffer = new SharedArrayBuffer(PLACED[name]!.byteLength);
      create(3, { buffer });
      throws(() => create(4, { buffer }), { name: "MismatchError", message: /made with 3, not 4/ });
      create(3, { buffer });
    }
  });

  it("come with the handle", () => {
    equal(Barrier.from(new Barrier(7).handle).parties, 7);
    const semaphore = BoundedSemaphore.from(new BoundedSemaphore(2).handle);
    throws(() => semaphore.release(), /its bound of 2/);
  });

  it("keep what has happened since", () => {
    const semaphore = new Semaphore(3);
    semaphore.acquireSync();
    equal(Semaphore.from(semaphore.handle).value, 2);
  });
});
