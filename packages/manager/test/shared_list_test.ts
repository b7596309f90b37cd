// What one thread can see of a list. With others: list_processes_test.ts.
import { deepStrictEqual, equal, notEqual, ok, throws } from "node:assert/strict";
import { describe } from "node:test";
import { SegmentFullError } from "@lockstep/contract";
import { attach, Manager, namespace, SharedDict, SharedList } from "@lockstep/manager";
import { Lock } from "@lockstep/sync";
import { it } from "@lockstep/testing";
import { ownSegment } from "./place.ts";
import { VALUES } from "./samples.ts";

const INVALID_STATE = { name: "InvalidStateError", code: "ERR_LOCKSTEP_INVALID_STATE" };
const UNCLONABLE: readonly unknown[] = [() => 1, Symbol("a"), new WeakMap(), { deep: [() => 1] }];

/** A list with these elements, and an array with the same. */
function twins<V>(...values: V[]): { list: SharedList<V>; array: V[] } {
  return { list: new SharedList<V>().extend(values), array: [...values] };
}

describe("Values", () => {
  for (const [name, make] of Object.entries(VALUES)) {
    it(`of "${name}" come back as structuredClone() would make them`, () => {
      const list = new SharedList<unknown>();
      list.push(make());
      list.push(make(), make());
      const expected = structuredClone(make());
      for (const position of [0, 1, 2]) deepStrictEqual(list.at(position), expected);
      for (const elements of [list.toArray(), [...list], list.splice(0, 3, make(), make())]) {
        equal(elements.length, 3);
        for (const element of elements) deepStrictEqual(element, expected);
      }
      list.set(1, make());
      deepStrictEqual(list.shift(), expected);
      deepStrictEqual(list.pop(), expected);
      equal(list.length, 0);
    });
  }

  it("that cannot be copied are a DataCloneError, and change nothing", () => {
    const list = new SharedList<unknown>().extend([1, 2]);
    for (const value of UNCLONABLE) {
      throws(() => list.push(value), { name: "DataCloneError" });
      throws(() => list.extend([3, value]), { name: "DataCloneError" });
      throws(() => list.set(0, value), { name: "DataCloneError" });
      throws(() => list.splice(0, 1, 5, value), { name: "DataCloneError" });
    }
    deepStrictEqual(list.toArray(), [1, 2]);
  });

  it("are copies: a change of one that was read reaches nobody until it is set", () => {
    const list = new SharedList<{ n: number }>().extend([{ n: 1 }]);
    const read = list.at(0)!;
    read.n = 2;
    deepStrictEqual(list.at(0), { n: 1 });
    list.set(0, read);
    deepStrictEqual(list.at(0), { n: 2 });
  });

  it("that are shared objects arrive as the same shared objects, in lists, dicts and lists inside of them", () => {
    const list = new SharedList<unknown>();
    const dict = new SharedDict<unknown>();
    const inner = new SharedList<number>().extend([1, 2]);
    const settings = namespace<{ level: number }>();
    list.push(dict, inner, settings, new Lock(), [{ inner }], list);
    dict.set("list", inner);
    (list.at(0) as SharedDict<number>).set("a", 1);
    equal(dict.get("a"), 1);
    (list.at(1) as SharedList<number>).push(3);
    (list.at(2) as { level: number }).level = 4;
    deepStrictEqual([inner.toArray(), settings.level], [[1, 2, 3], 4]);
    ok(list.at(3) instanceof Lock);
    const [deep] = list.at(4) as [{ inner: SharedList<number> }];
    deep.inner.push(5);
    (dict.get("list") as SharedList<number>).push(6);
    deepStrictEqual(inner.toArray(), [1, 2, 3, 5, 6]);
    const self = list.at(-1) as SharedList<unknown>;
    notEqual(self, list);
    self.push("end");
    equal(list.at(-1), "end");
    equal(list.indexOf(inner), 1);
    equal(list.indexOf(dict), 0);
  });
});

