// A worker that dies at any moment fails exactly the tasks that it was running, and nothing waits for ever.
import { deepEqual, equal, match, notEqual, ok, throws } from "node:assert/strict";
import process from "node:process";
import { describe } from "node:test";
import { type Executor, type Future, ProcessPoolExecutor, ThreadPoolExecutor, wait } from "@lockstep/concurrent";
import { BrokenExecutorError } from "@lockstep/contract";
import { Queue, SharedDict } from "@lockstep/manager";
import { Segment } from "@lockstep/memory";
import { Event } from "@lockstep/sync";
import { active } from "#src/party.ts";
import { it, until } from "@lockstep/testing";
import { EXECUTORS, failureOf, POOLS, runProgram, target } from "./here.ts";

const STORM_TASKS = 1200;
const KILLS = 20;
const KILLED = { name: "BrokenExecutorError", exitCode: -9 };
const square = (x: number): number => x * x;

async function isBroken(future: PromiseLike<unknown>): Promise<BrokenExecutorError> {
  const error = await failureOf(future);
  ok(error instanceof BrokenExecutorError, `got ${error}`);
  return error;
}

/** Each has an error of its own. */
async function allBroken(futures: PromiseLike<unknown>[]): Promise<BrokenExecutorError[]> {
  const errors = await Promise.all(futures.map(isBroken));
  equal(new Set(errors).size, errors.length);
  return errors;
}

async function pidOf(executor: Executor): Promise<number> {
  return Number(String(await executor.submit(target("who"))).split(" ")[0]);
}

function isGone(pid: number): boolean {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
}

/** A worker of the executor that is busy with a task, which is let go by the event. */
async function busyWorker(executor: Executor): Promise<{ pid: number; busy: Future<unknown>; go: Event }> {
  const [here, go] = [new Queue<string>(), new Event()];
  const busy = executor.submit(target("meet"), here, go);
  return { pid: Number((await here.get()).split(" ")[0]), busy, go };
}

const plain = (maxWorkers = 2) => new ProcessPoolExecutor({ maxWorkers });
const replacing = (maxWorkers = 2) => new ProcessPoolExecutor({ maxWorkers, replaceWorkers: true });

