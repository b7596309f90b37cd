import { deepEqual, equal, fail, ok, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { Codec } from "@lockstep/codec";
import { CorruptSegmentError, UnsupportedPlatformError } from "@lockstep/contract";
import { KEY_END, KEY_LONG, MAX_DEPTH, Tag, VERSION } from "#src/format.ts";
import { randomFrom } from "./random.ts";
import { MORE_SAMPLES, SAMPLES } from "./samples.ts";

const codec = new Codec({ handleOf: () => undefined, attach: (handle) => ({ handle }) });
const HUGE = [0xff, 0xff, 0xff, 0xff, 0x0f]; // 2 ** 32 - 1
const BEYOND = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
const text = (
  characters: string,
): number[] => [Tag.TEXT_LATIN1, characters.length, ...Buffer.from(characters, "latin1")];
const key = (characters: string): number[] => [characters.length, ...Buffer.from(characters, "latin1")];
const buffer8 = [Tag.ARRAY_BUFFER, 8, 1, 2, 3, 4, 5, 6, 7, 8];

function decode(...bytes: number[]): unknown {
  return codec.decode(Uint8Array.of(VERSION, ...bytes));
}

/** Everything about the prototypes that a decoder could have touched. */
function surroundings(): unknown {
  const classes = [Object, Array, Map, Set, Date, RegExp, Error, TypeError, Promise, Function, Uint8Array, ArrayBuffer];
  const shared = [globalThis, ...classes.flatMap((one) => [one, one.prototype])];
  return shared.map((object) => Reflect.ownKeys(object).map(String));
}

describe("Codec.decode() takes for corrupt", () => {
  const CORRUPT: Record<string, number[]> = {
    "nothing at all": [],
    "a tag that is none": [0x3f],
    "a hole outside an array": [Tag.HOLE],
    "bytes after the value": [Tag.NULL, Tag.NULL],
    "half a number": [Tag.NUMBER, 1, 2, 3],
    "half a bigint": [Tag.BIGINT_64, 1, 2, 3],
    "an integer of 33 bits": [Tag.INTEGER, 0xff, 0xff, 0xff, 0xff, 0x1f],
    "a count without end": [Tag.TEXT_LATIN1, ...new Array(100).fill(0xff)],
    "a count beyond all integers": [Tag.TEXT_LATIN1, ...BEYOND],
    "a string of 4 GiB": [Tag.TEXT_LATIN1, ...HUGE],
    "a wide string of 4 GiB": [Tag.TEXT_UTF16, ...HUGE],
    "half a wide character": [Tag.TEXT_UTF16, 3, 65, 0, 65],
    "a short string that ends early": [0x45, 65],
    "a bigint of no digits": [Tag.BIGINT, ...text("")],
    "a bigint that is code": [Tag.BIGINT, ...text("process.exit()")],
    "a bigint of two minus signs": [Tag.BIGINT, ...text("--1")],
    "an object without end": [Tag.OBJECT, ...key("a"), Tag.NULL],
    "an object with a key and no value": [Tag.OBJECT, ...key("a"), KEY_END],
    "a long key that is no string": [Tag.OBJECT, KEY_LONG, Tag.NULL],
    "an array of 4 Gi elements": [Tag.ARRAY, ...HUGE],
    "an array longer than any": [Tag.SPARSE_ARRAY, 0x80, 0x80, 0x80, 0x80, 0x10, KEY_END],
    "an array with a length of its own": [Tag.ARRAY, 0, ...key("length"), 0x85, KEY_END],
    "a sparse array with a length of its own": [Tag.SPARSE_ARRAY, 5, ...key("length"), 0x85, KEY_END],
    "a Map of 4 Gi entries": [Tag.MAP, ...HUGE],
    "a Map that ends early": [Tag.MAP, 2, 0x81, 0x81],
    "a Set of 4 Gi items": [Tag.SET, ...HUGE],
    "a buffer of 4 GiB": [Tag.ARRAY_BUFFER, ...HUGE],
    "a regular expression that is none": [Tag.REGEXP, ...text("("), ...text("")],
    "a regular expression with wrong flags": [Tag.REGEXP, ...text("a"), ...text("gg")],
    "an error of another class": [Tag.ERROR, 7, 0],
    "an error whose message is no string": [Tag.ERROR, 0, 1, Tag.NULL],
    "a wrapper of an object": [Tag.BOXED, Tag.OBJECT, KEY_END],
    "a wrapper of null": [Tag.BOXED, Tag.NULL],
    "a view of another class": [Tag.VIEW, 99, ...buffer8, 0, 1],
    "a view of no buffer": [Tag.VIEW, 2, Tag.OBJECT, KEY_END, 0, 1],
    "a view of a view": [Tag.VIEW, 2, Tag.VIEW, 2, ...buffer8, 0, 1, 0, 1],
    "a view longer than its buffer": [Tag.VIEW, 2, ...buffer8, 0, 9],
    "a view behind its buffer": [Tag.VIEW, 2, ...buffer8, 9, 0],
    "a view of 4 Gi elements": [Tag.VIEW, 9, ...buffer8, 0, ...HUGE],
    "a view at an odd place": [Tag.VIEW, 4, ...buffer8, 1, 2],
    "the repetition of nothing": [Tag.REPEAT, 0],
    "the repetition of a later object": [Tag.ARRAY, 2, Tag.REPEAT, 1, Tag.OBJECT, KEY_END, KEY_END],
    "a repetition with a number like no other": [Tag.ARRAY, 1, Tag.REPEAT, ...HUGE, KEY_END],
    "a handle that is no string": [Tag.SHARED, 0x85],
  };
  for (const [name, bytes] of Object.entries(CORRUPT)) {
    it(name, () => throws(() => decode(...bytes), (error) => error instanceof CorruptSegmentError));
  }

  it("more of anything than bytes are left, before it makes room for them", () => {
    for (const tag of [Tag.TEXT_LATIN1, Tag.TEXT_UTF16, Tag.ARRAY, Tag.MAP, Tag.SET, Tag.ARRAY_BUFFER]) {
      const message = /: 4294967295 are announced where 1 bytes are left, at byte 7 of 8$/;
      throws(() => decode(tag, ...HUGE, Tag.NULL), { name: "CorruptSegmentError", message });
    }
  });

  it("no bytes, and other versions", () => {
    throws(() => codec.decode(new Uint8Array(0)), { name: "CorruptSegmentError" });
    for (let version = 0; version < 256; version++) {
      if (version === VERSION) continue;
      const message = new RegExp(`its format has version ${version}, known is ${VERSION}`);
      throws(() => codec.decode(Uint8Array.of(version, Tag.NULL)), { name: "CorruptSegmentError", message });
    }
  });

  it("what is deeper than any value", () => {
    const wraps: Record<string, [before: number[], after: number[]]> = {
      object: [[Tag.OBJECT, ...key("a")], [KEY_END]],
      array: [[Tag.ARRAY, 1], [KEY_END]],
      map: [[Tag.MAP, 1, 0x81], []],
      set: [[Tag.SET, 1], []],
      error: [[Tag.ERROR, 0, 4], []],
      view: [[Tag.VIEW, 2], []],
      boxed: [[Tag.BOXED], []],
    };
    for (const [before, after] of Object.values(wraps)) {
      for (const depth of [MAX_DEPTH + 1, 100_000]) {
        const bytes = [new Array(depth).fill(before), Tag.NULL, new Array(depth).fill(after)].flat(2);
        throws(() => codec.decode(Uint8Array.from([VERSION, ...bytes])), { message: /more than 1000 levels deep/ });
      }
    }
  });
});

describe("Codec.decode() makes nothing of a size that the bytes only claim", () => {
  it("sparse arrays of any length", () => {
    const one = [Tag.SPARSE_ARRAY, 0x80, 0x80, 0x80, 0x0f, KEY_END]; // 30 Mi elements, which V8 would keep as 240 MiB
    const arrays = decode(Tag.ARRAY, 100, ...new Array(100).fill(one).flat(), KEY_END) as unknown[][];
    equal(arrays.length, 100);
    ok(arrays.every((array) => array.length === 15 * 2 ** 21 && Object.keys(array).length === 0));
  });
});

describe("Codec.decode() keeps to itself", () => {
  it("a property __proto__", () => {
    const wicked = [Tag.OBJECT, ...key("polluted"), Tag.TRUE, KEY_END];
    for (const start of [[Tag.OBJECT], [Tag.ARRAY, 0], [Tag.SPARSE_ARRAY, 3]]) {
      for (const name of [key("__proto__"), [KEY_LONG, ...text("__proto__")]]) {
        const decoded = decode(...start, ...name, ...wicked, KEY_END) as { polluted?: boolean };
        equal(decoded.polluted, undefined);
        ok(Object.hasOwn(decoded, "__proto__"));
        deepEqual(Object.getOwnPropertyDescriptor(decoded, "__proto__")?.value, { polluted: true });
      }
    }
    equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  it("a constructor with a prototype", () => {
    const inner = [Tag.OBJECT, ...key("prototype"), Tag.OBJECT, ...key("polluted"), Tag.TRUE, KEY_END, KEY_END];
    deepEqual(decode(Tag.OBJECT, ...key("constructor"), ...inner, KEY_END), {
      constructor: { prototype: { polluted: true } },
    });
    equal(({} as { polluted?: boolean }).polluted, undefined);
  });
});

/** Decodes, and encodes again what came of it. Gives whether anything did. */
function tryDecode(bytes: Uint8Array): boolean {
  try {
    codec.encode(codec.decode(bytes));
    return true;
  } catch (error) {
    if (error instanceof CorruptSegmentError || error instanceof UnsupportedPlatformError) return false;
    throw error;
  }
}

function fuzz(
  rounds: number,
  make: (random: (below: number) => number) => Uint8Array,
): { read: number; corrupt: number } {
  const seed = Date.now() | 0;
  const random = randomFrom(seed);
  const before = surroundings();
  const counts = { read: 0, corrupt: 0 };
  for (let round = 0; round < rounds; round++) {
    const bytes = make(random);
    try {
      counts[tryDecode(bytes) ? "read" : "corrupt"]++;
    } catch (error) {
      fail(`seed ${seed}, round ${round}, bytes ${Buffer.from(bytes).toString("hex")}: ${error}`);
    }
  }
  deepEqual(surroundings(), before, `seed ${seed}`);
  return counts;
}

describe("Codec.decode() gives a value or a CorruptSegmentError", () => {
  const valid = Object.values({ ...SAMPLES, ...MORE_SAMPLES }).map((make) => codec.encode(make()).slice());
  const some = (random: (below: number) => number): Uint8Array => (valid[random(valid.length)] as Uint8Array).slice();

  it("of random bytes", () => {
    const { read, corrupt } = fuzz(10_000, (random) => {
      const bytes = Uint8Array.from({ length: 1 + random(60) }, () => random(256));
      bytes[0] = VERSION;
      return bytes;
    });
    ok(read > 0 && corrupt > 0);
  });

  it("of random tags", () => {
    const { read, corrupt } = fuzz(10_000, (random) => {
      const bytes = Uint8Array.from({ length: 1 + random(40) }, () => random(4) === 0 ? random(256) : random(25));
      bytes[0] = VERSION;
      return bytes;
    });
    ok(read > 0 && corrupt > 0);
  });

  it("of encodings with flipped bits", () => {
    const { read, corrupt } = fuzz(10_000, (random) => {
      const bytes = some(random);
      for (let flips = 1 + random(3); flips > 0; flips--) bytes[random(bytes.length)]! ^= 1 << random(8);
      return bytes;
    });
    ok(read > 0 && corrupt > 0);
  });

  it("of encodings that were cut or run together", () => {
    const { corrupt } = fuzz(5_000, (random) => {
      const [head, tail] = [some(random), some(random)];
      const cut = head.subarray(0, random(head.length));
      return random(2) === 0 ? cut : Uint8Array.from([...cut, ...tail.subarray(random(tail.length))]);
    });
    ok(corrupt > 0);
  });

  it("of every beginning of every encoding", () => {
    for (const bytes of valid) {
      for (let length = 0; length < bytes.length; length++) {
        throws(() => codec.decode(bytes.subarray(0, length)), (error) => error instanceof CorruptSegmentError);
      }
    }
  });
});
