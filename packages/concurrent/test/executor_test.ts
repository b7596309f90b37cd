import { deepEqual, equal, match, notEqual, ok, throws } from "node:assert/strict";
import { after, describe } from "node:test";
import { cpuCount, type Executor, type Future, ThreadPoolExecutor, wait } from "@lockstep/concurrent";
import { BrokenExecutorError } from "@lockstep/contract";
import { Queue, SharedDict } from "@lockstep/manager";
import { SegmentState } from "@lockstep/segment";
import { Event, Lock } from "@lockstep/sync";
import { it, until } from "@lockstep/testing";
import { collectGarbage, EXECUTORS, failureOf, rejects, runProgram, target, thrownBy } from "./here.ts";

const SHUT_DOWN = { name: "InvalidStateError", code: "ERR_LOCKSTEP_INVALID_STATE" };
const CANCELLED = { name: "CancelledError" };
const TIMED_OUT = { name: "TimeoutError" };
const square = (x: number): number => x * x;

/** Occupies so many workers; `free()` lets them go on. */
async function occupy(executor: Executor, workers: number) {
  const [here, go] = [new Queue<string>(), new Event()];
  const busy = Array.from({ length: workers }, () => executor.submit(target("meet"), here, go));
  const whos = [];
  for (let worker = 0; worker < workers; worker++) whos.push(await here.get());
  return { whos, busy, free: () => go.set() };
}

async function all<T>(results: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of results) values.push(value);
  return values;
}

/** Numbers from 0 on, noting how far they were read and whether they were given up. */
function numbers() {
  const source = {
    read: 0,
    isClosed: false,
    *[Symbol.iterator]() {
      try {
        for (;;) yield source.read++;
      } finally {
        source.isClosed = true;
      }
    },
  };
  return source;
}

/** Without a turn of the loop. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Fills the queue of results while nobody reads it, then gives the futures of 0, 1, …, 9. */
async function occupyAndFill(executor: Executor, use: (futures: Future<number>[]) => Promise<void>) {
  await executor.submit(square, 1);
  const done = new SharedDict<number>();
  const tasks = Array.from({ length: 10 }, (_, key) => executor.submit(target("count"), done, key));
  while (done.size < 10) block(5);
  await use(tasks as Future<number>[]);
}