describe("SharedList", () => {
  it("has the methods of an Array, with the same results for the same arguments", () => {
    const { list, array } = twins<unknown>("a", "b", "c", "d", "e");
    const positions = [0, 1, -1, 2.7, -2.7, 5, 6, -5, -6, NaN, Infinity, -Infinity, 2 ** 53, -(2 ** 60)];
    for (const from of positions) {
      deepStrictEqual(list.at(from), array.at(from), `at ${from}`);
      deepStrictEqual(list.slice(from), array.slice(from), `slice ${from}`);
      equal(list.indexOf("c", from), array.indexOf("c", from), `indexOf ${from}`);
      equal(list.includes("c", from), array.includes("c", from), `includes ${from}`);
      for (const to of positions) {
        deepStrictEqual(list.slice(from, to), array.slice(from, to), `slice ${from} ${to}`);
        const twin = twins<unknown>(...array);
        deepStrictEqual(twin.list.splice(from, to, 1, "2"), twin.array.splice(from, to, 1, "2"));
        deepStrictEqual(twin.list.toArray(), twin.array, `splice ${from} ${to}`);
      }
      const twin = twins<unknown>(...array);
      deepStrictEqual(twin.list.splice(from), twin.array.splice(from));
      deepStrictEqual(twin.list.toArray(), twin.array);
    }
    equal(list.push("f"), array.push("f"));
    equal(list.push("g", 1, true), array.push("g", 1, true));
    equal(list.push(), array.push());
    equal(list.unshift(0), array.unshift(0));
    equal(list.unshift("x", "y"), array.unshift("x", "y"));
    deepStrictEqual(list.reverse().toArray(), array.reverse());
    equal(list.pop(), array.pop());
    equal(list.shift(), array.shift());
    deepStrictEqual([list.toArray(), list.length], [array, array.length]);
  });

  it("as Python's: extend, insert, remove, clear", () => {
    const list = new SharedList<number | string>();
    equal(list.extend(new Set([1, 2, 3])), list);
    deepStrictEqual(list.extend(list).toArray(), [1, 2, 3, 1, 2, 3]);
    equal(list.insert(1, "a"), 7);
    equal(list.insert(-1, "b", "c"), 9);
    equal(list.insert(100, "d"), 10);
    equal(list.insert(-100, "e"), 11);
    deepStrictEqual(list.toArray(), ["e", 1, "a", 2, 3, 1, 2, "b", "c", 3, "d"]);
    deepStrictEqual([list.remove(2), list.remove("z"), list.indexOf(2)], [true, false, 5]);
    list.clear();
    deepStrictEqual([list.length, list.toArray(), list.pop(), list.shift(), list.at(0)], [
      0,
      [],
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("finds values by what they are", () => {
    const list = new SharedList<unknown>().extend([NaN, -0, null, undefined, "1", 1, 1n, { a: [1] }, [1]]);
    deepStrictEqual(
      [NaN, 0, null, undefined, "1", 1, 1n, { a: [1] }, [1], { a: [2] }, false].map((value) => list.indexOf(value)),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, -1, -1],
    );
    equal(list.remove({ a: [1] }), true);
    deepStrictEqual(list.at(7), [1]);
  });

  it("tells undefined that is stored from what is not there", () => {
    const list = new SharedList<number | undefined>().extend([undefined, -1, undefined]);
    deepStrictEqual([...list], [undefined, -1, undefined]);
    equal(list.length, 3);
  });

  it("set() beyond the ends is a RangeError that says how long the list is", () => {
    const list = new SharedList<number>({ name: "short", segment: ownSegment("short-lists") }).extend([1, 2]);
    equal(list.set(-1, 3), list);
    for (const position of [2, -3, Infinity]) {
      throws(() => list.set(position, 1), {
        name: "RangeError",
        message: /^Cannot set in SharedList "short": there is no position \S+, it has 2 elements$/,
      });
    }
    deepStrictEqual(list.toArray(), [1, 3]);
  });

  it("a position that is no number is a TypeError", () => {
    const list = new SharedList<number>().extend([1]);
    const wrong = { name: "TypeError", message: /must be a number, got "1"/ };
    const text = "1" as unknown as number;
    throws(() => list.at(text), wrong);
    throws(() => list.set(text, 1), wrong);
    throws(() => list.insert(text, 1), wrong);
    throws(() => list.splice(text), wrong);
    throws(() => list.splice(0, text), wrong);
    throws(() => list.slice(0, text), wrong);
    throws(() => list.indexOf(1, text), wrong);
  });

  it("an iterator sees what others change in front of it, and stays at its end", () => {
    const list = new SharedList<number>().extend([1, 2, 3]);
    const iterator = list[Symbol.iterator]();
    list.set(0, 10);
    equal(iterator.next().value, 10);
    list.push(4);
    deepStrictEqual([...iterator], [2, 3, 4]);
    list.push(5);
    equal(iterator.next().done, true);
  });

  it("is found by its name and its handle, and ends with dispose and destroy", () => {
    const manager = Manager.open(ownSegment("lists").name);
    const list = manager.list<number>("numbers");
    list.push(1);
    deepStrictEqual(manager.list<number>("numbers").toArray(), [1]);
    const attached = attach(list.handle);
    ok(attached instanceof SharedList);
    deepStrictEqual([...SharedList.from<number>(list.handle)], [1]);
    throws(() => manager.dict("numbers"), { name: "MismatchError" });
    throws(() => SharedDict.from(list.handle), { name: "MismatchError" });
    list[Symbol.dispose]();
    throws(() => list.push(1), INVALID_STATE);
    throws(() => list.at(0), INVALID_STATE);
    throws(() => list.length, INVALID_STATE);
    throws(() => list.toArray(), INVALID_STATE);
    manager.list("numbers").destroy();
    equal(manager.list("numbers").length, 0);
  });

  it("that has no room is as it was, and says what was asked for", () => {
    const list = new SharedList<unknown>({ segment: ownSegment("small-lists", { capacity: 2 * 2 ** 20 }) });
    const before = Array.from({ length: 300 }, (_, index) => index % 3 === 0 ? `element ${index}` : index);
    list.extend(before);
    const many = Array.from({ length: 3000 }, () => "x".repeat(1000));
    for (const fill of [() => list.extend(many), () => list.splice(10, 5, ...many), () => list.unshift(...many)]) {
      throws(fill, (error) => {
        ok(error instanceof SegmentFullError);
        ok(error.message.includes("SharedList: asked for 3000000 bytes"), error.message);
        return true;
      });
      deepStrictEqual(list.toArray(), before);
    }
    throws(() => list.set(0, "x".repeat(3e6)), SegmentFullError);
    list.clear();
    list.push("x".repeat(500_000));
    equal(list.length, 1);
  });

  it("of 300,000 elements comes and goes at once", () => {
    const numbers = Array.from({ length: 300_000 }, (_, index) => index);
    const list = new SharedList<number>().extend(numbers);
    deepStrictEqual(list.toArray(), numbers);
    deepStrictEqual(list.reverse().slice(0, 2), [299_999, 299_998]);
    equal(list.splice(1000, 298_000).length, 298_000);
    equal(list.length, 2000);
  });
});
