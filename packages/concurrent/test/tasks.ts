// Tasks of the tests that are more than a line, or need something that they import.
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { type MessagePort, threadId } from "node:worker_threads";
import {
  currentThread,
  type Future,
  Pool,
  ProcessPoolExecutor,
  registerErrorClass,
  ThreadPoolExecutor,
} from "@lockstep/concurrent";
import { TimeoutError } from "@lockstep/contract";
import { type Queue, SharedDict } from "@lockstep/manager";
import { type Event, Lock } from "@lockstep/sync";

/** Known on both sides. */
export class KnownError extends Error {
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }

  override get name(): string {
    return "KnownError";
  }
}
registerErrorClass(KnownError);

/** Known here only. */
class OwnError extends Error {
  override readonly name = "OwnError";
  readonly detail = { list: [1, new Map([["a", 1]])] };
}

let state = "new";
let calls = 0;

/** Sets what `stateNow()` gives, and counts. */
export function initialize(counter: SharedDict<number>, value: string): void {
  counter.increment("initialized");
  state = value;
}

export async function initializeLate(counter: SharedDict<number>, value: string): Promise<void> {
  await sleep(20);
  initialize(counter, value);
}

export function stateNow(): string {
  return state;
}

/** The worker, and how many calls of this it has had. */
export function whoAndCalls(): string {
  return `${process.pid} ${threadId} ${++calls}`;
}

/** Tells one worker from the others. */
export function who(): string {
  return `${process.pid} ${threadId}`;
}

export function threadName(): string {
  return currentThread().name;
}

/** Says that it runs, and waits until it may end. */
export async function meet(here: Queue<string>, go: Event): Promise<string> {
  here.putSync(who());
  await go.wait();
  return who();
}

/** The value, once the event is set. */
export async function valueAfter([event, value]: [Event | null, unknown]): Promise<unknown> {
  await event?.wait();
  return value;
}

/** Counts its calls. */
export function count(dict: SharedDict<number>, key: number): number {
  dict.increment(key);
  return key;
}

export async function countLate(dict: SharedDict<number>, key: number, ms: number): Promise<number> {
  await sleep(ms);
  dict.increment(key);
  return key;
}

export function fail(kind: string): never {
  const cause = new TypeError("inner", { cause: new RangeError("innermost") });
  switch (kind) {
    case "known":
      throw new KnownError("known", 7);
    case "own":
      throw new OwnError("own", { cause });
    case "aggregate":
      throw new AggregateError([new RangeError("first"), "second"], "several");
    case "dom":
      throw new DOMException("aborted", "AbortError");
    case "lockstep":
      throw new TimeoutError("late", { cause });
    case "system":
      throw Object.assign(new Error("no file"), { code: "ENOENT", errno: -2, syscall: "open" });
    case "cyclic":
      cause.cause = cause;
      throw Object.assign(new AggregateError([cause, cause], "cyclic", { cause }), { extra: 1 });
    case "property":
      throw Object.assign(new RangeError("with a function inside"), { inner: { run: () => 1 } });
    case "getter":
      throw Object.defineProperty(new Error("x"), "message", { get: () => fail("known") });
    case "function":
      throw () => 1;
    default:
      throw [undefined, 0, "", null, { plain: 1 }][Number(kind)];
  }
}

/** What cannot be encoded. */
export function unencodable(): unknown {
  return { fine: 1, run: () => 1 };
}

export function throwingGetter(): unknown {
  return {
    get value(): never {
      throw new RangeError("while it is encoded");
    },
  };
}

/** An object made here; whoever gets it has it alone soon. */
export function makeDict(key: string): SharedDict<string> {
  const dict = new SharedDict<string>();
  dict.set(key, "made there");
  return dict;
}

/** The same, where the worker dies at once. */
export function makeDictAndDie(key: string, ms: number): { dict: SharedDict<string>; lock: Lock } {
  setTimeout(() => process.kill(process.pid, "SIGKILL"), ms);
  return { dict: makeDict(key), lock: new Lock() };
}