for (const Kind of EXECUTORS) {
  const make = (options = {}) => new Kind({ maxWorkers: 2, ...options });

  describe(`${Kind.name}: submit`, () => {
    const executor = make();
    after(() => executor.shutdown());

    it("gives what the task returns, now or later, with its arguments", async () => {
      await using executor = make();
      equal(await executor.submit(square, 4), 16);
      equal(await executor.submit((a: number, b: number) => Promise.resolve(a ** b), 2, 8), 256);
      equal(await executor.submit(target("stateNow")), "new");
      equal(executor.submit(square, 5).resultSync(), 25);
      const values = [undefined, null, NaN, 10n, new Map([[1, new Set(["a"])]]), new Date(0), [1, , 3]];
      deepEqual(await executor.submit((...args: unknown[]) => args, ...values), values);
      deepEqual(executor.stats(), {
        workers: 1,
        submitted: 5,
        completed: 5,
        failed: 0,
        cancelled: 0,
        running: 0,
        pending: 0,
      });
    });

    it("takes no wrong arguments", async () => {
      await using executor = make();
      throws(() => executor.submit(undefined as never), TypeError);
      throws(() => executor.submit(Math.max), { name: "TypeError", message: /no source/ });
      throws(() => executor.submitWith({ timeout: -1 }, square, 1), RangeError);
      throws(() => executor.submitWith({ signal: 1 as never }, square, 1), TypeError);
      for (const maxWorkers of [0, -1, 1025]) throws(() => make({ maxWorkers }), RangeError);
      for (const maxTasksPerWorker of [0, -1]) throws(() => make({ maxTasksPerWorker }), RangeError);
      throws(() => make({ maxTasksPerWorker: "12" }), TypeError);
      throws(() => make({ initializer: 1 }), TypeError);
      throws(() => make({ initArgs: 1 }), TypeError);
      for (const [option, value] of [["chunkSize", 0], ["chunkSize", -1], ["bufferSize", 0], ["bufferSize", -1]]) {
        throws(() => executor.map(square as never, [1], { [option as string]: value }), RangeError);
      }
      throws(() => executor.map(square as never, [1], { bufferSize: "1" }), TypeError);
      throws(
        () => executor.map(square as never, 3),
        /map over \w+: the last argument must be iterable, or the options, got 3/,
      );
      equal(executor.stats().workers, 0);
    });

    it("fails the future whose arguments cannot be copied, and no other", async () => {
      await using executor = make();
      const bad = executor.submit((x: unknown, y: unknown) => [x, y], 1, { callback: () => 1 });
      const good = executor.submit(square, 3);
      await rejects(bad, { name: "DataCloneError", message: /^Cannot encode argument 1\.callback: / });
      equal(await good, 9);
      equal(`${executor}`, `${Kind.name}(1 worker, 0 running, 0 pending)`);
    });

    it("makes workers as they are needed, and uses them again", async () => {
      await using executor = make({ maxWorkers: 3 });
      const first = await executor.submit(target("who"));
      for (let round = 0; round < 3; round++) equal(await executor.submit(target("who")), first);
      const { whos, busy, free } = await occupy(executor, 3);
      equal(new Set(whos).size, 3);
      ok(whos.includes(first as string));
      const more = Array.from({ length: 30 }, () => executor.submit(target("who")));
      deepEqual(executor.stats().workers, 3);
      deepEqual([executor.stats().running, executor.stats().pending], [3, 30]);
      free();
      ok(new Set(await Promise.all([...busy, ...more])).size <= 3);
    });

    it("runs async tasks one after the other in a worker", async () => {
      await using executor = make({ maxWorkers: 1 });
      const dict = new SharedDict<number>();
      const slow = executor.submit(target("countLate"), dict, 1, 50);
      equal(await executor.submit((counts: SharedDict<number>) => counts.get(1), dict), 1);
      equal(slow.done, true);
    });

    it("gives no result twice and loses none, however it is waited for", async () => {
      const { sumOfMixedWaits } = await import("./tasks.ts");
      equal(await sumOfMixedWaits(executor as ThreadPoolExecutor, 600), (600 * 599) / 2);
      const inside = executor.submit(target("mixedWaits"), 300);
      equal(await inside, (300 * 299) / 2);
    });

    it("lets a callback wait for what came with it", async () => {
      await occupyAndFill(executor, async (futures) => {
        const seen: number[] = [];
        futures[0]!.addDoneCallback(() => seen.push(...futures.slice(1).map((future) => future.resultSync())));
        await futures[0];
        deepEqual(seen, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
      });
    });

    it("can be used from callbacks", async () => {
      await using executor = make();
      const results: unknown[] = [];
      let resolve = (): void => {};
      const promise = new Promise<void>((resolved) => resolve = resolved);
      const first = executor.submit(square, 2);
      first.addDoneCallback(() => {
        const victim = executor.submit(square, 3);
        const next = executor.submit(square, 4);
        victim.cancel();
        next.addDoneCallback(() => {
          results.push(first.resultSync(), next.resultSync());
          void executor.shutdown({ cancelFutures: true });
          resolve();
        });
      });
      await promise;
      deepEqual(results, [4, 16]);
    });
  });

  describe(`${Kind.name}: cancel`, () => {
    it("cancels what no worker has begun, and nothing else", async () => {
      await using executor = make({ maxWorkers: 1 });
      const { busy: [busy], free } = await occupy(executor, 1);
      const waiting = [1, 2, 3, 4].map((x) => executor.submit(square, x));
      deepEqual([busy!.running, busy!.cancel(), busy!.done], [true, false, false]);
      deepEqual([waiting[0]!.running, waiting[0]!.cancel(), waiting[0]!.cancelled], [false, true, true]);
      equal(waiting[3]!.cancel(), true);
      free();
      await busy;
      equal(busy!.cancel(), false);
      await rejects(waiting[0]!, CANCELLED);
      deepEqual(await Promise.all(waiting.slice(1, 3)), [4, 9]);
      const { submitted, completed, cancelled, pending } = executor.stats();
      deepEqual([submitted, completed, cancelled, pending], [5, 3, 2, 0]);
    });

    it("runs each task once, or cancels it", async () => {
      await using executor = make();
      const runs = new SharedDict<number>();
      const futures: Future<unknown>[] = [];
      const told = new Set<number>();
      for (let key = 0; key < 2000; key++) {
        futures.push(executor.submit(target("count"), runs, key));
        const victim = key - (key * 7) % 20;
        if (victim >= 0 && futures[victim]!.cancel()) told.add(victim);
        if (key % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await wait(futures);
      for (const [key, future] of futures.entries()) {
        equal(future.cancelled, told.has(key));
        equal(runs.get(key), future.cancelled ? undefined : 1, `task ${key}`);
      }
      ok(told.size > 0 && told.size < 2000, `${told.size} cancelled`);
      const { completed, cancelled } = executor.stats();
      deepEqual([completed, cancelled], [2000 - told.size, told.size]);
    });
  });

  describe(`${Kind.name}: submitWith`, () => {
    it("submits nothing where the signal is aborted before", async () => {
      await using executor = make();
      await rejects(executor.submitWith({ signal: AbortSignal.abort("no") }, square, 1), (reason) => reason === "no");
      equal(executor.stats().workers, 0);
    });

    it("takes a task out of the queue", async () => {
      await using executor = make({ maxWorkers: 1 });
      const { free } = await occupy(executor, 1);
      const runs = new SharedDict<number>();
      const controller = new AbortController();
      const aborted = executor.submitWith({ signal: controller.signal }, target("count"), runs, 1);
      const late = executor.submitWith({ timeout: 20 }, target("count"), runs, 2);
      const blocked = executor.submitWith({ timeout: 20 }, target("count"), runs, 3);
      throws(() => blocked.resultSync(), TIMED_OUT);
      controller.abort("enough");
      await rejects(aborted, (reason) => reason === "enough");
      await rejects(late, { name: "TimeoutError", message: /run task of .*: 20 ms have passed/ });
      free();
      equal(await executor.submitWith({ timeout: 60_000 }, square, 2), 4);
      equal(runs.size, 0);
      deepEqual([executor.stats().failed, executor.stats().completed, executor.stats().pending], [3, 2, 0]);
    });

    it("lets a task go on that runs, and the next one wait for it", async () => {
      await using executor = make({ maxWorkers: 1 });
      const [here, go] = [new Queue<string>(), new Event()];
      const controller = new AbortController();
      const slow = executor.submitWith({ signal: controller.signal }, target("meet"), here, go);
      const who = await here.get();
      controller.abort("enough");
      await rejects(slow, (reason) => reason === "enough");
      const next = executor.submit(target("who"));
      go.set();
      equal(await next, who);
      deepEqual([executor.stats().failed, executor.stats().completed], [1, 1]);
    });

    it("kills its worker where workers are replaced, and no task with it", async () => {
      await using executor = make({ maxWorkers: 1, replaceWorkers: true });
      const who = await executor.submit(target("who"));
      const [here, go] = [new Queue<string>(), new Event()];
      const slow = executor.submitWith({ timeout: 500 }, target("meet"), here, go);
      const next = executor.submit(target("who"));
      await rejects(slow, TIMED_OUT);
      notEqual(await next, who);
      equal(executor.submit(square, 3).resultSync(), 9);
    });

    it("kills nobody for a task that is done, whose result is not read yet", async () => {
      await using executor = make({ maxWorkers: 1, replaceWorkers: true });
      const who = await executor.submit(target("who"));
      const [here, go, controller] = [new Queue<string>(), new Event(), new AbortController()];
      const done = executor.submitWith({ signal: controller.signal }, square, 2);
      const next = executor.submit(target("meet"), here, go);
      equal(here.getSync(), who);
      controller.abort("too late");
      await rejects(done, (reason) => reason === "too late");
      go.set();
      equal(await next, who);
    });
  });

  describe(`${Kind.name}: map`, () => {
    const executor = make();
    after(() => executor.shutdown());

    it("gives the results in the order of the inputs, up to the shortest", async () => {
      const sum = (...args: number[]): number => args.reduce((a, b) => a + b);
      deepEqual(await all(executor.map(sum as never, [1, 2, 3], new Set([10, 20, 30, 40]))), [11, 22, 33]);
      deepEqual([...executor.map(sum as never, [1, 2, 3])], [1, 2, 3]);
      deepEqual(await all(executor.map(sum as never, [])), []);
      deepEqual(await all(executor.map(sum as never)), []);
      deepEqual([...executor.map(sum as never, [], { bufferSize: 2 })], []);
    });

    it("takes several calls at a time", async () => {
      const expected = Array.from({ length: 40 }, (_, x) => x * x);
      for (const chunkSize of [6, 40, 50]) {
        deepEqual(await all(executor.map(square as never, expected.keys(), { chunkSize })), expected);
      }
    });

    it("gives a failure in its place, and goes on", async () => {
      const inverse = (x: number): number => {
        if (x === 0) throw new RangeError("zero");
        return 1 / x;
      };
      for (const chunkSize of [1, 2, 3]) {
        const results = executor.map(inverse as never, [1, 2, 0, 4], { chunkSize });
        deepEqual([(await results.next()).value, results.nextSync().value], [1, 0.5]);
        await rejects(results.next(), { name: "RangeError", message: "zero" });
        deepEqual([(await results.next()).value, (await results.next()).done, results.nextSync().done], [
          0.25,
          true,
          true,
        ]);
      }
      const timeouts = executor.map((() => Promise.reject(new Error("own"))) as never, [1], { timeout: 60_000 });
      await rejects(timeouts.next(), { message: "own" });
    });

    it("reads as much ahead as it may, and gives the input back", async () => {
      const input = numbers();
      const results = executor.map<number>(square as never, input, { bufferSize: 3 });
      equal(input.read, 3);
      await executor.submit(square, 1);
      equal(input.read, 3);
      for (let x = 0; x < 10; x++) {
        equal((await results.next()).value, x * x);
        equal(input.read, 4 + x);
      }
      await results.return();
      deepEqual([input.isClosed, (await results.next()).done, input.read], [true, true, 13]);
      const chunked = numbers();
      const pairs = executor.map<number>(square as never, chunked, { bufferSize: 3, chunkSize: 2 });
      equal(chunked.read, 4);
      for (const value of pairs) if (value === 81) break;
      ok(chunked.read <= 14 && chunked.isClosed, `${chunked.read}`);
    });

    it("ends when the time is over, and cancels the rest", async () => {
      await using executor = make({ maxWorkers: 1 });
      const runs = new SharedDict<number>();
      await executor.submit(square, 1);
      const slow = [0, 0, 3000, 0, 0];
      const results = executor.map(target("countLate"), slow.map(() => runs), slow.keys(), slow, { timeout: 1500 });
      deepEqual([(await results.next()).value, (await results.next()).value], [0, 1]);
      await rejects(results.next(), { name: "TimeoutError", message: /1500 ms/ });
      equal((await results.next()).done, true);
      await until(() => executor.stats().running === 0);
      deepEqual(runs.size, 3);
      const blocked = executor.map(target("countLate"), [runs], [9], [400], { timeout: 50 });
      throws(() => blocked.nextSync(), TIMED_OUT);
      const aborting = new AbortController();
      const aborted = executor.map(target("countLate"), [runs, runs], [9, 10], [200, 0], { signal: aborting.signal });
      setTimeout(() => aborting.abort("enough"), 20);
      await rejects(aborted.next(), (reason) => reason === "enough");
    });

    it("cancels what was not begun when it is left early", async () => {
      await using executor = make({ maxWorkers: 1 });
      const runs = new SharedDict<number>();
      const keys = [...Array(200).keys()];
      for await (const key of executor.map(target("countLate"), keys.map(() => runs), keys, keys.map(() => 1))) {
        if (key === 2) break;
      }
      await executor.submit(square, 1);
      ok(runs.size < 200);
      equal(executor.stats().cancelled + runs.size, 200);
    });

    it("ends for one who still asks when it is left", async () => {
      await using executor = make({ maxWorkers: 1 });
      const { free } = await occupy(executor, 1);
      const results = executor.map(square as never, [1]);
      const asked = results.next();
      await results.return();
      equal((await asked).done, true);
      free();
    });

    it("gives what the input throws in the place of a result", async () => {
      function* bad(): Generator<number> {
        yield* [1, 2, 3];
        throw new RangeError("bad input");
      }
      const results = executor.map<number>(square as never, bad(), { bufferSize: 2 });
      deepEqual([(await results.next()).value, (await results.next()).value, (await results.next()).value], [1, 4, 9]);
      await rejects(results.next(), { name: "RangeError", message: "bad input" });
      equal((await results.next()).done, true);
      throws(() => [...executor.map(square as never, bad())], { message: "bad input" });
    });

    it("gives what submitting throws in the place of a result", async () => {
      const executor = make();
      const results = executor.map<number>(square as never, numbers(), { bufferSize: 1 });
      equal((await results.next()).value, 0);
      await executor.shutdown();
      equal((await results.next()).value, 1);
      await rejects(results.next(), SHUT_DOWN);
      equal((await results.next()).done, true);
      throws(() => executor.map(square as never, [1]), SHUT_DOWN);
    });
  });

  describe(`${Kind.name}: initializer`, () => {
    it("runs once in each worker, before any task", async () => {
      for (const initializer of ["initialize", "initializeLate"]) {
        const counter = new SharedDict<number>();
        await using executor = make({ initializer: target(initializer), initArgs: [counter, "ready"] });
        const { free } = await occupy(executor, 2);
        const states = Array.from({ length: 10 }, () => executor.submit(target("stateNow")));
        free();
        deepEqual(new Set(await Promise.all(states)), new Set(["ready"]));
        equal(counter.get("initialized"), 2);
      }
    });

    it("breaks the executor if it throws", async () => {
      for (const replaceWorkers of [false, true]) {
        const executor = make({ initializer: target("throwAtOnce"), initArgs: ["not today"], replaceWorkers });
        const futures = [executor.submit(square, 1), executor.submit(square, 2)];
        const errors = await Promise.all(futures.map(failureOf));
        ok(errors.every((error) => error instanceof BrokenExecutorError));
        notEqual(errors[0], errors[1]);
        const { message, cause } = errors[0] as BrokenExecutorError;
        match(message, /the initializer of a worker has thrown/);
        deepEqual([(cause as Error).name, (cause as Error).message], ["KnownError", "not today"]);
        throws(() => executor.submit(square, 1), BrokenExecutorError);
        throws(() => executor.map(square as never, [1]), BrokenExecutorError);
        await executor.shutdown();
        equal(executor.stats().workers, 0);
      }
    });

    it("breaks it as well when its arguments cannot be sent", async () => {
      const executor = make({ initializer: target("throwAtOnce"), initArgs: [() => 1] });
      const error = await failureOf(executor.submit(square, 1)) as BrokenExecutorError;
      equal(error.name, "BrokenExecutorError");
      const { name, message } = error.cause as Error;
      equal(name, "DataCloneError");
      match(message, /^Cannot encode argument 0: /);
      await executor.shutdown();
    });
  });

  describe(`${Kind.name}: maxTasksPerWorker`, () => {
    it("replaces a worker after so many tasks", async () => {
      await using executor = make({ maxWorkers: 1, maxTasksPerWorker: 3 });
      const whos: unknown[] = [];
      for (let task = 0; task < 7; task++) {
        whos.push(await executor.submit(target("whoAndCalls")));
        ok(executor.stats().workers <= 1);
      }
      deepEqual(whos.map((who) => String(who).split(" ")[2]), ["1", "2", "3", "1", "2", "3", "1"]);
      equal(new Set(whos).size, 7);
    });

    it("finishes all that was submitted before an early end", async () => {
      const executor = make({ maxWorkers: 3, maxTasksPerWorker: 1 });
      const futures = Array.from({ length: 6 }, (_, x) => executor.submit(square, x));
      await executor.shutdown();
      deepEqual(futures.map((future) => future.resultSync({ timeout: 0 })), [0, 1, 4, 9, 16, 25]);
    });

    it("reads what a worker has left behind", async () => {
      await using executor = make({ maxWorkers: 1, maxTasksPerWorker: 2 });
      for (let round = 0; round < 3; round++) {
        const life = new Lock();
        await executor.submit((lock: Lock) => void lock.acquireSync(), life);
        const last = executor.submit(square, 2);
        await new Promise((resolve) => setTimeout(resolve, 1));
        life.acquireSync();
        block(50);
        equal(await last, 4);
      }
    });
  });

  describe(`${Kind.name}: shutdown`, () => {
    it("takes no more, waits for all, and may be called again", async () => {
      const executor = make();
      const runs = new SharedDict<number>();
      const results = executor.map(target("countLate"), Array(20).fill(runs), Array(20).keys(), Array(20).fill(5));
      const first = executor.shutdown();
      throws(() => executor.submit(square, 1), SHUT_DOWN);
      await Promise.all([first, executor.shutdown()]);
      equal(runs.size, 20);
      equal((await all(results)).length, 20);
      await executor.shutdown({ cancelFutures: true });
      executor.terminateWorkers();
      const idle = make();
      await idle.shutdown();
    });

    it("cancels what was not begun, if it is told to", async () => {
      const executor = make({ maxWorkers: 1 });
      const { busy: [busy], free } = await occupy(executor, 1);
      const waiting = [executor.submit(square, 1), executor.submit(square, 2)];
      await executor.shutdown({ wait: false, cancelFutures: true });
      deepEqual([busy!.done, waiting[0]!.cancelled, waiting[1]!.cancelled], [false, true, true]);
      free();
      await busy;
      await executor.shutdown();
    });

    it("need not be waited for", async () => {
      const executor = make();
      const futures = [1, 2, 3].map((x) => executor.submit(square, x));
      await executor.shutdown({ wait: false });
      deepEqual(await Promise.all(futures), [1, 4, 9]);
      await until(() => executor.stats().workers === 0);
    });

    it("fails an argument that cannot be sent, and ends", async () => {
      const executor = make();
      const bad = executor.submit((x: unknown) => x, () => 1);
      await executor.shutdown({ wait: false });
      await rejects(bad, { name: "DataCloneError" });
      await executor.shutdown();
    });

    it("ends workers in the middle of what they do: terminateWorkers()", async () => {
      make().terminateWorkers();
      for (const replaceWorkers of [false, true]) {
        const executor = make({ maxWorkers: 1, replaceWorkers });
        const { busy: [busy] } = await occupy(executor, 1);
        const waiting = executor.submit(square, 1);
        executor.terminateWorkers();
        const errors = await Promise.all([busy!, waiting].map(failureOf));
        ok(errors.every((error) => error instanceof BrokenExecutorError && /terminated/.test(error.message)));
        throws(() => executor.submit(square, 1), BrokenExecutorError);
        await executor.shutdown();
        equal(executor.stats().workers, 0);
      }
    });

    it("leaves nothing in shared memory", async () => {
      const objects = (): number => SegmentState.joined().reduce((sum, segment) => sum + segment.verify().objects, 0);
      const use = async (): Promise<void> => {
        await using executor = make();
        deepEqual(await all(executor.map(square as never, [1, 2, 3])), [1, 4, 9]);
      };
      await use();
      collectGarbage();
      const before = objects();
      for (let round = 0; round < 5; round++) await use();
      await until(() => (collectGarbage(), objects() <= before));
    });
  });

  describe(`${Kind.name}: objects`, () => {
    const executor = make();
    after(() => executor.shutdown());

    it("arrive as the same shared objects", async () => {
      const dict = new SharedDict<string>();
      const back = await executor.submit(target("setIn"), dict, "key", "value") as SharedDict<string>;
      deepEqual([dict.get("key"), back.get("key"), back.handle], ["value", "value", dict.handle]);
      const made = await executor.submit(target("makeDict"), "key") as SharedDict<string>;
      equal(made.get("key"), "made there");
    });

    it("live on where a worker has made them and is gone", async () => {
      const executor = make({ maxTasksPerWorker: 1 });
      const futures = ["a", "b", "c"].map((key) => executor.submit(target("makeDict"), key));
      await executor.shutdown();
      for (const [index, future] of futures.entries()) {
        const dict = future.resultSync() as SharedDict<string>;
        equal(dict.get("abc"[index]!), "made there");
        dict.set("more", "x".repeat(10_000));
      }
    });
  });

  describe(`${Kind.name} in a program`, () => {
    const kind = Kind === ThreadPoolExecutor ? "thread" : "process";

    it("runs in a worker of another one", async () => {
      await using executor = make({ maxWorkers: 1 });
      for (const inner of ["thread", "process"]) {
        deepEqual(await executor.submit(target("nested"), inner), [16, 9, 1, 4, 25, 36], inner);
      }
    });

    it("finishes its work when the program ends without shutdown()", async () => {
      deepEqual(await runProgram(`${kind} pending`), { how: "exit 0", out: "main\napple\n1\n", err: "" });
    });

    it("does not keep the program when it is idle", async () => {
      deepEqual(await runProgram(`${kind} idle`), { how: "exit 0", out: "1\n", err: "" });
    });

    it("ends with process.exit(), and takes no more then", async () => {
      const { how, out, err } = await runProgram(`${kind} exit`);
      deepEqual([how, out, err], ["exit 7", "InvalidStateError\n", ""]);
    });

    it("finishes its work where nobody has it any more, and lets its workers go", async () => {
      deepEqual(await runProgram(`${kind} dropped`), { how: "exit 0", out: "0 1 4 9\nended\n", err: "" });
    });

    it("prints what tasks print", async () => {
      const { out } = await runProgram(`${kind} prints`);
      deepEqual(out.trim().split("\n").sort(), [..."0123456789"].map((digit) => `line ${digit}`));
    });
  });
}

describe("ThreadPoolExecutor", () => {
  it("has as many threads as Python's, when it is not told how many", async () => {
    await using executor = new ThreadPoolExecutor();
    const { busy, free } = await occupy(executor, Math.min(32, cpuCount() + 4));
    equal(executor.stats().workers, Math.min(32, cpuCount() + 4));
    const more = executor.submit(square, 1);
    equal(executor.stats().workers, busy.length);
    free();
    await more;
  });

  it("names its threads", async () => {
    await using executor = new ThreadPoolExecutor({ maxWorkers: 1, threadNamePrefix: "crew" });
    equal(await executor.submit(target("threadName")), "crew-0");
  });

  it("tells of progress", async () => {
    await using executor = new ThreadPoolExecutor({ maxWorkers: 2 });
    let [events, completed] = [0, 0];
    executor.progress.addEventListener("progress", () => {
      events++;
      completed = executor.stats().completed;
    });
    await all(executor.map(square as never, [1, 2, 3]));
    ok(events >= 1 && events <= 10);
    equal(completed, 3);
  });

  it("can be made by the dozen", async () => {
    const { how, err } = await runProgram("many");
    deepEqual([how, err], ["exit 0", ""]);
    equal(thrownBy(() => new ThreadPoolExecutor({ maxWorkers: 1.5 })) instanceof Error, true);
  });
});
