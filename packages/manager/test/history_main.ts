// One of several that use the same object at once, and writes down what it asked for and what it got:
// `<segment> <subject> <me> <parties> <rounds> <times>`. All meet before each round, which has a key, a
// queue and a list of its own.
import process from "node:process";
import { LifoQueue, Queue, SharedDict, SharedList } from "@lockstep/manager";
import { nativeBinding } from "@lockstep/native";
import { Barrier } from "@lockstep/sync";
import type { Call, Operation, Result } from "@lockstep/testing";

type Play = (call: Call) => Result;

const MOST_ITEMS = 3;
const [, , segment = "", subject = "", me = "", parties = "", rounds = "", times = ""] = process.argv;
const barrier = new Barrier(Number(parties), { name: `start of ${subject}`, segment });
const dict = new SharedDict<number>({ name: "dict", segment });
let key = "";
let queue: Queue<number> | LifoQueue<number>;
let list: SharedList<number>;
const clock = nativeBinding(); // CLOCK_MONOTONIC, one for all processes and runtimes

/** All go on in the same microseconds, as far as there are processors for them. */
function meet(round: number): void {
  barrier.waitSync();
  dict.increment(`awake ${round}`);
  while (dict.get(`awake ${round}`)! < Number(parties));
}

const below = (bound: number): number => Math.floor(Math.random() * bound);
const value = (): number => 1 + below(3);

/** A method that means something to a key, with arguments that often meet. */
function anyDictCall(): Call {
  const method = METHODS[below(METHODS.length)]!;
  if (method === "compareAndSet") return [method, below(3) === 0 ? undefined : value(), value()];
  return method === "set" || method === "getOrInsert" ? [method, value()] : [method];
}
const METHODS = ["get", "get", "has", "set", "delete", "pop", "increment", "increment", "compareAndSet", "getOrInsert"];

function playDict([method, a, b]: Call): Result {
  switch (method) {
    case "get":
      return dict.get(key);
    case "has":
      return dict.has(key);
    case "set":
      return void dict.set(key, a!);
    case "delete":
      return dict.delete(key);
    case "pop":
      return dict.pop(key);
    case "increment":
      return dict.increment(key);
    case "compareAndSet":
      return dict.compareAndSet(key, a, b!);
    case "modify":
      return dict.modify(key, (old = 0) => old + 1);
    default:
      return dict.getOrInsert(key, a!);
  }
}

/** No increment at all: between its two halves all others have done the first one too. */
function playTornIncrement(): Result {
  const old = dict.get(key) ?? 0;
  barrier.waitSync();
  dict.set(key, old + 1);
  return old + 1;
}

/** Each item is another one, so that it can be told which was got. */
function anyQueueCall(): Call {
  const method = ["tryPut", "tryPut", "tryGet", "tryGet", "size"][below(5)]!;
  return method === "tryPut" ? [method, nextItem++] : [method];
}
let nextItem = 1000 * Number(me);

function playQueue([method, item]: Call): Result {
  switch (method) {
    case "tryPut":
      return queue.tryPut(item!);
    case "tryGet":
      return queue.tryGet();
    default:
      return queue.size;
  }
}

/** Short lists, so that their ends often meet. */
function anyListCall(): Call {
  const method = ["push", "unshift", "pop", "shift", "pop", "shift", "at", "length"][below(8)]!;
  if (method === "push" || method === "unshift") return [method, nextItem++];
  return method === "at" ? [method, below(4) - 2] : [method];
}

function playList([method, a]: Call): Result {
  switch (method) {
    case "push":
      return list.push(a!);
    case "unshift":
      return list.unshift(a!);
    case "pop":
      return list.pop();
    case "shift":
      return list.shift();
    case "at":
      return list.at(a!);
    default:
      return list.length;
  }
}

/** In two steps: another one may come in between. */
function playTornList(call: Call): Result {
  if (call[0] !== "shift") return playList(call);
  const first = list.at(0);
  barrier.waitSync();
  list.shift();
  return first;
}

const SUBJECTS: Record<string, [anyCall: () => Call, play: Play]> = {
  dict: [anyDictCall, playDict],
  modify: [() => [["get", "modify", "increment", "set"][below(4)]!, 1], playDict],
  queue: [anyQueueCall, playQueue],
  lifo: [anyQueueCall, playQueue],
  list: [anyListCall, playList],
  tornList: [() => ["shift"], playTornList],
  torn: [() => ["increment"], playTornIncrement],
};

const [anyCall, play] = SUBJECTS[subject]!;
const histories: Operation<Call, Result>[][] = [];
for (let round = 0; round < Number(rounds); round++) {
  key = `key ${round}`;
  const QueueClass = subject === "lifo" ? LifoQueue : Queue;
  queue = new QueueClass<number>({ name: `queue ${round}`, segment, maxSize: MOST_ITEMS });
  list = new SharedList<number>({ name: `list ${round}`, segment });
  if (subject === "tornList" && me === "0") list.push(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
  const history: Operation<Call, Result>[] = [];
  meet(round);
  for (let index = 0; index < Number(times); index++) {
    const input = anyCall();
    const called = clock.now();
    const output = play(input);
    history.push({ input, output, called, returned: clock.now() });
  }
  histories.push(history);
}
new SharedDict<unknown>({ name: `histories of ${subject}`, segment }).set(me, histories);
