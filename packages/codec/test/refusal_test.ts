import { deepEqual, equal, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { Codec } from "@lockstep/codec";

const codec = new Codec();

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

function viewOf(buffer: ArrayBuffer, make: (buffer: ArrayBuffer) => ArrayBufferView): ArrayBufferView {
  const view = make(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  return view;
}

function outside(make: (buffer: ArrayBuffer) => ArrayBufferView): ArrayBufferView {
  const buffer = Reflect.construct(ArrayBuffer, [8, { maxByteLength: 8 }]) as ArrayBuffer & {
    resize(to: number): void;
  };
  const view = make(buffer);
  buffer.resize(2);
  return view;
}

function wasmMemory(): unknown {
  const { WebAssembly } = globalThis as unknown as {
    WebAssembly: { Memory: new (size: { initial: number }) => object };
  };
  return new WebAssembly.Memory({ initial: 1 });
}

function* generate(): Generator<number> {
  yield 1;
}

function argumentsOf(..._: unknown[]): unknown {
  return arguments;
}

/** What cannot be copied, and how the message calls it. */
const REFUSED: Record<string, [unknown, string]> = {
  function: [() => 1, "a function"],
  class: [class Some {}, "a function"],
  symbol: [Symbol("mark"), "the symbol Symbol(mark)"],
  boxedSymbol: [Object(Symbol("mark")), "an object of class Symbol"],
  proxy: [new Proxy({ a: 1 }, {}), "a Proxy"],
  proxyOfArray: [new Proxy([1], {}), "a Proxy"],
  promise: [Promise.resolve(1), "an object of class Promise"],
  weakMap: [new WeakMap(), "an object of class WeakMap"],
  weakSet: [new WeakSet(), "an object of class WeakSet"],
  weakRef: [new WeakRef({}), "an object of class WeakRef"],
  finalization: [new FinalizationRegistry(() => {}), "an object of class FinalizationRegistry"],
  generator: [generate(), "an object of class Generator"],
  arrayIterator: [[1].values(), "an object of class Array Iterator"],
  mapIterator: [new Map().keys(), "an object of class Map Iterator"],
  arguments: [argumentsOf(1, 2), "an object of class Arguments"],
  noArguments: [argumentsOf(), "an object of class Arguments"],
  format: [new Intl.NumberFormat("en"), "an object of class Intl.NumberFormat"],
  wasm: [wasmMemory(), "an object of class WebAssembly.Memory"],
  detached: [detached(), "a detached ArrayBuffer"],
  detachedView: [viewOf(new ArrayBuffer(8), (buffer) => new Uint8Array(buffer, 4)), "a detached ArrayBuffer"],
  detachedDataView: [viewOf(new ArrayBuffer(8), (buffer) => new DataView(buffer, 4)), "a detached ArrayBuffer"],
  outsideView: [outside((buffer) => new Uint8Array(buffer, 4, 4)), "a Uint8Array outside its resized ArrayBuffer"],
  outsideDataView: [outside((buffer) => new DataView(buffer, 4, 4)), "a DataView outside its resized ArrayBuffer"],
};

/** What structuredClone takes in some runtime, shares, or refuses with another error. */
const REFUSED_HERE: Record<string, [unknown, string]> = {
  revokedProxy: [revoked(), "a Proxy"],
  sharedBuffer: [new SharedArrayBuffer(8), "a SharedArrayBuffer"],
  sharedView: [new Uint8Array(new SharedArrayBuffer(8)), "a SharedArrayBuffer"],
  blob: [new Blob(["text"]), "an object of class Blob"],
  url: [new URL("http://host/"), "an object of class URL"],
  signal: [new AbortController().signal, "an object of class AbortSignal"],
};

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function refusal(path: string, what: string): { name: string; message: string } {
  return { name: "DataCloneError", message: `Cannot encode ${path}: ${what} cannot be copied to another process` };
}

describe("Codec.encode() refuses", () => {
  for (const [name, [value, what]] of Object.entries({ ...REFUSED, ...REFUSED_HERE })) {
    it(`${name}`, () => {
      throws(() => codec.encode(value), (error) => error instanceof DOMException && error.code === 25);
      throws(() => codec.encode(value), refusal("$", what));
      throws(() => codec.encode({ a: [1, { value }] }), refusal("$.a[1].value", what));
    });
  }

  for (const [name, [value]] of Object.entries(REFUSED)) {
    it(`${name}, as structuredClone does`, () => throws(() => structuredClone(value), { name: "DataCloneError" }));
  }

  it("a namespace of a module", async () => {
    const namespace = await import("./samples.ts");
    throws(() => codec.encode(namespace), refusal("$", "an object of class Module"));
  });
});

describe("A refusal says where it is", () => {
  const wrong = (): void => {};
  const PLACES: Record<string, unknown> = {
    "$.a[3].b": { z: 1, a: [0, {}, [1, 2], { c: [[]], b: wrong }] },
    "$[2]": [1, new Date(), wrong],
    "$[2] ": Object.assign(new Array(5), { 1: 1, 2: wrong }),
    "$.extra": Object.assign([1], { extra: wrong }),
    '$["a b"].ключ': { "a b": { ключ: wrong } },
    '$[""]["01"][7]': { "": { "01": { 7: wrong } } },
    "$.keys()[0]": new Map([[wrong, 1]]),
    "$.values()[1]": new Map<unknown, unknown>([[1, 2], [3, wrong]]),
    "$.m.keys()[1].x": { m: new Map([[{}, 1], [{ x: wrong }, 2]]) },
    "$.values()[2]": new Set([1, 2, wrong]),
    "$.cause.cause": new Error("outer", { cause: new TypeError("inner", { cause: wrong }) }),
  };
  for (const [path, value] of Object.entries(PLACES)) {
    it(path, () => throws(() => codec.encode(value), refusal(path.trim(), "a function")));
  }

  it("and leaves nothing behind", () => {
    const shared = { n: 1 };
    throws(() => codec.encode([shared, shared, wrong]));
    deepEqual(codec.decode(codec.encode([shared, 1])), [{ n: 1 }, 1]);
  });
});

describe("Codec.encode() runs no traps", () => {
  it("of a Proxy", () => {
    let trapped = 0;
    const handler = new Proxy({}, { get: () => (trapped++, undefined) });
    throws(() => codec.encode([new Proxy({}, handler)]), { name: "DataCloneError" });
    equal(trapped, 0);
  });

  it("of a Proxy among the prototypes", () => {
    let trapped = 0;
    const handler = new Proxy({}, { get: () => (trapped++, undefined) });
    const value = Object.assign(Object.create(new Proxy({}, handler)), { a: 1 });
    trapped = 0;
    deepEqual(codec.decode(codec.encode(value)), { a: 1 });
    equal(trapped, 0);
  });
});
