// What the containers do where operations come one after the other. Values are numbers, so that `Object.is` compares.
import type { Specification } from "./linearizability.ts";

/** A number, or that there is none. */
export type Maybe = number | undefined;
/** A method and its arguments. */
export type Call = readonly [method: string, ...args: Maybe[]];
/** What a method gives. */
export type Result = Maybe | boolean;

type Outcome<S> = [output: Result, state: S];
type Methods<S> = Record<string, (state: S, a: Maybe, b: Maybe) => Outcome<S>>;

function specify<S>(initial: S, methods: Methods<S>): Specification<S, Call, Result> {
  return {
    initial,
    step(state, [method, a, b]) {
      const [output, after] = methods[method]!(state, a, b);
      return { output, state: after };
    },
    show: (state) => JSON.stringify(state) ?? "",
  };
}

/** One key of a dict; its state is the value. The key itself is no argument. */
export const DICT_KEY: Specification<Maybe, Call, Result> = specify<Maybe>(undefined, {
  get: (value) => [value, value],
  has: (value) => [value !== undefined, value],
  set: (_, a) => [undefined, a],
  delete: (value) => [value !== undefined, undefined],
  pop: (value) => [value, undefined],
  increment: (value = 0, a = 1) => [value + a, value + a],
  compareAndSet: (value, a, b) => value === a ? [true, b] : [false, value],
  getOrInsert: (value, a) => value === undefined ? [a, a] : [value, value],
  modify: (value = 0, a = 1) => [value + a, value + a], // by a function that adds
});

/** A queue, first in, first out, of at most `maxSize` items if that is given. */
export function queueOf(maxSize: number = Infinity): Specification<readonly Maybe[], Call, Result> {
  return specify<readonly Maybe[]>([], {
    tryPut: (items, a) => items.length < maxSize ? [true, [...items, a]] : [false, items],
    tryGet: ([first, ...rest]) => [first, rest],
    size: (items) => [items.length, items],
  });
}

/** A list. */
export const LIST: Specification<readonly Maybe[], Call, Result> = specify<readonly Maybe[]>([], {
  push: (items, a) => [items.length + 1, [...items, a]],
  unshift: (items, a) => [items.length + 1, [a, ...items]],
  pop: (items) => [items.at(-1), items.slice(0, -1)],
  shift: ([first, ...rest]) => [first, rest],
  at: (items, a = 0) => [items.at(a), items],
  length: (items) => [items.length, items],
});
