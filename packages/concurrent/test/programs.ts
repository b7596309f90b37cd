// Programs of the tests: what happens to a whole process.
import process from "node:process";
import { Future, Pool, ProcessPoolExecutor, ThreadPoolExecutor } from "@lockstep/concurrent";
import { Lock } from "@lockstep/sync";
import { until } from "@lockstep/testing";
import { collectGarbage, target } from "./here.ts";

const [, , part = ""] = process.argv;
const Kind = part.startsWith("thread") ? ThreadPoolExecutor : ProcessPoolExecutor;
const MANY_BYTES = 32 * 1024 * 1024;
const square = (x: number): number => x * x;

const programs: Record<string, () => unknown> = {
  unhandled() {
    Future.withResolvers().reject(new Error("nobody looks"));
  },

  async pool() {
    const pool = new Pool(2);
    console.log(String(await pool.map(square as never, [1, 2, 3])));
  },

  /** In a segment of a few megabytes. */
  async small() {
    for (const Kind of [ThreadPoolExecutor, ProcessPoolExecutor]) {
      await using executor = new Kind({ maxWorkers: 1 });
      const who = await executor.submit(target("who"));
      const futures = [
        executor.submit((data: Uint8Array) => data.length, new Uint8Array(MANY_BYTES)),
        executor.submit(target("bytes"), MANY_BYTES),
        executor.submit(target("bytes"), 100_000),
        executor.submit((data: Uint8Array) => data.length, new Uint8Array(200_000)),
      ];
      const errors = await Promise.all(futures.map((future) => future.exception()));
      console.log(errors.map((error) => error === null ? "fine" : (error as Error).name).join(" "));
      console.log(await executor.submit(target("who")) === who);
    }
  },

  async many() {
    for (let round = 0; round < 3; round++) {
      const executors = Array.from({ length: 12 }, () => new ThreadPoolExecutor({ maxWorkers: 1 }));
      await executors[0]!.submit(square, 1);
      await Promise.all(executors.map((executor) => executor.shutdown()));
    }
  },

  async handled() {
    const futures = Array.from({ length: 5 }, () => Future.withResolvers());
    const [first, second, third, fourth] = futures.map(({ future }) => future);
    first!.addDoneCallback(() => {});
    try {
      second!.resultSync({ timeout: 0 });
    } catch { /* it is not done yet */ }
    void third!.exception();
    fourth!.result({ timeout: 1 }).catch(() => {});
    for (const { reject } of futures.slice(0, 4)) reject(new Error("somebody looks"));
    futures[4]!.future.cancel();
    await new Promise((resolve) => setTimeout(resolve, 10));
    console.log("end");
  },
};

const withExecutors: Record<string, () => unknown> = {
  pending() {
    const executor = new Kind({ maxWorkers: 1 });
    const apple = executor.submit(
      (word: string) => new Promise((resolve) => setTimeout(() => resolve(word), 300)),
      "apple",
    );
    apple.addDoneCallback(() => console.log(apple.resultSync()));
    executor.submit(square, 1).addDoneCallback((future) => console.log(future.resultSync()));
    console.log("main");
  },

  async idle() {
    console.log(await new Kind({ maxWorkers: 2 }).submit(square, 1));
  },

  async exit() {
    const executor = new Kind({ maxWorkers: 1 });
    await executor.submit(square, 1);
    process.on("exit", () => {
      try {
        void executor.submit(square, 2);
      } catch (error) {
        console.log((error as Error).name);
      }
    });
    executor.submit(target("countLate"), null, 1, 100_000);
    process.exit(7);
  },

  async dropped() {
    const results = (() => {
      const executor = new Kind({ maxWorkers: 1 });
      return executor.map<number>(square as never, [0, 1, 2, 3], { bufferSize: 1 });
    })();
    const values: number[] = [];
    for await (const value of results) {
      values.push(value);
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    console.log(values.join(" "));
    const life = new Lock();
    await (async () => {
      const executor = new Kind({ maxWorkers: 1 });
      await executor.submit((lock: Lock) => void lock.acquireSync(), life);
    })();
    await until(() => (collectGarbage(), life.tryAcquire() !== undefined));
    console.log("ended");
  },

  async prints() {
    await using executor = new Kind({ maxWorkers: 2 });
    for (const digit of "0123456789") void executor.submit((text: string) => console.log("line", text), digit);
  },
};

await (programs[part] ?? withExecutors[part.split(" ")[1]!]!)();
