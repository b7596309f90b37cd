// A producer and a consumer in two threads: a semaphore counts the items, an event says that there will be no more.
//
//   node examples/producer_consumer.js        deno run -A examples/producer_consumer.js
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { Event, Semaphore } from "lockstep";

const ITEMS = 10;

function produce(items, produced, finished) {
  for (let i = 0; i < ITEMS; i++) {
    items[i] = i * i;
    produced.release(); // after the item is written: who acquires sees it
  }
  finished.set();
}

function consume(items, produced, finished) {
  let sum = 0;
  for (let i = 0; i < ITEMS; i++) {
    produced.acquireSync({ timeout: 10_000 });
    sum += items[i];
  }
  finished.waitSync();
  parentPort.postMessage(`consumed ${ITEMS} items, their sum is ${sum}`);
}

if (isMainThread) {
  const memory = new SharedArrayBuffer(ITEMS * Int32Array.BYTES_PER_ELEMENT);
  const produced = new Semaphore(0);
  const finished = new Event();
  const shared = { memory, produced: produced.handle, finished: finished.handle };
  const ends = ["consumer", "producer"].map((role) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { ...shared, role } });
    worker.on("message", (line) => console.log(line));
    return new Promise((resolve) => worker.on("exit", resolve));
  });
  await finished.wait();
  console.log("the producer has finished");
  await Promise.all(ends);
} else {
  const act = workerData.role === "producer" ? produce : consume;
  act(
    new Int32Array(workerData.memory),
    Semaphore.from(workerData.produced),
    Event.from(workerData.finished),
  );
}
