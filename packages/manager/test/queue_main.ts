// What one of several participants does with the queue of a test: `<segment> <task> [arguments]`.
import process from "node:process";
import { Queue, SharedDict } from "@lockstep/manager";

type Task = (...args: string[]) => void | Promise<void>;

const [, , segment = "", task = "", ...args] = process.argv;
const jobs = (): Queue<unknown> => new Queue({ name: "jobs", segment });
const reliable = (): Queue<unknown> => new Queue({ name: "reliable", segment, redeliver: true });
const bounded = (): Queue<unknown> => new Queue({ name: "bounded", segment, maxSize: 2 });
const results = (): SharedDict<number> => new SharedDict({ name: "results", segment });

function hang(): never {
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const tasks: Record<string, Task> = {
  /** Puts the numbers from there on, in order. */
  produce(from = "", count = "") {
    const queue = jobs();
    for (let index = 0; index < Number(count); index++) queue.putSync(Number(from) + index);
  },

  async produceInTurns(from = "", count = "") {
    const queue = bounded();
    for (let index = 0; index < Number(count); index++) await queue.put(Number(from) + index);
  },

  /** Notes each item as often as it comes, and from whom in which order. */
  async consume(name = "") {
    const seen = results();
    for await (const item of jobs()) {
      seen.increment(item as number);
      const producer = Math.floor((item as number) / 1_000_000);
      const last = seen.get(`${name} ${producer}`) ?? -1;
      if (last >= (item as number)) throw new Error(`${item} after ${last}`);
      seen.set(`${name} ${producer}`, item as number);
    }
  },

  consumeSync() {
    const queue = bounded();
    const seen = results();
    for (let item = queue.getSync(); item !== "end"; item = queue.getSync()) {
      seen.increment(item as number);
      queue.taskDone();
    }
    queue.taskDone();
  },

  /** Gets an item and is killed before it is done. */
  takeAndHang(which = "") {
    const queue = which === "reliable" ? reliable() : jobs();
    console.log(`took ${queue.getSync()}`);
    hang();
  },

  /** Two are on their way; the second one is done, the first one not. */
  async takeTwoAndEndOne() {
    const queue = reliable();
    const first = queue[Symbol.asyncIterator]();
    const second = queue[Symbol.asyncIterator]();
    const taken = [(await first.next()).value, (await second.next()).value];
    const third = (await second.next()).value; // ends the second one
    console.log(`has ${taken[0]} and ${third}`);
    hang();
  },

  waitForItem() {
    console.log("waits");
    jobs().getSync();
  },

  waitForPlace() {
    console.log("waits");
    bounded().putSync("too many");
  },

  async waitForPromise() {
    console.log("waits");
    await jobs().get();
  },

  /** Works until it is killed or the queue is shut down. */
  async work() {
    const seen = results();
    for await (const item of reliable()) {
      seen.increment(item as number);
      await new Promise((resolve) => setImmediate(resolve));
    }
  },
};

await tasks[task]!(...args);
