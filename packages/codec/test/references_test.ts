import { deepEqual, equal, strictEqual, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { Codec, type SharedReferences } from "@lockstep/codec";

/** Lives in shared memory, as it were. */
class Box {
  readonly handle: string;
  readonly local: () => void = () => {};

  constructor(handle: string) {
    this.handle = handle;
  }
}

class BoxMap extends Map<string, number> {
  readonly handle = "map:1";
}

const references: SharedReferences = {
  handleOf: (value) => value instanceof Box || value instanceof BoxMap ? value.handle : undefined,
  attach: (handle) => new Box(handle),
};
const codec = new Codec(references);

describe("A shared object", () => {
  it("comes back as what its handle attaches to", () => {
    const decoded = codec.decode(codec.encode(new Box("lock:17")));
    equal(decoded instanceof Box && decoded.handle, "lock:17");
    deepEqual(codec.handles, ["lock:17"]);
  });

  it("is found wherever it is, and stays one object", () => {
    const box = new Box("a\u{1f512}");
    const map = new Map<unknown, unknown>([[box, [box]], ["set", new Set([box])]]);
    const error = new Error("e", { cause: box });
    const decoded = codec.decode(codec.encode({ box, map, error, other: new Box("b") })) as Record<string, unknown>;
    const seen = decoded["box"] as Box;
    const entries = decoded["map"] as Map<unknown, unknown>;
    equal(seen.handle, box.handle);
    strictEqual([...entries.keys()][0], seen);
    strictEqual((entries.get(seen) as unknown[])[0], seen);
    strictEqual([...entries.get("set") as Set<unknown>][0], seen);
    strictEqual((decoded["error"] as Error).cause, seen);
    equal((decoded["other"] as Box).handle, "b");
    deepEqual(codec.handles, ["a\u{1f512}", "b"]);
  });

  it("may be of a built-in class too", () => {
    const decoded = codec.decode(codec.encode([new BoxMap([["x", 1]])])) as Box[];
    equal(decoded[0]?.handle, "map:1");
  });

  it("counts once among the handles, however many stand for it", () => {
    const decoded = codec.decode(codec.encode([new Box("a"), new Box("b"), new Box("a")])) as Box[];
    deepEqual(decoded.map(({ handle }) => handle), ["a", "b", "a"]);
    deepEqual(codec.handles, ["a", "b"]);
  });

  it("keeps the numbers of other objects right", () => {
    const one = { n: 1 };
    const decoded = codec.decode(codec.encode([new Box("a"), one, new Box("b"), one])) as unknown[];
    strictEqual(decoded[1], decoded[3]);
    deepEqual(decoded[1], one);
  });
});

describe("Codec.handles", () => {
  it("are those of the last value", () => {
    const own = new Codec(references);
    deepEqual(own.handles, []);
    own.encode([new Box("a")]);
    const kept = own.handles;
    own.encode("none");
    deepEqual(own.handles, []);
    deepEqual(kept, ["a"]);
  });

  it("are those of the outer value after a getter has encoded another", () => {
    const value = {
      first: new Box("outer"),
      get inner() {
        codec.encode(new Box("inner"));
        deepEqual(codec.handles, ["inner"]);
        return 1;
      },
      last: new Box("last"),
    };
    codec.encode(value);
    deepEqual(codec.handles, ["outer", "last"]);
  });
});

describe("SharedReferences", () => {
  it("may decode another value while they attach", () => {
    const bytes = codec.encode([1, { x: "inside" }]).slice();
    const nesting: Codec = new Codec({ ...references, attach: () => nesting.decode(bytes) as object });
    deepEqual(nesting.decode(codec.encode(["before", new Box("a"), "after"])), [
      "before",
      [1, { x: "inside" }],
      "after",
    ]);
  });

  it("may fail, which the caller sees as it is", () => {
    const reason = new Error("unlinked");
    const fail = (): never => {
      throw reason;
    };
    const bytes = codec.encode([new Box("a")]).slice();
    throws(() => new Codec({ ...references, attach: fail }).decode(bytes), (error) => error === reason);
    throws(() => new Codec({ ...references, handleOf: fail }).encode(new Box("a")), (error) => error === reason);
  });

  it("are needed where a value has a shared object", () => {
    const bytes = codec.encode([new Box("a")]);
    throws(() => new Codec().decode(bytes), { name: "CorruptSegmentError", message: /no references/ });
    throws(() => new Codec().encode([new Box("a")]), {
      name: "DataCloneError",
      message: /^Cannot encode \$\[0\].local: a f/,
    });
  });
});
