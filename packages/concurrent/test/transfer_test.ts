// What is moved to a thread instead of being copied.
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { once } from "node:events";
import { describe } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { ProcessPoolExecutor, Thread, ThreadPoolExecutor } from "@lockstep/concurrent";
import { SharedDict } from "@lockstep/manager";
import { it } from "@lockstep/testing";
import { rejects, target } from "./here.ts";

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).fill(7);
}

const length = (data: Uint8Array | ArrayBuffer): number => data.byteLength;

describe("submitWith({ transfer })", () => {
  it("moves buffers wherever they are in the arguments, beside shared objects", async () => {
    await using executor = new ThreadPoolExecutor({ maxWorkers: 2 });
    const dict = new SharedDict<number>();
    const bytes = bytesOf(1000);
    const { buffer } = bytes;
    const data = { bytes: bytes.subarray(1, 500), more: buffer };
    const future = executor.submitWith({ transfer: [buffer] }, target("lookAtMoved"), dict, data);
    deepEqual([buffer.byteLength, bytes.length], [0, 0]);
    equal(await future, "499 true 1000");
    equal(dict.get("seen"), 7);
  });

  it("beside other tasks, and to whoever blocks the thread", async () => {
    await using executor = new ThreadPoolExecutor({ maxWorkers: 2 });
    const futures = Array.from({ length: 50 }, (_, index) => {
      const data = bytesOf(index);
      return index % 2 === 0
        ? executor.submitWith({ transfer: [data.buffer] }, length, data)
        : executor.submit(length, data);
    });
    for (const [index, future] of futures.entries()) equal(future.resultSync(), index);
    const data = bytesOf(10);
    equal(await executor.submitWith({ transfer: [data.buffer] }, length, data), 10);
  });

  it("refuses what cannot be moved or copied, and moves nothing", async () => {
    await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
    const data = bytesOf(10);
    const bad = { name: "DataCloneError" };
    await rejects(executor.submitWith({ transfer: [data.buffer] }, (bytes, _) => bytes.length, data, () => 1), bad);
    equal(data.length, 10);
    equal(await executor.submitWith({ transfer: [] }, length, data), 10);
    equal(data.length, 10);
    const { buffer } = data;
    for (const transfer of [1, [1], [buffer, {}], [buffer, buffer], [new SharedArrayBuffer(8)]]) {
      throws(() => executor.submitWith({ transfer: transfer as never }, length, data), {
        name: "TypeError",
        message: /^Cannot submit task to ThreadPoolExecutor: options.transfer must be an array of ArrayBuffers and/,
      });
    }
    equal(data.length, 10);
  });

  it("is refused where workers are processes", async () => {
    await using executor = new ProcessPoolExecutor({ maxWorkers: 1 });
    const data = bytesOf(10);
    throws(() => executor.submitWith({ transfer: [data.buffer] }, length, data), {
      name: "TypeError",
      message: /submit task to ProcessPoolExecutor: options.transfer is for threads/,
    });
    equal(data.length, 10);
  });

  it("loses what was moved with a task that is cancelled or whose worker dies", async () => {
    await using executor = new ThreadPoolExecutor({ maxWorkers: 1, replaceWorkers: true });
    const lost = [bytesOf(10), bytesOf(10)] as const;
    const dying = executor.submitWith({ transfer: [lost[0].buffer] }, target("exit"), 3, lost[0]);
    const cancelled = executor.submitWith({ transfer: [lost[1].buffer] }, length, lost[1]);
    ok(cancelled.cancel());
    await rejects(dying, { name: "BrokenExecutorError", exitCode: 3 });
    deepEqual(lost.map(({ byteLength }) => byteLength), [0, 0]);
    equal(await executor.submitWith({ transfer: [] }, length, bytesOf(3)), 3);
  });
});

describe("a MessagePort", () => {
  it("is moved to a thread", async () => {
    await using executor = new ThreadPoolExecutor({ maxWorkers: 1 });
    const { port1, port2 } = new MessageChannel();
    const answer = once(port1, "message");
    await executor.submitWith({ transfer: [port2] }, target("answerBy"), port2);
    equal((await answer)[0], "here");
    port1.close();
  });
});

describe("new Thread({ transfer })", () => {
  it("moves buffers when it is started", async () => {
    const dict = new SharedDict<number>();
    const bytes = bytesOf(1000);
    const { buffer } = bytes;
    const args = [dict, { bytes, more: buffer }] as const;
    const thread = new Thread(target("lookAtMoved"), { args, transfer: [buffer] });
    equal(bytes.length, 1000);
    thread.start();
    equal(bytes.length, 0);
    await thread.join();
    deepEqual([thread.exitCode, dict.get("seen")], [0, 7]);
    throws(() => new Thread(length, { transfer: 7 as never }), TypeError);
    const bad = new Thread(target("lookAtMoved"), { args: [dict, () => 1], transfer: [bytesOf(1).buffer] });
    throws(() => bad.start(), { name: "DataCloneError", message: /^Cannot encode argument 1: / });
  });
});
