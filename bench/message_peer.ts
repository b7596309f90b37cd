// Counts the messages that come, as a thread or as a process, and answers each "end" with their number.
import process from "node:process";
import { isMainThread, parentPort } from "node:worker_threads";

let count = 0;

function receive(message: unknown, answer: (count: number) => void): void {
  if (message !== "end") {
    count++;
    return;
  }
  answer(count);
  count = 0;
}

if (isMainThread) {
  process.on("message", (message) => receive(message, (count) => process.send?.(count)));
  process.on("disconnect", () => process.exit(0)); // whoever started us is gone
} else {
  parentPort?.on("message", (message) => receive(message, (count) => parentPort?.postMessage(count)));
}
