import { checkInteger, checkOptions, show, type WaitOptions } from "@lockstep/contract";
import { FOR_EVER, limitsOf } from "@lockstep/segment";

import type { Engine } from "./engine.ts";
import { type Chunk, Results } from "./results.ts";
import type { Target } from "./task.ts";

/** How many calls of one function are made. */
export interface CallsOptions extends WaitOptions {
  /** Milliseconds from the call until it ends with `TimeoutError`. For ever when absent. */
  timeout?: number;
  /** How many calls go to a worker at once; large chunks cost less for each call. */
  chunkSize?: number;
  /** How many calls, at least, may be submitted and not yet given: the input is read no further. All when absent. */
  bufferSize?: number;
}

/** Which calls. */
export interface Calls {
  readonly target: Target;
  readonly argLists: Iterable<readonly unknown[]>;
  /** Whether results come in the order of the calls, not of their ends. */
  readonly isOrdered: boolean;
  /** Whose workers are used; it is needed as long as there are calls to submit. */
  readonly owner: object;
  readonly where: string;
}

const LONGEST = 2 ** 31;

/** Submits the calls, as far as `bufferSize` lets them, and gives their results. */
export function resultsOf<R>(engine: Engine, calls: Calls, options: CallsOptions): Results<R> {
  const { where, isOrdered, owner } = calls;
  checkOptions(options, where);
  const { chunkSize = 1, bufferSize = Infinity } = options;
  checkInteger(chunkSize, { name: "options.chunkSize", min: 1, max: LONGEST }, where);
  if (bufferSize !== Infinity) checkInteger(bufferSize, { name: "options.bufferSize", min: 1, max: LONGEST }, where);
  const limits = options.timeout === undefined && options.signal === undefined ? FOR_EVER : limitsOf(options, where);
  engine.checkOpen();
  return new Results({
    chunks: chunksOf(engine, calls, { chunkSize, submitted: new Error("submitted") }),
    ahead: Math.ceil(bufferSize / chunkSize),
    isOrdered,
    owner,
    limits,
    waitSync: (condition, timeoutMs) => engine.waitSync(condition, timeoutMs),
    where,
  });
}

function* chunksOf(
  engine: Engine,
  { target, argLists }: Calls,
  { chunkSize, submitted }: { chunkSize: number; submitted: Error },
): Generator<Chunk, void> {
  const isSingle = chunkSize === 1;
  let lists: (readonly unknown[])[] = [];
  const chunk = (): Chunk => {
    const message = isSingle ? [target, lists[0]!] as const : [target, lists, true] as const;
    return { future: engine.submit({ message, submitted }), calls: lists.length, isSingle };
  };
  for (const list of argLists) {
    lists.push(list);
    if (lists.length < chunkSize) continue;
    yield chunk();
    lists = [];
  }
  if (lists.length > 0) yield chunk();
}

/** Argument lists of one argument of each of the iterables, until the first of these ends. */
export function* zip(iterables: readonly Iterable<unknown>[]): Generator<readonly unknown[], void, undefined> {
  const iterators = iterables.map((iterable) => iterable[Symbol.iterator]());
  try {
    for (let list = nextOf(iterators); list !== undefined; list = nextOf(iterators)) yield list;
  } finally {
    for (const iterator of iterators) iterator.return?.();
  }
}

function nextOf(iterators: readonly Iterator<unknown>[]): unknown[] | undefined {
  const list: unknown[] = [];
  for (const iterator of iterators) {
    const { done, value } = iterator.next();
    if (done) return undefined;
    list.push(value);
  }
  return list.length > 0 ? list : undefined;
}

/** Whether it can be iterated over. */
export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "string" || (typeof value === "object" && value !== null && Symbol.iterator in value);
}

/** @throws {TypeError} If it cannot be iterated over. */
export function checkIterable<T>(value: Iterable<T>, where: string): Iterable<T> {
  if (isIterable(value)) return value;
  throw new TypeError(`Cannot ${where}: can iterate over no ${show(value)}`);
}
