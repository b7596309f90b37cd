import { deepEqual, equal, throws } from "node:assert/strict";
import { describe } from "node:test";
import { BegunTasks, TaskWords } from "#src/task_words.ts";
import { it } from "@lockstep/testing";

const MANY = 5000; // words of several pages

describe("The word of a task", () => {
  it("is begun by one worker", () => {
    using words = new TaskWords();
    const [one, other] = [new BegunTasks(words.shared, 1), new BegunTasks(words.shared, 1023)];
    const stamp = words.prepare();
    equal(words.workerOf(stamp), undefined);
    equal(other.begin(stamp), true);
    equal(one.begin(stamp), false);
    equal(words.cancel(stamp), false);
    equal(words.workerOf(stamp), 1023);
  });

  it("is cancelled before that, or begun", () => {
    using words = new TaskWords();
    const worker = new BegunTasks(words.shared, 0);
    const stamp = words.prepare();
    equal(words.cancel(stamp), true);
    equal(worker.begin(stamp), false);
  });

  it("is finished by its worker, which it names until it is released", () => {
    using words = new TaskWords();
    const worker = new BegunTasks(words.shared, 3);
    const stamp = words.prepare();
    equal(worker.finish(stamp), false);
    worker.begin(stamp);
    equal(worker.finish(stamp), true);
    equal(words.workerOf(stamp), 3);
    equal(words.condemn(stamp), undefined);
  });

  it("condemns the worker that has not finished", () => {
    using words = new TaskWords();
    const worker = new BegunTasks(words.shared, 3);
    const stamp = words.prepare();
    equal(words.condemn(stamp), undefined);
    worker.begin(stamp);
    equal(words.condemn(stamp), 3);
    equal(words.condemn(stamp), undefined);
    equal(worker.finish(stamp), false);
    equal(words.workerOf(stamp), 3);
  });

  it("is its own among many, and in each generation", () => {
    using words = new TaskWords();
    const worker = new BegunTasks(words.shared, 7);
    const first = Array.from({ length: MANY }, () => words.prepare());
    equal(new Set(first).size, MANY);
    for (const stamp of first) equal(words.cancel(stamp), true);
    for (const stamp of first) words.release(stamp);
    const second = Array.from({ length: MANY }, () => words.prepare());
    equal(new Set([...first, ...second]).size, 2 * MANY);
    equal(words.shared.length, Math.ceil(MANY / 1024));
    for (const stamp of first) equal(worker.begin(stamp), false, "a message of the last generation");
    for (const stamp of second) equal(worker.begin(stamp), true);
    deepEqual(new Set(second.map((stamp) => words.workerOf(stamp))), new Set([7]));
  });

  it("comes round after 2^20 tasks", () => {
    using words = new TaskWords();
    const worker = new BegunTasks(words.shared, 1023);
    let last = words.prepare();
    const first = last;
    for (let count = 1; count < 2 ** 20; count++) {
      words.release(last);
      last = words.prepare();
    }
    equal(worker.begin(first), false);
    equal(worker.begin(last), true);
    words.release(last);
    equal(words.prepare(), first);
    equal(worker.begin(first), true);
  });

  it("is not lost when there is no room for it at first", () => {
    using words = new TaskWords();
    for (let count = 0; count < 1024; count++) words.prepare();
    const { push } = words.shared;
    words.shared.push = () => {
      throw new RangeError("no room");
    };
    for (let count = 0; count < 2000; count++) throws(() => words.prepare(), { message: "no room" });
    words.shared.push = push;
    const worker = new BegunTasks(words.shared, 0);
    for (let count = 0; count < 1025; count++) equal(worker.begin(words.prepare()), true);
  });
});
