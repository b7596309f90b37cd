// The interleavings of sleepUntil() that threads at full speed hardly ever meet: what other threads do while this one
// sleeps is told by a stand-in for Atomics.wait.
import { deepEqual, equal } from "node:assert/strict";
import { it, type TestContext } from "node:test";
import { ASLEEP, attemptOrListen, BELL, PENDING, sleepUntil, wake, type Want, WORD } from "#src/word.ts";

const TIMEOUT = 50;
const FREE = 0;
const HELD = 1;
const HOLDER: Want = { take: (seen) => (seen & HELD) === 0 ? seen | HELD : undefined, bits: 0, isSingle: true };
const PERMIT: Want = { take: (seen) => (seen & 0xff) > 0 ? seen - 1 : undefined, bits: 0, isSingle: true };

type Meanwhile = (words: Int32Array) => "ok" | "timed-out" | "not-equal";

/** Plays what happens during each sleep in turn; the calls of Atomics.notify are the result. */
function play(t: TestContext, words: Int32Array, sleeps: Meanwhile[]): number[][] {
  const notified: number[][] = [];
  t.mock.method(performance, "now", () => now);
  t.mock.method(Atomics, "wait", (_: Int32Array, index: number, seen: number) => {
    equal(index, WORD);
    equal(words[WORD], seen);
    equal(seen & ASLEEP, ASLEEP, "sleeps with its bit set");
    return sleeps.shift()!(words);
  });
  t.mock.method(Atomics, "notify", (_: Int32Array, index: number, count = Infinity) => {
    notified.push([index, count]);
    return 0;
  });
  return notified;
}

function wordsWith(word: number): Int32Array {
  const words = new Int32Array(new SharedArrayBuffer(8 * Int32Array.BYTES_PER_ELEMENT));
  words[WORD] = word;
  return words;
}

let now = 0;

const becomes = (word: number, result: ReturnType<Meanwhile>): Meanwhile => (words) => {
  words[WORD] = word;
  return result;
};

/** The same, when time is over. */
const becomesLate = (word: number, result: ReturnType<Meanwhile>): Meanwhile => (words) => {
  now += TIMEOUT;
  words[WORD] = word;
  return result;
};

it("a woken thread takes it and leaves ASLEEP standing for those who sleep on", (t) => {
  const words = wordsWith(HELD);
  play(t, words, [becomes(FREE, "ok")]);
  equal(sleepUntil(words, HOLDER, Infinity), true);
  equal(words[WORD], HELD | ASLEEP);
});

it("a thread that was not woken takes it without ASLEEP", (t) => {
  const words = wordsWith(HELD);
  play(t, words, [becomes(FREE, "not-equal")]);
  equal(sleepUntil(words, HOLDER, Infinity), true);
  equal(words[WORD], HELD);
});

it("a woken thread that meets another holder sleeps again", (t) => {
  const words = wordsWith(HELD);
  play(t, words, [becomes(HELD, "ok"), becomes(FREE, "ok")]);
  equal(sleepUntil(words, HOLDER, Infinity), true);
  equal(words[WORD], HELD | ASLEEP);
});

it("a woken thread that leaves, out of time, passes the baton on", (t) => {
  const words = wordsWith(HELD);
  play(t, words, [becomesLate(HELD, "ok")]);
  equal(sleepUntil(words, HOLDER, TIMEOUT), false);
  equal(words[WORD], HELD | ASLEEP);
});

it("a thread that was not woken leaves, out of time, and changes nothing", (t) => {
  const words = wordsWith(HELD);
  play(t, words, [becomesLate(HELD, "timed-out")]);
  equal(sleepUntil(words, HOLDER, TIMEOUT), false);
  equal(words[WORD], HELD);
});

it("who runs out of time tries once more", (t) => {
  const words = wordsWith(HELD);
  play(t, words, [becomesLate(FREE, "timed-out")]);
  equal(sleepUntil(words, HOLDER, TIMEOUT), true);
});

it("a woken thread that leaves permits over wakes another", (t) => {
  const words = wordsWith(0);
  const notified = play(t, words, [becomes(2, "ok")]);
  equal(sleepUntil(words, PERMIT, Infinity), true);
  deepEqual(notified, [[WORD, 1]]);
});

it("a woken thread that takes the last permit wakes nobody", (t) => {
  const words = wordsWith(0);
  const notified = play(t, words, [becomes(1, "ok")]);
  equal(sleepUntil(words, PERMIT, Infinity), true);
  deepEqual(notified, []);
});

it("wake() notifies nobody where no bit stands", (t) => {
  const words = wordsWith(FREE);
  const notified = play(t, words, []);
  wake(words, HELD, 1);
  deepEqual(notified, []);
  wake(words, HELD | ASLEEP, 1);
  deepEqual(notified, [[WORD, 1]]);
  equal(words[BELL], 0);
});

it("wake() changes BELL before it rings", (t) => {
  const words = wordsWith(FREE);
  const notified = play(t, words, []);
  wake(words, HELD | PENDING, 1);
  equal(words[BELL], 1);
  deepEqual(notified, [[BELL, Infinity]]);
});

it("a promise that cannot have it has set PENDING and the bits of its wish", () => {
  const words = wordsWith(HELD);
  equal(attemptOrListen(words, { ...HOLDER, bits: 2 }), false);
  equal(words[WORD], HELD | PENDING | 2);
  words[WORD] = FREE;
  equal(attemptOrListen(words, HOLDER), true);
  equal(words[WORD], HELD);
});