describe("A worker that is killed", () => {
  it("in its task breaks the executor: each future has its own error, with the exit code", async () => {
    const executor = plain();
    const { busy } = await busyWorker(executor);
    const dying = executor.submit(target("die"));
    const waiting = [1, 2, 3].map((x) => executor.submit(square, x));
    const [error, ...others] = await allBroken([dying, busy, ...waiting]);
    match(error!.message, /the worker that ran it was ended by SIGKILL/);
    match(others[0]!.message, /a worker was ended by SIGKILL/);
    for (const { exitCode } of [error!, ...others]) equal(exitCode, -9);
    throws(() => executor.submit(square, 1), KILLED);
    await executor.shutdown();
    equal(executor.stats().workers, 0);
  });

  it("in its task fails that and no other where workers are replaced", async () => {
    await using executor = replacing();
    const futures = [0, 1, 2, 3, 4, 5].map((x) =>
      x % 3 === 1 ? executor.submit(target("die")) : executor.submit(square, x)
    );
    const errors = await allBroken([futures[1]!, futures[4]!]);
    deepEqual(errors.map(({ exitCode }) => exitCode), [-9, -9]);
    deepEqual(await Promise.all([0, 2, 3, 5].map((index) => futures[index])), [0, 4, 9, 25]);
    const blocked = executor.submit(target("die"), "SIGTERM");
    throws(() => blocked.resultSync(), { name: "BrokenExecutorError", exitCode: -15 });
    equal(executor.submit(square, 6).resultSync(), 36);
  });

  it("while it encodes a result", async () => {
    for (const how of ["kill", "exit"]) {
      await using executor = replacing(1);
      const dying = executor.submit(target("dieEncoding"), how);
      const next = executor.submit(square, 3);
      equal((await isBroken(dying)).exitCode, how === "kill" ? -9 : 3);
      equal(await next, 9);
      const broken = plain(1);
      await allBroken([broken.submit(target("dieEncoding"), how), broken.submit(square, 3)]);
      await broken.shutdown();
    }
  });

  it("while it decodes a task", async () => {
    await using executor = replacing(1);
    const runs = new SharedDict<number>();
    const big = Array.from({ length: 100_000 }, (_, index) => ({ index }));
    const take = (dict: SharedDict<number>, key: number, data: unknown[]): number => {
      dict.increment(key);
      return data.length;
    };
    for (let key = 0; key < 6; key++) {
      const pid = await pidOf(executor);
      const error = executor.submit(take, runs, key, big).exception();
      await new Promise((resolve) => setTimeout(resolve, key * 4));
      process.kill(pid, "SIGKILL");
      if (await error === null) equal(runs.get(key), 1);
      else ok(await error instanceof BrokenExecutorError && (runs.get(key) ?? 0) <= 1);
      await until(() => isGone(pid)); // it could begin the next task until then
    }
  });

  it("in the initializer", async () => {
    const dict = new SharedDict<number>();
    dict.set("deaths", 3);
    const options = { maxWorkers: 1, initializer: target("dieAtFirst"), initArgs: [dict] };
    await using executor = new ProcessPoolExecutor({ ...options, replaceWorkers: true });
    equal(await executor.submit(square, 3), 9);
    dict.set("deaths", 1);
    const broken = new ProcessPoolExecutor(options);
    const [error] = await allBroken([broken.submit(square, 1), broken.submit(square, 2)]);
    equal(error!.exitCode, -9);
    await broken.shutdown();
    dict.set("deaths", 1000);
    const hopeless = new ProcessPoolExecutor({ ...options, replaceWorkers: true });
    match((await isBroken(hopeless.submit(square, 1))).message, /10 workers in a row/);
    const closing = new ProcessPoolExecutor({ ...options, replaceWorkers: true });
    const lost = closing.submit(square, 1);
    await closing.shutdown();
    match((await isBroken(lost)).message, /10 workers in a row/);
    await hopeless.shutdown();
  });

  it("in the initializer, while another one does the tasks", async () => {
    const dict = new SharedDict<number>();
    const options = { maxWorkers: 2, initializer: target("dieButFirst"), initArgs: [dict], replaceWorkers: true };
    await using executor = new ProcessPoolExecutor(options);
    while ((dict.get("workers") ?? 0) < 20) {
      deepEqual(await Promise.all([executor.submit(square, 2), executor.submit(square, 3)]), [4, 9]);
    }
  });

  it("by arguments that it has no room for", async () => {
    const flag = "--max-old-space-size=40";
    const small = "Deno" in globalThis ? { env: { ...process.env, DENO_V8_FLAGS: flag } } : { execArgv: [flag] };
    await using executor = new ProcessPoolExecutor({ maxWorkers: 1, replaceWorkers: true, ...small });
    equal(await executor.submit(square, 2), 4);
    const tooMuch = Array.from({ length: 2_000_000 }, (_, index) => [index]);
    const [lost, next] = [executor.submit(target("lengthOf"), tooMuch), executor.submit(square, 3)];
    match((await isBroken(lost)).message, /the worker that ran it/);
    equal(await next, 9);
  });

  it("while it is idle", async () => {
    await using executor = replacing(1);
    const first = await pidOf(executor);
    process.kill(first, "SIGKILL");
    notEqual(await pidOf(executor), first);
    const broken = plain(1);
    process.kill(await pidOf(broken), "SIGKILL");
    await until(() => broken.stats().workers === 0);
    throws(() => broken.submit(square, 1), KILLED);
  });

  it("during the shutdown", async () => {
    for (const isPlain of [false, true]) {
      const executor = isPlain ? plain(1) : replacing(1);
      const { pid, busy } = await busyWorker(executor);
      const waiting = [1, 2, 3].map((x) => executor.submit(square, x));
      const end = executor.shutdown();
      process.kill(pid, "SIGKILL");
      await isBroken(busy);
      if (isPlain) await allBroken(waiting);
      else deepEqual(await Promise.all(waiting), [1, 4, 9]);
      await end;
      equal(executor.stats().workers, 0);
    }
  });

  it("leaves what it has made to those who have it", async () => {
    await using executor = replacing(1);
    for (const ms of [0, 1, 5]) {
      const future = executor.submit(target("makeDictAndDie"), "key", ms);
      const [error, other] = [await future.exception(), executor.submit(square, 2)];
      await other.exception();
      if (error !== null) continue;
      const { dict, lock } = future.resultSync() as { dict: SharedDict<string>; lock: { tryAcquire(): unknown } };
      equal(dict.get("key"), "made there");
      dict.set("more", "x".repeat(10_000));
      ok(lock.tryAcquire());
    }
  });
});

