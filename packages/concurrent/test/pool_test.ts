import { deepEqual, equal, match, notEqual, ok, throws } from "node:assert/strict";
import { after, describe } from "node:test";
import { Pool } from "@lockstep/concurrent";
import { BrokenExecutorError } from "@lockstep/contract";
import { Queue, SharedDict } from "@lockstep/manager";
import { Event } from "@lockstep/sync";
import { it, until } from "@lockstep/testing";
import { failureOf, POOLS, rejects, runProgram, target, thrownBy } from "./here.ts";

const square = (x: number): number => x * x;
const sum = (...args: number[]): number => args.reduce((a, b) => a + b, 0);
const range = (length: number): number[] => [...Array(length).keys()];
const NOT_OPEN = { name: "InvalidStateError" };

function* failingInput(): Generator<number> {
  yield* [1, 2, 3];
  throw new RangeError("bad input");
}

for (const Kind of POOLS) {
  describe(Kind.name, () => {
    const pool = new Kind(2);
    after(async () => {
      pool.close();
      await pool.join();
    });

    it("applies a task", async () => {
      equal(await pool.apply(square, [5]), 25);
      equal(pool.applySync(square, [6]), 36);
      equal(await pool.submit(square, 7), 49);
      equal(await pool.submit(square, 7).result({ timeout: 60_000 }), 49);
      const future = pool.apply(square, [8]);
      deepEqual([await future, await future, future.resultSync()], [64, 64, 64]);
    });

    it("maps in the order of the inputs, in chunks of any size", async () => {
      const expected = range(100).map(square);
      deepEqual(await pool.map(square as never, range(10)), expected.slice(0, 10));
      deepEqual(pool.mapSync(square as never, range(10).values()), expected.slice(0, 10));
      for (const chunkSize of [1, 20, 33, 1000]) {
        deepEqual(await pool.map(square as never, range(100), { chunkSize }), expected);
      }
      deepEqual(await pool.starmap(sum as never, [[1, 2], [], [3, 4, 5]], { chunkSize: 2 }), [3, 0, 12]);
      deepEqual(pool.starmapSync(sum as never, [[1, 2]]), [3]);
    });

    it("maps nothing to nothing", async () => {
      deepEqual([await pool.map(square as never, []), pool.mapSync(square as never, [])], [[], []]);
      deepEqual(await pool.map(square as never, [], { chunkSize: 1, timeout: 100 }), []);
      deepEqual([[...pool.imap(square as never, [])], [...pool.imapUnordered(square as never, [])]], [[], []]);
    });

    it("waits for all, then throws what failed first in the order of the inputs", async () => {
      const runs = new SharedDict<number>();
      const task = (dict: SharedDict<number>, x: number): void => {
        dict.increment(x);
        if (x > 2) throw new RangeError(`failed ${x}`);
      };
      const argLists = range(8).map((x) => [runs, x] as const);
      await rejects(pool.starmap(task as never, argLists, { chunkSize: 2 }), {
        name: "RangeError",
        message: "failed 3",
      });
      equal(runs.size, 8);
      throws(() => pool.starmapSync(task as never, argLists), { message: "failed 3" });
    });

    it("fails with what cannot be sent, and does not hang", async () => {
      for (let round = 0; round < 10; round++) {
        await rejects(pool.map(square as never, [1, () => 1, 3]), { name: "DataCloneError" });
      }
      await rejects(pool.map(square as never, failingInput()), { message: "bad input" });
    });

    it("gives results as they are there: imap()", async () => {
      const results = pool.imap<number>(square as never, range(3));
      deepEqual([await results.next(), results.nextSync()].map(({ value }) => value), [0, 1]);
      deepEqual([(await results.next()).value, (await results.next()).done], [4, true]);
      deepEqual([...pool.imap(square as never, range(1000), { chunkSize: 100 })], range(1000).map(square));
      const failing = pool.imap<number>(square as never, failingInput());
      for (const x of [1, 4, 9]) equal((await failing.next()).value, x);
      await rejects(failing.next(), { message: "bad input" });
    });

    it("gives them in the order in which they end: imapUnordered()", async () => {
      for (const chunkSize of [1, 7]) {
        const results = [...pool.imapUnordered<number>(square as never, range(50), { chunkSize })];
        deepEqual(results.sort((a, b) => a - b), range(50).map(square));
      }
      const [go, order] = [new Event(), [] as unknown[]];
      const results = pool.imapUnordered(target("valueAfter"), [[go, 0], [null, 1], [null, 2]]);
      for (let call = 0; call < 3; call++) {
        order.push((await results.next()).value);
        if (order.length === 2) go.set();
      }
      deepEqual(order, [1, 2, 0]);
      const steps: string[] = [];
      const failing = pool.imapUnordered<number>(square as never, failingInput());
      for (let call = 0; call < 4; call++) steps.push(await failing.next().then(({ value }) => String(value), String));
      deepEqual(steps.sort(), ["1", "4", "9", "RangeError: bad input"]);
    });

    it("takes no wrong arguments", async () => {
      for (const workers of [0, -1, 1.5]) throws(() => new Kind(workers), Error);
      for (const maxTasksPerWorker of [0, -1, 0.5, "12"]) {
        ok(thrownBy(() => new Kind(1, { maxTasksPerWorker: maxTasksPerWorker as number })) instanceof Error);
      }
      throws(() => new Kind(1, { initializer: 1 as never }), TypeError);
      throws(() => pool.apply(square, 1 as never), TypeError);
      throws(() => pool.imap(square as never, [1], { chunkSize: 0 }), RangeError);
      await rejects(pool.map(square as never, [1], { chunkSize: -1 }), RangeError);
      await rejects(pool.map(square as never, 5 as never), TypeError);
      await rejects(pool.starmap(square as never, [5] as never), TypeError);
      await rejects(pool.join(), NOT_OPEN);
    });

    it("has its workers from the start, each made ready once", async () => {
      const counter = new SharedDict<number>();
      const options = { initializer: target("initialize"), initArgs: [counter, "ready"] };
      const ready = new Kind(3, options);
      equal(ready.stats().workers, 3);
      match(`${ready}`, /^(Thread)?Pool\(open: 3 workers, 0 running, 0 pending\)$/);
      ready.close();
      await ready.join();
      equal(counter.get("initialized"), 3);
    });

    it("is closed: takes no more, finishes what it has", async () => {
      const closing = new Kind(2, { maxTasksPerWorker: 1 });
      const runs = new SharedDict<number>();
      const futures = range(6).map((key) => closing.submit(target("countLate"), runs, key, 30));
      closing.close();
      closing.close();
      throws(() => closing.submit(square, 1), NOT_OPEN);
      await rejects(closing.map(square as never, [1]), NOT_OPEN);
      await closing.join();
      deepEqual(futures.map((future) => future.resultSync({ timeout: 0 })), range(6));
      equal(runs.size, 6);
    });

    it("is terminated: nothing goes on, nothing waits for ever", async () => {
      const ending = new Kind(2);
      const [here, go] = [new Queue<string>(), new Event()];
      const running = [1, 2].map(() => ending.submit(target("meet"), here, go));
      await Promise.all([here.get(), here.get()]);
      const waiting = range(1000).map((x) => ending.submit(square, x));
      ending.terminate();
      const errors = await Promise.all([...running, ...waiting].map(failureOf));
      ok(errors.every((error) => error instanceof BrokenExecutorError));
      equal(new Set(errors).size, errors.length);
      await ending.join();
      throws(() => ending.submit(square, 1), BrokenExecutorError);
      ending.terminate();
      equal(ending.stats().workers, 0);
    });

    it("is terminated at the end of a block by using, and waited for by await using", async () => {
      let lost: PromiseLike<unknown>;
      {
        using block = new Kind(1);
        lost = block.submit(target("countLate"), null, 1, 100_000);
      }
      ok(await failureOf(lost) instanceof BrokenExecutorError);
      let done: PromiseLike<unknown>;
      {
        await using block = new Kind(1);
        done = block.submit(square, 3);
      }
      equal(await done, 9);
    });

    it("replaces workers after so many tasks", async () => {
      await using replacing = new Kind(2, { maxTasksPerWorker: 5 });
      const whos = await replacing.map<string>(target("whoAndCalls"), range(30), { chunkSize: 1 });
      equal(whos.length, 30);
      ok(new Set(whos.map((who) => who.split(" ").slice(0, 2).join(" "))).size >= 6);
      ok(whos.every((who) => Number(who.split(" ")[2]) <= 5));
    });

    it("fails the task of a worker that ends in it, and replaces that", async () => {
      const who = await pool.submit(target("who"));
      const error = await failureOf(pool.submit(target("exit"), 3)) as BrokenExecutorError;
      deepEqual([error.name, error.exitCode], ["BrokenExecutorError", 3]);
      match(error.message, /the worker that ran it has ended with exit code 3/);
      await until(() => pool.stats().workers === 2);
      deepEqual(await pool.map(square as never, range(20)), range(20).map(square));
      notEqual(who, undefined);
    });
  });
}

describe("Pool", () => {
  it("runs in a worker of a pool", async () => {
    await using pool = new Pool(1);
    deepEqual(await pool.submit(target("nestedPool")), [2, 3, 4]);
  });

  it("starts no worker where one cannot be started, and says why", () => {
    const initArgs = [() => 1];
    const error = thrownBy(() => new Pool(3, { initializer: target("initialize"), initArgs })) as Error;
    equal(error.name, "DataCloneError");
  });

  it("gives up where its workers cannot even begin", async () => {
    const pool = new Pool(2, { execArgv: ["--no-such-flag"] });
    const error = await failureOf(pool.submit(square, 1)) as BrokenExecutorError;
    match(
      error.message,
      /10 workers in a row have ended before they were ready, the last one has ended with exit code/,
    );
    pool.terminate();
    await pool.join();
  });

  it("does not keep a program that ends without closing it", async () => {
    const { how, out, err } = await runProgram("pool");
    deepEqual([how, out, err], ["exit 0", "1,4,9\n", ""]);
  });
});
