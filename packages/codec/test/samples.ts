// Values of every kind that a codec takes, each made anew by its function.
const globals = globalThis as unknown as Record<string, unknown>;

const SETS = "[\\p{L}--[a-z]]";

function failed(error: Error, stack: string): Error {
  error.stack = stack;
  return error;
}

class Point {
  x = 1;
  y = -2;
  get sum(): number {
    return this.x + this.y;
  }
}

class Renamed extends RangeError {
  override name = "Renamed";
  code = 5;
}

function cyclic(): unknown {
  const root: Record<string, unknown> = { name: "root" };
  const map = new Map<unknown, unknown>([[root, "key"]]);
  const set = new Set<unknown>([map]);
  root["self"] = root;
  root["inside"] = [root, map, set, set];
  map.set("itself", map);
  set.add(set);
  return root;
}

function sharedPieces(): unknown {
  const date = new Date(5);
  const expression = /a/g;
  const boxed = Object(5);
  const buffer = new ArrayBuffer(2);
  return [date, expression, boxed, buffer, { date, expression, boxed, buffer }];
}

function views(): unknown {
  const { buffer } = Uint8Array.from({ length: 32 }, (_, index) => index);
  return [
    new Uint8Array(buffer, 3, 5),
    new DataView(buffer, 1, 7),
    new Uint16Array(buffer, 2, 4),
    buffer,
    new Float64Array(buffer, 8, 2),
    new Int8Array(buffer, 32, 0),
  ];
}

function withOwnProto(): unknown {
  const object = { before: 1 };
  Object.defineProperty(object, "__proto__", { value: { polluted: true }, enumerable: true });
  return object;
}

export const SAMPLES: Record<string, () => unknown> = {
  undefined: () => undefined,
  null: () => null,
  false: () => false,
  true: () => true,
  zero: () => 0,
  minusZero: () => -0,
  smallIntegers: () => [1, 127, 128, -1, -64, -65],
  integers: () => [2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53)],
  doubles: () => [0.5, -1e300, 5e-324, NaN, Infinity, -Infinity],
  bigints: () => [0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n)],
  bigBigints: () => [2n ** 63n, -(2n ** 63n) - 1n, 2n ** 200n, -(3n ** 99n)],
  emptyString: () => "",
  string: () => "hello",
  latin1: () => "à la façon ÿ\x00\x7f\x80",
  string63: () => "s".repeat(63),
  string64: () => "s".repeat(64),
  latin1Of200: () => "é".repeat(200),
  wide: () => ["中文", "Ā", "🙂", "a".repeat(100) + "€"],
  loneSurrogates: () => ["\ud800", "a\udc00b", "\udfff\ud800", "x".repeat(80) + "\ud83d"],
  boxed: () => [Object(1), Object(-0), Object("text"), Object(true), Object(false), Object(5n)],
  dates: () => [new Date(0), new Date(1700000000123), new Date(-1), new Date(NaN)],
  expressions: () => [/a/, /[^/]+\/(?<name>x)/dgimsuy, new RegExp(""), new RegExp(SETS, "v")],
  emptyObject: () => ({}),
  object: () => ({ id: 17, name: "Ada", active: true, address: { city: "London", zip: "N1" } }),
  keyOrder: () => ({ b: 1, a: 2, 1: 3, 0: 4, "-1": 5, "": 6 }),
  longKeys: () => ({
    ["k".repeat(253)]: 1,
    ["k".repeat(254)]: 2,
    ["k".repeat(300)]: 3,
    "clé": 4,
    "鍵": 5,
    "\ud800": 6,
  }),
  inheritedNames: () => ({ toString: 1, constructor: 2, valueOf: 3, hasOwnProperty: 4, __defineGetter__: 5 }),
  ownProto: withOwnProto,
  nullPrototype: () => Object.assign(Object.create(null), { a: 1 }),
  instance: () => new Point(),
  indexed: () => ({ 0: "zero", 1: "one" }),
  symbolKey: () => ({ [Symbol("hidden")]: 1, seen: 2 }),
  notEnumerable: () => Object.defineProperty({ seen: 1 }, "hidden", { value: 2 }),
  undefinedProperty: () => ({ a: undefined }),
  emptyArray: () => [],
  nestedArrays: () => [[], [[]], [[[1]]]],
  // deno-lint-ignore no-sparse-arrays
  holes: () => [1, , 3, ,],
  onlyHoles: () => new Array(5),
  longSparse: () => Object.assign([], { 0: "first", 4_000_000_000: "last" }),
  arrayExtras: () => Object.assign([1, 2], { extra: "x", "-1": 3, push: 4, __proto__x: 5 }),
  sparseExtras: () => Object.assign(new Array(3), { 1: "one", extra: "x" }),
  emptyWithExtras: () => Object.assign([], { extra: 1 }),
  subclassed: () => new (class Numbers extends Array<number> {})(1, 2, 3),
  map: () => new Map<unknown, unknown>([["a", 1], [{}, [2]], [NaN, -0], [undefined, null]]),
  set: () => new Set<unknown>(["a", 1, {}, NaN, undefined]),
  emptyCollections: () => [new Map(), new Set()],
  error: () => failed(new TypeError("wrong", { cause: { code: 5 } }), "TypeError: wrong\n    at nowhere"),
  errors: () =>
    [EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError].map((E) => failed(new E(), "")),
  causeUndefined: () => failed(new Error("m", { cause: undefined }), "s"),
  customError: () => failed(new Renamed("m"), "Renamed: m"),
  aggregate: () => failed(new AggregateError([1, 2], "several"), "AggregateError: several"),
  oddError: () => Object.assign(failed(new Error(), "s"), { message: { toString: () => "odd" }, name: "SyntaxError" }),
  noStack: () => Object.defineProperty(new Error("m"), "stack", { value: 5 }),
  buffers: () => [new ArrayBuffer(0), Uint8Array.of(1, 2, 3).buffer],
  views,
  viewKinds: () =>
    [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array].map((A) => A.of(1, 2)),
  floatKinds: () => [Float32Array.of(0.5), Float64Array.of(0.5), BigInt64Array.of(-1n), BigUint64Array.of(1n)],
  repeats: () => {
    const one = { n: 1 };
    return [one, { one }, one, [one]];
  },
  manyRepeats: () => {
    const many = Array.from({ length: 30 }, (_, n) => ({ n }));
    return [many, many.toReversed(), many];
  },
  sharedPieces,
  cyclic,
};

if (globals["Float16Array"] !== undefined) {
  const { from } = globals["Float16Array"] as { from(values: number[]): ArrayBufferView };
  SAMPLES["float16"] = () => from.call(globals["Float16Array"], [0.5, -2]);
}

/** What Node 20 clones wrongly or not at all. */
export const MORE_SAMPLES: Record<string, () => unknown> = {
  domException: () => failed(new DOMException("stopped", "AbortError"), "AbortError: stopped"),
  ownCause: () => {
    const error = failed(new Error("loop"), "s");
    return Object.defineProperty(error, "cause", { value: { error } });
  },
};
