import { deepEqual } from "node:assert/strict";
import { describe, it } from "node:test";
import { Codec } from "@lockstep/codec";
import fc from "fast-check";
import { assertSame } from "./sameness.ts";

const codec = new Codec();

function clone(value: unknown): unknown {
  return codec.decode(codec.encode(value));
}

const unit = fc.constantFrom("a", "B", "0", "é", "ÿ", "Ā", "中", "\ud83d", "\ude00", "\0", "_");
const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit, maxLength: 200 }));
const key = fc.oneof(
  text,
  fc.constantFrom("__proto__", "constructor", "toString", "length", "0", "1", "-1", "4294967295"),
);
const number = fc.oneof(fc.integer(), fc.double(), fc.integer({ min: -200, max: 200 }), fc.constantFrom(-0, 2 ** 53));
const bigint = fc.oneof(fc.bigInt(), fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }), fc.bigInt({ max: 2n ** 500n }));
const leaf = fc.oneof(
  number,
  text,
  bigint,
  fc.boolean(),
  fc.constantFrom(undefined, null),
  fc.date({ noInvalidDate: false }),
  fc.oneof(number, text, bigint, fc.boolean()).map(Object),
  fc.uint8Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
);

/** A node of a graph: what it is, and what it holds, which is a leaf or, by its number, a node. */
type Node = {
  kind: "object" | "array" | "sparse" | "map" | "set";
  held: [key: string, what: unknown, number: number][];
};

const held = fc.tuple(key, leaf, fc.integer({ min: -10, max: 9 }));
const node: fc.Arbitrary<Node> = fc.record({
  kind: fc.constantFrom("object", "array", "sparse", "map", "set"),
  held: fc.array(held, { maxLength: 6 }),
});

function setOwn(object: object, name: string, value: unknown): void {
  if (name === "length" && Array.isArray(object)) return;
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

const FILL: Record<Node["kind"], (made: never, entry: { name: string; value: unknown }) => void> = {
  object: (made: object, { name, value }) => setOwn(made, name, value),
  array: (made: unknown[], { value }) => void made.push(value),
  sparse: (made: unknown[], { name, value }) => setOwn(made, name, value),
  map: (made: Map<unknown, unknown>, { name, value }) =>
    void (name.length % 2 ? made.set(name, value) : made.set(value, name)),
  set: (made: Set<unknown>, { value }) => void made.add(value),
};
const MAKE: Record<Node["kind"], () => object> = {
  object: () => ({}),
  array: () => [],
  sparse: () => new Array(3),
  map: () => new Map(),
  set: () => new Set(),
};

/** Objects that hold each other in any way, so that there are repetitions and cycles. */
const graph = fc.array(node, { minLength: 1, maxLength: 10 }).map((nodes) => {
  const made = nodes.map(({ kind }) => MAKE[kind]());
  for (const [index, { kind, held }] of nodes.entries()) {
    for (const [name, what, number] of held) {
      FILL[kind](made[index] as never, { name, value: number < 0 ? what : made[number % made.length] });
    }
  }
  return made[0];
});

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withObjectString: true,
  withSparseArray: true,
  withTypedArray: true,
  stringUnit: "binary",
});

describe("Codec makes what structuredClone makes", () => {
  it("of leaves", () => fc.assert(fc.property(leaf, (value) => assertSame(clone(value), structuredClone(value)))));

  it("of trees", () => {
    fc.assert(fc.property(anything, (value) => assertSame(clone(value), structuredClone(value))), { numRuns: 500 });
  });

  it("of graphs with cycles", () => {
    fc.assert(fc.property(graph, (value) => assertSame(clone(value), structuredClone(value))), { numRuns: 500 });
  });

  it("of views that overlap", () => {
    const place = fc.tuple(fc.constantFrom(Uint8Array, Int16Array, Float32Array, BigInt64Array), fc.nat(7), fc.nat(7));
    fc.assert(fc.property(fc.uint8Array({ minLength: 120, maxLength: 120 }), fc.array(place), (bytes, places) => {
      const views = places.map(([View, start, length]) =>
        new View(bytes.buffer, start * View.BYTES_PER_ELEMENT, length)
      );
      assertSame(clone(views), structuredClone(views));
    }));
  });
});

describe("Codec.encode()", () => {
  it("gives equal bytes for what decode() made of them", () => {
    fc.assert(fc.property(graph, (value) => {
      const bytes = codec.encode(value).slice();
      deepEqual(codec.encode(codec.decode(bytes)), bytes);
    }));
  });
});