export function setIn(dict: SharedDict<string>, key: string, value: string): SharedDict<string> {
  dict.set(key, value);
  return dict;
}

export function lengthOf(values: unknown[]): number {
  return values.length;
}

/** An initializer that only the first worker survives; counts the others. */
export function dieButFirst(dict: SharedDict<number>): void {
  if (dict.increment("workers") > 1) process.kill(process.pid, "SIGKILL");
}

/** Tasks of an executor in a worker of another, whose results are waited for in all ways. */
export async function nested(kind: "thread" | "process"): Promise<number[]> {
  await using executor = new { thread: ThreadPoolExecutor, process: ProcessPoolExecutor }[kind]({ maxWorkers: 2 });
  const square = (x: number): number => x * x;
  const futures = [1, 2, 3, 4].map((x) => executor.submit(square, x));
  const sums = [futures[3]!.resultSync(), await futures[2]!, futures[0]!.resultSync(), await futures[1]!];
  for (const value of executor.map<number>(square as never, [5, 6])) sums.push(value);
  return sums;
}

export async function nestedPool(): Promise<number[]> {
  await using pool = new Pool(2);
  return await pool.map((x: number) => x + 1, [1, 2, 3]);
}

/** Waits for many futures, some by blocking and some by awaiting. */
export async function mixedWaits(rounds: number): Promise<number> {
  await using executor = new ThreadPoolExecutor({ maxWorkers: 2 });
  return await sumOfMixedWaits(executor, rounds);
}

/** The sum of the numbers below `rounds`. */
export async function sumOfMixedWaits(executor: ThreadPoolExecutor, rounds: number): Promise<number> {
  const futures: Future<number>[] = [];
  const others: PromiseLike<void>[] = [];
  let sum = 0;
  const add = (value: number): void => void (sum += value);
  for (let round = 0; round < rounds; round++) {
    const future = executor.submit((x: number) => x, round);
    if (round % 3 === 0) futures.push(future);
    else if (round % 3 === 1) others.push(future.then(add));
    else add(future.resultSync());
    if (round % 50 === 0) await Promise.all(futures.splice(0).map((one) => one.then(add)));
  }
  await Promise.all([...others, ...futures.map((one) => one.then(add))]);
  return sum;
}

// --- deaths ---------------------------------------------------------------------------------------------------------

/** Ends this worker, a process, as the kernel would. */
export function die(signal: NodeJS.Signals = "SIGKILL"): never {
  process.kill(process.pid, signal);
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
}

export function exit(code: number): never {
  process.exit(code);
}

/** Dies while its result is encoded. */
export function dieEncoding(how: "kill" | "exit"): unknown {
  return {
    big: "x".repeat(100_000),
    get value(): never {
      return how === "kill" ? die() : exit(3);
    },
  };
}

/** An initializer that dies as often as the dict says. */
export function dieAtFirst(dict: SharedDict<number>): void {
  if (dict.increment("deaths", -1) >= 0) die();
}

export function throwAtOnce(message: string): never {
  throw new KnownError(message, 9);
}

/** Notes that it runs, counts once it is done. */
export async function work(dict: SharedDict<number>, task: number, ms: number): Promise<number> {
  dict.increment(`begun ${task}`);
  if (ms > 0) await sleep(ms);
  dict.increment(`done ${task}`);
  return task;
}

/** So many bytes. */
export function bytes(length: number): Uint8Array {
  return new Uint8Array(length).fill(7);
}

/** How long what was moved is, whether all of it is one buffer, and what is left of it when it is moved on. */
export function lookAtMoved(dict: SharedDict<number>, data: { bytes: Uint8Array; more: ArrayBuffer }): string {
  dict.set("seen", data.bytes[1]!);
  return `${data.bytes.length} ${data.bytes.buffer === data.more} ${data.more.byteLength}`;
}

export function answerBy(port: MessagePort): void {
  port.postMessage("here");
  port.close();
}
