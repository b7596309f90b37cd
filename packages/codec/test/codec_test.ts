import { deepEqual, equal, notEqual, ok, throws } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { Codec } from "@lockstep/codec";
import { assertSame } from "./sameness.ts";
import { MORE_SAMPLES, SAMPLES } from "./samples.ts";

const codec = new Codec();

function clone(value: unknown): unknown {
  return codec.decode(codec.encode(value));
}

function nested(depth: number, wrap: (value: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = wrap(value);
  return value;
}

describe("Codec makes what structuredClone makes", () => {
  for (const [name, make] of Object.entries(SAMPLES)) {
    it(`of ${name}`, () => {
      const value = make();
      assertSame(clone(value), structuredClone(value));
    });
  }

  for (const [name, make] of Object.entries(MORE_SAMPLES)) {
    it(`as newer runtimes do, of ${name}`, () => {
      const value = make();
      assertSame(clone(value), value);
    });
  }

  it("of a Buffer, with all of the memory it is in", () => {
    const buffer = Buffer.from("some bytes");
    assertSame(clone(buffer), structuredClone(buffer));
    equal(Object.getPrototypeOf(clone(buffer)), Uint8Array.prototype);
  });

  it("of objects that have got another prototype", () => {
    for (const value of [new Map([[1, 2]]), new Set([1]), new Date(5), /x/g, Object(5)]) {
      Object.setPrototypeOf(value, Object.prototype);
      assertSame(clone(value), structuredClone(value));
      assertSame(clone(Object.setPrototypeOf(value, null)), structuredClone(value));
    }
  });

  it("of subclasses that lie about themselves", () => {
    class Liar extends Map<unknown, unknown> {
      override get size(): number {
        return 100;
      }
      override forEach(): void {}
      override [Symbol.iterator](): MapIterator<[unknown, unknown]> {
        throw new Error("it did");
      }
    }
    class Longer extends Uint8Array {
      override get length(): number {
        return 1000;
      }
    }
    for (const value of [new Liar([[1, 2]]), new Longer(4)]) assertSame(clone(value), structuredClone(value));
  });

  it("of a class with the tag of another", () => {
    class Tagged {
      readonly [Symbol.toStringTag] = "WeakMap";
      x = 1;
    }
    Object.defineProperty(Tagged.prototype, Symbol.toStringTag, { value: "Promise" });
    assertSame(clone(new Tagged()), structuredClone(new Tagged()));
  });
});

describe("Codec runs getters", () => {
  it("that take away what follows", () => {
    const make = (): Record<string, unknown> => ({
      get first() {
        delete this["second"];
        return 1;
      },
      second: 2,
      third: 3,
    });
    assertSame(clone(make()), structuredClone(make()));
  });

  it("that add something", () => {
    const make = (): Record<string, unknown> => ({
      get first() {
        this["second"] = 2;
        return 1;
      },
    });
    assertSame(clone(make()), structuredClone(make()));
  });

  it("that shorten their array", () => {
    const make = (): unknown[] => {
      const array = [0, 1, 2, 3];
      const get = (): number => (array.length = 2, 9);
      return Object.defineProperty(array, 0, { get, enumerable: true });
    };
    assertSame(clone(make()), structuredClone(make()));
  });

  it("that change their Map and Set", () => {
    const make = (): unknown[] => {
      const map = new Map<unknown, unknown>();
      const set = new Set<unknown>();
      const trap = {
        get value() {
          map.clear();
          set.clear();
          return 1;
        },
      };
      map.set(1, trap).set(2, 3);
      set.add(map).add(2);
      return [set, map];
    };
    assertSame(clone(make()), structuredClone(make()));
  });

  it("and lets through what they throw", () => {
    const reason = new Error("from inside");
    const value = {
      get broken(): never {
        throw reason;
      },
    };
    throws(() => clone([value]), (error) => error === reason);
    assertSame(clone([1]), [1]);
  });

  it("that use the same codec", () => {
    const value = {
      before: "b".repeat(100),
      get inner() {
        return codec.encode({ inner: ["i".repeat(2000), this.before] }).slice();
      },
      after: "a".repeat(3000),
    };
    const outer = clone(value) as { inner: Uint8Array; before: string; after: string };
    equal(outer.before + outer.after, value.before + value.after);
    deepEqual(codec.decode(outer.inner), { inner: ["i".repeat(2000), value.before] });
  });
});

describe("Codec.encode()", () => {
  it("gives a view that holds until the next call", () => {
    const first = codec.encode("one");
    const kept = first.slice();
    equal(codec.decode(first), "one");
    const second = codec.encode("two");
    equal(second.buffer, first.buffer);
    equal(codec.decode(kept), "one");
    equal(codec.decode(second), "two");
  });

  it("takes values of every size, one after the other", () => {
    for (const size of [0, 10, 500, 1000, 5000, 3_000_000, 5, 100_000, 1]) {
      const value = ["x".repeat(size), new Uint8Array(size), "€".repeat(size)];
      ok(isDeepStrictEqual(clone(value), value), `${size}`); // to show how megabytes differ would take minutes
    }
  });

  it("takes 1000 levels of anything, and no more", () => {
    const wraps: ((value: unknown) => unknown)[] = [
      (value) => ({ value }),
      (value) => [value],
      (value) => Object.assign([], { value }),
      (value) => Object.assign(new Array(1), { value }),
      (value) => new Map([[1, value]]),
      (value) => new Map([[value, 1]]),
      (value) => new Set([value]),
      (value) => Object.defineProperty(new Error("e", { cause: value }), "stack", { value: "" }),
    ];
    for (const wrap of wraps) {
      const bytes = codec.encode(nested(1000, wrap)).slice();
      deepEqual(codec.encode(codec.decode(bytes)), bytes);
      throws(() => codec.encode(nested(1001, wrap)), { name: "RangeError", message: /1000 levels deep/ });
    }
  });
});

describe("Codec.decode()", () => {
  it("copies what it gives back", () => {
    const value = { text: "text", long: "l".repeat(100), wide: "€".repeat(50), bytes: Uint8Array.of(1, 2, 3) };
    const memory = new Uint8Array(1000);
    const encoded = codec.encode(value);
    memory.set(encoded, 100);
    const bytes = memory.subarray(100, 100 + encoded.length);
    const decoded = codec.decode(bytes) as typeof value;
    memory.fill(0xff);
    assertSame(decoded, value);
    notEqual(decoded.bytes.buffer, memory.buffer);
  });

  it("reads shared memory and Buffers", () => {
    const encoded = codec.encode(SAMPLES["object"]!());
    const shared = new Uint8Array(new SharedArrayBuffer(encoded.length));
    shared.set(encoded);
    deepEqual(codec.decode(shared), SAMPLES["object"]!());
    deepEqual(codec.decode(Buffer.from(encoded)), SAMPLES["object"]!());
  });

  it("reads keys that share a place among the known ones", () => {
    for (let round = 0; round < 2; round++) {
      for (const middle of "abcdefghijklmnopqrstuvwxyz") {
        for (const second of "abc") {
          const value = { [`k${second}${middle}${second}k`]: middle };
          deepEqual(clone(value), value);
        }
      }
    }
  });

  it("sets no property where Object.prototype forbids it or listens", () => {
    const heard: unknown[] = [];
    Object.defineProperty(Object.prototype, "listening", { set: (value) => heard.push(value), configurable: true });
    try {
      const decoded = clone(Object.defineProperty({}, "listening", { value: 1, enumerable: true }));
      equal(Object.getOwnPropertyDescriptor(decoded, "listening")?.value, 1);
      equal(heard.length, 0);
    } finally {
      delete (Object.prototype as { listening?: unknown }).listening;
    }
  });

  it("refuses what is no Uint8Array", () => {
    for (const wrong of [undefined, "text", [1], new ArrayBuffer(4), new Uint16Array(4)]) {
      throws(() => codec.decode(wrong as never), { name: "TypeError", message: /must be a Uint8Array, got / });
    }
    ok(clone("still works"));
  });
});