describe("A worker that ends in its task", () => {
  for (const Kind of EXECUTORS) {
    it(`breaks a ${Kind.name}, or is replaced`, async () => {
      const broken = new Kind({ maxWorkers: 1 });
      const errors = await allBroken([broken.submit(target("exit"), 0), broken.submit(square, 1)]);
      for (const error of errors) match(error.message, /has ended with exit code 0/);
      await broken.shutdown();
      await using executor = new Kind({ maxWorkers: 1, replaceWorkers: true });
      const [ending, next] = [executor.submit(target("exit"), 3), executor.submit(square, 3)];
      equal((await isBroken(ending)).exitCode, 3);
      equal(await next, 9);
      const blocked = executor.submit(target("exit"), 4);
      throws(() => blocked.resultSync(), { name: "BrokenExecutorError" });
    });
  }
});

describe("Tasks and results that find no room", () => {
  it("fail, and no others", async () => {
    const name = `concurrent-small-${process.pid}`;
    const segment = Segment.open(name, { capacity: 16 * 1024 * 1024 });
    try {
      const { how, out, err } = await runProgram("small", { LOCKSTEP_SEGMENT: name });
      const line = "SegmentFullError SegmentFullError fine fine\ntrue\n";
      deepEqual([how, out, err], ["exit 0", line + line, ""]);
    } finally {
      segment.unlink();
    }
  });
});

/** Ends one that runs, of those that this thread has started; true if there was one. */
function killOne(): boolean {
  const parties = [...active].filter((party) => party.alive);
  parties[Math.floor(Math.random() * parties.length)]?.kill();
  return parties.length > 0;
}

/** Kills at random until the tasks are done, letting some be done between. */
async function storm(progress: () => number, isOver: () => boolean): Promise<number> {
  let kills = 0;
  while (!isOver()) {
    const before = progress();
    await until(() => progress() > before + STORM_TASKS / KILLS / 2 || isOver());
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
    if (killOne()) kills++;
  }
  return kills;
}

/** Every one that was not killed has run exactly once. */
function judge(futures: Future<unknown>[], runs: SharedDict<number>, kills: number): void {
  let failed = 0;
  for (const [task, future] of futures.entries()) {
    const [begun, done] = [runs.get(`begun ${task}`) ?? 0, runs.get(`done ${task}`) ?? 0];
    const error = future.exceptionSync();
    if (error === null) deepEqual([future.resultSync(), begun, done], [task, 1, 1]);
    else {
      failed++;
      ok(error instanceof BrokenExecutorError, String(error));
      ok(begun <= 1 && done <= begun, `task ${task}: begun ${begun}, done ${done}`);
    }
  }
  ok(failed <= kills && kills > 0, `${failed} failed of ${kills} kills`);
}

describe("A storm of kills", () => {
  const crews = [
    ...EXECUTORS.map((Kind) => [Kind.name, () => new Kind({ maxWorkers: 3, replaceWorkers: true })] as const),
    ...POOLS.map((Kind) => [Kind.name, () => new Kind(2)] as const),
  ];
  for (const [name, make] of crews) {
    it(`fails at most one task each: ${name}`, async () => {
      const runs = new SharedDict<number>();
      await using executor = make();
      const futures = Array.from(
        { length: STORM_TASKS },
        (_, task) => executor.submit(target("work"), runs, task, task % 5 === 0 ? 1 : 0),
      );
      const all = wait(futures);
      const kills = await storm(() => executor.stats().completed, () => futures.every((future) => future.done));
      await all;
      judge(futures, runs, kills);
      equal(executor.submit(square, 3).resultSync(), 9);
    });
  }

  it("of tasks whose time is over fails these and no others", async () => {
    const runs = new SharedDict<number>();
    await using executor = new ThreadPoolExecutor({ maxWorkers: 2, replaceWorkers: true });
    await executor.submit(square, 1);
    const futures = Array.from(
      { length: 200 },
      (_, task) =>
        task % 10 === 9
          ? executor.submitWith({ timeout: 1 + task * 5 }, target("work"), runs, task, 5)
          : executor.submit(target("work"), runs, task, 2),
    );
    await wait(futures);
    for (const [task, future] of futures.entries()) {
      const error = future.exceptionSync();
      if (task % 10 === 9 && error !== null) equal((error as Error).name, "TimeoutError");
      else deepEqual([error, runs.get(`done ${task}`)], [null, 1], `task ${task}`);
    }
  });
});
