// Shared objects in lists: how long what lies in them lives. In dicts, and across processes: nested_test.ts.
import { deepStrictEqual, equal, ok, throws } from "node:assert/strict";
import { beforeEach, describe } from "node:test";
import { attach, SharedDict, SharedList } from "@lockstep/manager";
import { Lock } from "@lockstep/sync";
import { it } from "@lockstep/testing";
import { ownSegment } from "./place.ts";

const INVALID_STATE = { name: "InvalidStateError", code: "ERR_LOCKSTEP_INVALID_STATE" };

type Inner = SharedDict<number>;

const segment = ownSegment("nested-list", { capacity: 64 << 20 });
const list = new SharedList<unknown>({ name: "outer", segment });
const objects = (): number => segment.stats().objects;
let before = 0;

beforeEach(() => {
  list.clear();
  before = objects();
});

/** A new dict that nobody has any more once it is in the list. */
function push(number: number): string {
  using inner = new SharedDict<number>({ segment });
  inner.set("x", number);
  list.push({ inner });
  return inner.handle;
}

/** What the dicts of such elements have. */
const contents = (elements: readonly unknown[]): unknown[] =>
  elements.map((element) => (element as { inner: Inner } | undefined)?.inner.get("x"));

function dispose(elements: readonly unknown[]): void {
  for (const element of elements) (element as { inner: Inner } | undefined)?.inner[Symbol.dispose]();
}

describe("An anonymous object in a list", () => {
  it("lives when nobody has it attached, and is the same one to all who read it", () => {
    {
      using inner = new SharedList<unknown>({ segment });
      using dict = new SharedDict<unknown>({ segment });
      inner.push(1, dict);
      list.push(inner);
    }
    equal(objects(), before + 2);
    {
      using first = list.at(0) as SharedList<unknown>;
      using second = list.at(-1) as SharedList<unknown>;
      first.push("more");
      equal(first.handle, second.handle);
      equal(second.at(2), "more");
      using dict = second.at(1) as SharedDict<unknown>;
      equal(dict.size, 0);
    }
    list.clear();
    equal(objects(), before);
  });

  it("goes when its element is replaced, taken, removed or cleared", () => {
    const ends: Record<string, () => unknown> = {
      set: () => list.set(1, 1),
      pop: () => dispose([list.pop()]),
      shift: () => (list.shift(), dispose([list.shift()])),
      splice: () => dispose(list.splice(1)),
      remove: () => {
        const element = list.at(1);
        ok(list.remove(element));
        dispose([element]);
      },
      clear: () => list.clear(),
    };
    for (const [how, end] of Object.entries(ends)) {
      list.clear();
      list.push("first");
      const handle = push(1);
      end();
      throws(() => attach(handle), INVALID_STATE, how);
      equal(objects(), before, how);
    }
  });

  it("is there for whoever has read its element, whatever becomes of the list", () => {
    for (const number of [0, 1, 2, 3]) push(number);
    list.insert(2, "none", new Uint8Array(2), ["encoded"]);
    const slice = list.slice(0, 2);
    const all = list.toArray().filter((element) => Object.hasOwn(element as object, "inner"));
    const [, ...iterated] = list;
    const taken = list.splice(0, 2, "in their place");
    const last = list.pop();
    deepStrictEqual(list.toArray().slice(0, 4), ["in their place", "none", new Uint8Array(2), ["encoded"]]);
    list.clear();
    equal(objects(), before + 4);
    deepStrictEqual(contents(slice), [0, 1]);
    deepStrictEqual(contents(taken), [0, 1]);
    deepStrictEqual(contents(all), [0, 1, 2, 3]);
    deepStrictEqual(contents([iterated[0], last]), [1, 3]);
  });

  it("can be many, of many elements, which one call takes out", () => {
    const many = 300;
    list.extend(Array.from({ length: many }, (_, index) => index % 3 === 0 ? index : { lock: new Lock({ segment }) }));
    dispose(list.slice(0, 0));
    for (const element of list) if (typeof element === "object") dispose([{ inner: (element as { lock: Lock }).lock }]);
    const taken = list.splice(0);
    equal(taken.length, many);
    for (const [index, element] of taken.entries()) {
      if (index % 3 === 0) equal(element, index);
      else (element as { lock: Lock }).lock.acquireSync().release();
    }
  });

  it("is found by what it is", () => {
    using lock = new Lock({ segment });
    using other = new Lock({ segment });
    list.push(1, lock, [lock, other], other);
    equal(list.indexOf(lock), 1);
    equal(list.indexOf(other), 3);
    equal(list.indexOf([lock, other]), 2);
    equal(list.includes([other, lock]), false);
  });

  it("is there for an element larger than what is copied at once", () => {
    {
      using inner = new SharedDict<number>({ segment });
      list.push({ inner, text: "x".repeat(200_000) });
    }
    for (const read of [() => list.at(0), () => list.toArray()[0], () => list.pop()]) {
      const element = read() as { inner: Inner; text: string };
      deepStrictEqual([element.inner.size, element.text.length], [0, 200_000]);
      dispose([element]);
    }
    equal(objects(), before);
  });

  it("of another segment is not kept", () => {
    const other = ownSegment("nested-list-other");
    const lock = new Lock({ segment: other });
    list.push(lock);
    (list.at(0) as Lock)[Symbol.dispose]();
    lock[Symbol.dispose]();
    throws(() => list.at(0), INVALID_STATE);
  });
});

describe("A list", () => {
  it("in itself: destroy() ends it, and so does removing the element", () => {
    const ends = [(inner: SharedList<unknown>) => inner.destroy(), (inner: SharedList<unknown>) => inner.clear()];
    for (const end of ends) {
      const start = objects();
      let handle = "";
      {
        using inner = new SharedList<unknown>({ segment });
        inner.push({ itself: inner });
        handle = inner.handle;
      }
      equal(objects(), start + 1);
      {
        using again = SharedList.from(handle);
        end(again);
      }
      equal(objects(), start);
    }
  });

  it("goes with the outermost, however deep", () => {
    const depth = 2000;
    let outermost = new SharedList<unknown>({ segment });
    for (let index = 0; index < depth; index++) {
      const around = new SharedList<unknown>({ segment });
      around.push(outermost);
      outermost[Symbol.dispose]();
      outermost = around;
    }
    list.push(outermost);
    outermost[Symbol.dispose]();
    equal(objects(), before + depth + 1);
    list.clear();
    equal(objects(), before);
  });
});

describe("An element whose object was destroyed", () => {
  beforeEach(() => {
    push(0);
    using destroyed = attach(push(1)) as SharedDict;
    destroyed.destroy();
    push(2);
  });

  it("is an InvalidStateError to slice(), and stays", () => {
    throws(() => list.slice(), INVALID_STATE);
    throws(() => list.at(1), INVALID_STATE);
    equal(list.length, 3);
    deepStrictEqual(contents([list.at(0), list.at(2)]), [0, 2]);
  });

  it("is an InvalidStateError to splice(), which has the others", () => {
    throws(() => list.splice(0, 3, "new"), (error: Error & { removed: unknown[] }) => {
      equal(error.name, INVALID_STATE.name);
      deepStrictEqual(contents(error.removed), [0, undefined, 2]);
      dispose(error.removed);
      return true;
    });
    deepStrictEqual(list.toArray(), ["new"]);
    equal(objects(), before);
  });

  it("is an InvalidStateError to pop(), and gone", () => {
    dispose([list.pop()]);
    throws(() => list.pop(), INVALID_STATE);
    equal(list.length, 1);
  });
});
