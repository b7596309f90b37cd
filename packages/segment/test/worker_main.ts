// Starts a worker, then makes the segment of the process tree, then lets the worker find it.
import process from "node:process";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { privateSegment } from "#src/private_segment.ts";

function main(): void {
  const worker = new Worker(new URL(import.meta.url));
  worker.once("message", () => {
    const { name } = privateSegment();
    worker.once("message", (found) => process.stdout.write(`${name} ${found}`));
    worker.postMessage("now");
  });
}

function work(): void {
  parentPort?.once("message", () => parentPort?.postMessage(privateSegment().name));
  parentPort?.postMessage("started");
}

if (isMainThread) main();
else work();
