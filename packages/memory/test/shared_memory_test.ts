import { deepEqual, equal, notEqual, ok, throws } from "node:assert/strict";
import { describe } from "node:test";
import { InvalidStateError, MismatchError, SegmentFullError } from "@lockstep/contract";
import { SharedArray, SharedMemory } from "@lockstep/memory";
import { Lock } from "@lockstep/sync";
import { it } from "@lockstep/testing";
import { ownSegment } from "./place.ts";

const segment = ownSegment("memory");

describe("SharedMemory", () => {
  it("has as many bytes as asked for, all zero", () => {
    for (const byteLength of [1, 7, 512, 4097, 3_000_000]) {
      const memory = new SharedMemory(byteLength, { segment });
      equal(memory.byteLength, byteLength);
      equal(memory.buffer.byteLength, byteLength);
      ok(new Uint8Array(memory.buffer).every((byte) => byte === 0));
      new Uint8Array(memory.buffer).fill(255);
      memory[Symbol.dispose]();
    }
  });

  it("shows the same bytes to all who open it by name or by handle", () => {
    const first = new SharedMemory(512, { name: "bytes", segment });
    new Uint8Array(first.buffer)[511] = 42;
    const second = new SharedMemory(512, { name: "bytes", segment });
    const third = SharedMemory.from(first.handle);
    equal(second.buffer, first.buffer, "one ArrayBuffer for all of a thread");
    equal(third.buffer, first.buffer);
    equal(new Uint8Array(third.buffer)[511], 42);
    equal(third.byteLength, 512);
    equal(first.destroy(), true);
    equal(second.destroy(), false);
  });

  it("goes on showing its bytes after it was disposed, destroyed, and made anew", () => {
    const memory = new SharedMemory(5000, { name: "kept", segment });
    const bytes = new Uint8Array(memory.buffer).fill(1);
    const { handle } = memory;
    memory.destroy();
    memory[Symbol.dispose]();
    const others = Array.from({ length: 20 }, () => new SharedMemory(5000, { segment }));
    for (const other of others) new Uint8Array(other.buffer).fill(2);
    const next = new SharedMemory(5000, { name: "kept", segment });
    new Uint8Array(next.buffer).fill(3);
    ok(bytes.every((byte) => byte === 1));
    equal(SharedMemory.from(handle).buffer, bytes.buffer, "still the same while somebody has it");
    notEqual(next.buffer, bytes.buffer);
    for (const other of [next, ...others]) other[Symbol.dispose]();
  });

  it("gives a buffer again when a program has given the one it had away", () => {
    const memory = new SharedMemory(100, { segment });
    const { buffer } = memory;
    new Uint8Array(buffer)[0] = 7;
    try {
      structuredClone(buffer, { transfer: [buffer] }); // copies, moves or fails, as the runtime will
    } catch (error) {
      equal((error as Error).name, "DataCloneError");
    }
    equal(memory.buffer.byteLength, 100);
    equal(new Uint8Array(memory.buffer)[0], 7);
  });

  it("throws InvalidStateError after it was disposed", () => {
    const memory = new SharedMemory(10, { segment });
    memory[Symbol.dispose]();
    memory[Symbol.dispose]();
    throws(() => memory.buffer, InvalidStateError);
    throws(() => memory.byteLength, InvalidStateError);
    throws(() => memory.handle, InvalidStateError);
    equal(String(memory), "SharedMemory(disposed)");
  });

  it("throws where its handle leads to nothing any more", () => {
    const memory = new SharedMemory(10, { segment });
    const { handle } = memory;
    memory[Symbol.dispose]();
    throws(() => SharedMemory.from(handle), InvalidStateError);
    throws(() => SharedMemory.from(new Lock({ segment }).handle), MismatchError);
    throws(() => SharedMemory.from("ls1:memory:nonsense"), RangeError);
  });

  it("throws for lengths that are none, and says which", () => {
    for (const wrong of [0, -1, -2, 1.5, NaN, Infinity, 2 ** 32, 2 ** 53]) {
      throws(() => new SharedMemory(wrong, { segment }), {
        name: "RangeError",
        message: `Cannot open SharedMemory: byteLength must be an integer from 1 to 4294901760, got ${wrong}`,
      });
    }
    for (const wrong of [undefined, null, "10", 10n, {}]) {
      throws(() => new SharedMemory(wrong as unknown as number, { segment }), TypeError);
    }
    throws(() => new SharedMemory(10, { name: "with \0", segment }), RangeError);
  });

  it("throws MismatchError for a name of something else, and says what", () => {
    const made = [new SharedMemory(40, { name: "one", segment }), new SharedArray("i32", 10, { name: "two", segment })];
    throws(() => new SharedMemory(41, { name: "one", segment }), {
      name: "MismatchError",
      message: 'Cannot open SharedMemory "one": it exists as SharedMemory(40), asked for SharedMemory(41)',
    });
    throws(() => new SharedMemory(40, { name: "two", segment }), {
      message: 'Cannot open SharedMemory "two": it exists as SharedArray("i32", 10), asked for SharedMemory(40)',
    });
    throws(() => new Lock({ name: "one", segment }), MismatchError);
    equal(made.length, 2);
  });

  it("throws SegmentFullError, says how much there is and where to get more, and changes nothing", () => {
    const small = ownSegment("small", { capacity: 2 ** 21 });
    const kept = new SharedMemory(1000, { name: "kept", segment: small });
    const { used, objects } = small.stats();
    throws(() => new SharedMemory(3_000_000, { name: "large", segment: small }), (error: Error) => {
      ok(error instanceof SegmentFullError);
      const expected =
        /asked for 3000000 bytes; segment ".*" has \d+ of its 2097152 bytes free.*larger capacity.*shm-size/;
      ok(expected.test(error.message), error.message);
      return true;
    });
    deepEqual([small.stats().used, small.stats().objects], [used, objects]);
    const many: SharedMemory[] = [];
    throws(() => {
      for (;;) many.push(new SharedMemory(50_000, { segment: small }));
    }, SegmentFullError);
    ok(many.length >= 20, `${many.length} fit`);
    for (const memory of many) memory[Symbol.dispose]();
    equal(small.stats().used, used);
    kept[Symbol.dispose]();
  });

  it("may have gigabytes", () => {
    const large = ownSegment("large", { capacity: 2 ** 32 - 2 ** 16 });
    let memory: SharedMemory;
    try {
      memory = new SharedMemory(600 * 2 ** 20, { segment: large });
    } catch (error) {
      ok(error instanceof SegmentFullError); // this machine has not that much
      return;
    }
    const bytes = new Uint8Array(memory.buffer);
    bytes[bytes.length - 1] = 9;
    equal(new Uint8Array(SharedMemory.from(memory.handle).buffer)[bytes.length - 1], 9);
    memory[Symbol.dispose]();
    large.unlink();
  });
});
