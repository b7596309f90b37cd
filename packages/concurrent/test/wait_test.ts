import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { describe, mock } from "node:test";
import { asCompleted, Future, type FutureResolvers, wait } from "@lockstep/concurrent";
import { it } from "@lockstep/testing";

type Made = FutureResolvers<string>;

const pending = (): Made => Future.withResolvers<string>();

function done(): Made {
  const made = pending();
  made.resolve("done");
  return made;
}

function failed(): Made {
  const made = pending();
  made.reject(new Error("failed"));
  made.future.catch(() => {});
  return made;
}

function cancelled(): Made {
  const made = pending();
  made.future.cancel();
  return made;
}

/** Which of them are done, by their places. */
async function placesDone(made: Made[], options: Parameters<typeof wait>[1]): Promise<number[]> {
  const futures = made.map(({ future }) => future);
  const { done, notDone } = await wait(futures, options);
  equal(done.size + notDone.size, futures.length);
  return futures.flatMap((future, index) => {
    equal(done.has(future), !notDone.has(future));
    return done.has(future) ? [index] : [];
  });
}

const later = (action: () => void): unknown => setTimeout(action, 20);

describe("wait()", () => {
  it("has a future once that is given twice", async () => {
    const { future } = done();
    const { done: all, notDone } = await wait([future, future]);
    deepEqual([all.size, notDone.size], [1, 0]);
  });

  it("has nothing to wait for where there are no futures", async () => {
    deepEqual(await wait([]), { done: new Set(), notDone: new Set() });
  });

  it("waits for the first one", async () => {
    const [quick, slow] = [pending(), pending()];
    later(() => quick.resolve("quick"));
    deepEqual(await placesDone([quick, slow], { returnWhen: "FIRST_COMPLETED" }), [0]);
    deepEqual(await placesDone([cancelled(), done(), slow], { returnWhen: "FIRST_COMPLETED" }), [0, 1]);
  });

  it("waits for the first failure", async () => {
    const [good, bad, slow] = [pending(), pending(), pending()];
    later(() => good.resolve("good"));
    setTimeout(() => bad.reject(new Error("bad")), 60);
    deepEqual(await placesDone([good, bad, slow], { returnWhen: "FIRST_EXCEPTION" }), [0, 1]);
    deepEqual(await placesDone([failed(), slow], { returnWhen: "FIRST_EXCEPTION" }), [0]);
  });

  it("takes a cancelled future for no failure", async () => {
    const slow = pending();
    const waiting = placesDone([cancelled(), done(), slow], { returnWhen: "FIRST_EXCEPTION", timeout: 30 });
    deepEqual(await waiting, [0, 1]);
    later(() => slow.future.cancel());
    deepEqual(await placesDone([cancelled(), slow], { returnWhen: "FIRST_EXCEPTION" }), [0, 1]);
  });

  it("waits for all, and throws nothing", async () => {
    const [good, bad] = [pending(), pending()];
    later(() => {
      good.resolve("good");
      bad.reject(new Error("bad"));
    });
    deepEqual(await placesDone([good, failed(), bad, cancelled(), done()], {}), [0, 1, 2, 3, 4]);
  });

  it("gives what is done when the time is over", async () => {
    deepEqual(await placesDone([done(), pending(), failed()], { timeout: 10 }), [0, 2]);
    deepEqual(await placesDone([done(), pending()], { timeout: 0 }), [0]);
  });

  it("counts all that are done at once", async () => {
    const all = Array.from({ length: 100 }, pending);
    const waiting = wait(all.map(({ future }) => future));
    for (const { resolve } of all) resolve("now");
    equal((await waiting).done.size, 100);
  });

  it("ends with the reason of a signal, and takes its listener back", async () => {
    const controller = new AbortController();
    const removed = mock.method(controller.signal, "removeEventListener");
    const waiting = wait([pending().future], { signal: controller.signal });
    controller.abort("enough");
    await rejects(waiting, (reason) => reason === "enough");
    equal(removed.mock.callCount(), 1);
    await rejects(wait([], { signal: controller.signal }), (reason) => reason === "enough");
  });

  it("takes no wrong arguments", async () => {
    await rejects(wait([done().future], { returnWhen: "ANY" as never }), { name: "RangeError", message: /"ANY"/ });
    await rejects(wait([Promise.resolve()] as never), TypeError);
    await rejects(wait([], { timeout: -1 }), RangeError);
    await rejects(wait(1 as never), TypeError);
  });
});

async function allOf(made: Made[], options?: Parameters<typeof asCompleted>[1]): Promise<number[]> {
  const futures = made.map(({ future }) => future);
  const order: number[] = [];
  for await (const future of asCompleted(futures, options)) order.push(futures.indexOf(future as never)); // for TypeScript it is awaited
  return order;
}

describe("asCompleted()", () => {
  it("gives each once: first those that are done, then the others as they end", async () => {
    const [first, second, third] = [pending(), pending(), pending()];
    setTimeout(() => third.resolve("third"), 20);
    setTimeout(() => first.future.cancel(), 40);
    setTimeout(() => second.reject(new Error("second")), 60);
    deepEqual(await allOf([first, done(), second, failed(), third, cancelled()]), [1, 3, 5, 4, 0, 2]);
    deepEqual(await allOf([]), []);
  });

  it("gives one once that comes several times, in any iterable", async () => {
    const { future } = done();
    let count = 0;
    for await (const _ of asCompleted(new Set([future, future]))) count++;
    for await (const _ of asCompleted([future, future, future].values())) count++;
    equal(count, 2);
  });

  it("throws when the time is over that began with the call, after those that are done", async () => {
    for (const timeout of [0, 20]) {
      const futures = [done(), pending(), failed(), pending()].map(({ future }) => future);
      const completed = asCompleted(futures, { timeout });
      deepEqual([(await completed.next()).value, (await completed.next()).value], [futures[0], futures[2]]);
      await rejects(completed.next(), { name: "TimeoutError", message: /2 \(of 4\) futures unfinished/ });
    }
  });

  it("counts the time from the call, not for each", async () => {
    const steps = Array.from({ length: 100 }, pending);
    const timer = setInterval(() => steps.find(({ future }) => !future.done)?.resolve("step"), 10);
    await rejects(allOf(steps, { timeout: 100 }), { name: "TimeoutError" });
    clearInterval(timer);
  });

  it("gives to several who ask at once", async () => {
    const [first, second] = [pending(), pending()];
    const completed = asCompleted([first.future, second.future]);
    const asked = [completed.next(), completed.next(), completed.next()];
    later(() => second.resolve("second"));
    setTimeout(() => first.resolve("first"), 40);
    deepEqual((await Promise.all(asked)).map(({ value }) => value), [second.future, first.future, undefined]);
  });

  it("ends for those who still ask when somebody has left", async () => {
    const completed = asCompleted([pending().future]);
    const asked = completed.next();
    await completed.return!();
    deepEqual(await asked, { done: true, value: undefined });
  });

  it("ends with the reason of a signal", async () => {
    const controller = new AbortController();
    const waiting = allOf([pending()], { signal: controller.signal });
    controller.abort("enough");
    await rejects(waiting, (reason) => reason === "enough");
  });

  it("takes no wrong arguments", () => {
    throws(() => asCompleted([1 as never]), TypeError);
    throws(() => asCompleted([], { timeout: NaN }), RangeError);
  });
});
