// Values and keys of every kind, each made anew by its function.

class Point {
  x = 1;
  y = -2;
  get sum(): number {
    return this.x + this.y;
  }
}

function cyclic(): unknown {
  const root: Record<string, unknown> = { name: "root" };
  root["self"] = root;
  root["inside"] = [root, new Map([[root, root]])];
  return root;
}

export const VALUES: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  false: () => false,
  true: () => true,
  zero: () => 0,
  "minus zero": () => -0,
  NaN: () => NaN,
  "minus one, which is a status too": () => -1,
  "minus infinity": () => -Infinity,
  double: () => 5e-324,
  "empty string": () => "",
  latin1: () => "à la façon ÿ\x00\x7f\x80",
  "two-byte string": () => "中文 and Ā",
  "surrogate pair": () => "🙂",
  "lone surrogates": () => "\udfff and \ud800",
  "string of 1 MiB": () => "é".repeat(2 ** 20),
  "two-byte string of 1 MiB": () => "中".repeat(2 ** 19),
  bigint: () => 2n ** 63n - 1n,
  "large negative bigint": () => -(3n ** 999n),
  "no bytes": () => new Uint8Array(),
  bytes: () => Uint8Array.from({ length: 300 }, (_, index) => index),
  "bytes of 1 MiB": () => new Uint8Array(2 ** 20).fill(7),
  "part of a buffer": () => new Uint8Array(new Uint8Array([1, 2, 3, 4, 5]).buffer.slice(1, 4)),
  object: () => ({ id: 17, deep: { er: [1, , 3] }, nothing: undefined }), // deno-lint-ignore-line no-sparse-arrays
  array: () => [1, "two", [3n], null],
  map: () => new Map<unknown, unknown>([["a", 1], [{}, new Set([1, "1"])]]),
  date: () => new Date(1e12),
  expression: () => /a+/gi,
  error: () => new RangeError("too far", { cause: "elsewhere" }),
  "typed array": () => new Float32Array([0.5, -0]),
  "array buffer": () => new Uint8Array([9, 8]).buffer,
  "class instance": () => new Point(),
  cycle: cyclic,
  "200 kB of structure": () => Array.from({ length: 5000 }, (_, id) => ({ id, text: `the number ${id}` })),
};

export const KEYS: readonly (string | number | bigint | boolean)[] = [
  1,
  "1",
  1n,
  true,
  false,
  "true",
  NaN,
  "NaN",
  0,
  "",
  0n,
  -1,
  -1n,
  1.5,
  Infinity,
  -Infinity,
  2 ** 53,
  5e-324,
  "\ud800",
  "\udc00",
  "é",
  "e\u0301",
  "中文",
  "\x00",
  "\x00\x00",
  "__proto__",
  "toString",
  "a".repeat(65_535),
  "é".repeat(65_535),
  "中".repeat(32_767),
  2n ** 64n,
  -(2n ** 64n),
  2n ** 2047n + 1n,
  -(2n ** 2047n + 1n),
];

/** Has more than 65,535 bytes, or more than a bigint may have as a key. */
export const LONG_KEYS: readonly (string | bigint)[] = [
  "a".repeat(65_536),
  "中".repeat(32_768),
  2n ** 2048n,
  -(2n ** 2048n),
];

/** What is no key, whatever its type says. */
export const NO_KEYS: readonly string[] = [undefined, null, {}, ["a"], Symbol("a"), () => "a"] as unknown as string[];
