// What threads at full speed seldom meet: another thread changes the word between a look and the change that it is for.
import { equal, notEqual, rejects } from "node:assert/strict";
import { it, type TestContext } from "node:test";
import { RWLock } from "@lockstep/atomics";
import { WORD } from "#src/word.ts";

const WANTED = 1 << 28;

/** Before each change that this thread tries, the next of these has its turn. */
function meanwhile(t: TestContext, turns: ((words: Int32Array) => void)[]): void {
  const { compareExchange } = Atomics;
  t.mock.method(Atomics, "compareExchange", (words: Int32Array, index: number, expected: number, next: number) => {
    turns.shift()?.(words);
    return compareExchange(words, index, expected, next);
  });
}

it("a reader that meets the others leaving, and a writer giving up, still leaves itself", (t) => {
  const lock = new RWLock();
  const guard = lock.read.acquireSync();
  meanwhile(t, [
    (words) => words[WORD] = WANTED | 2, // another reader came, and a writer that waits
    (words) => words[WORD] = 1, // both have gone
  ]);
  guard.release();
  equal(lock.read.locked, false);
  equal(lock.write.tryAcquire()?.ownerDied, false);
});

it("a reader that meets a newcomer leaves the newcomer's hold", (t) => {
  const lock = new RWLock();
  const guard = lock.read.acquireSync();
  meanwhile(t, [(words) => words[WORD] = 2]);
  guard.release();
  equal(lock.read.locked, true);
  equal(lock.write.tryAcquire(), undefined);
});

it("a writer that gives up lets readers in at once, not only when its caller hears of it", async () => {
  const { read, write } = new RWLock();
  read.acquireSync();
  const controller = new AbortController();
  const aborted = rejects(write.acquire({ signal: controller.signal }), /enough/);
  const reading = read.acquire();
  equal(read.tryAcquire(), undefined);
  controller.abort(new Error("enough"));
  notEqual(read.tryAcquire(), undefined);
  await aborted;
  (await reading).release();
});

it("a writer that is refused for its options leaves those alone who wait", async () => {
  const { read, write } = new RWLock();
  const reading = read.acquireSync();
  const writing = write.acquire();
  await rejects(write.acquire({ timeout: -1 }), RangeError);
  equal(read.tryAcquire(), undefined);
  reading.release();
  (await writing).release();
});
