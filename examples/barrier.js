// Three threads meet at a barrier: without pauses, with pauses, and once more when one of them gives up.
//
//   node examples/barrier.js        deno run -A examples/barrier.js
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { Barrier, BrokenBarrierError } from "lockstep";

const PARTIES = 3;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function party(barrier, number) {
  for (const pause of [0, 50]) {
    await sleep(pause * number);
    const index = await barrier.wait(); // 0 to 2, each once: the order of arrival
    if (index === PARTIES - 1) parentPort.postMessage(`pause ${pause}: everybody is here`);
  }
  try {
    if (number === 0) barrier.abort();
    await barrier.wait();
  } catch (error) {
    if (!(error instanceof BrokenBarrierError)) throw error;
    parentPort.postMessage(`party ${number}: the barrier is broken`);
  }
}

if (isMainThread) {
  const barrier = new Barrier(PARTIES);
  const workers = Array.from({ length: PARTIES }, (_, number) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { handle: barrier.handle, number } });
    worker.on("message", (line) => console.log(line));
    return new Promise((resolve) => worker.on("exit", resolve));
  });
  await Promise.all(workers);
  console.log("broken:", barrier.broken, "waiting:", barrier.waiting);
} else {
  await party(Barrier.from(workerData.handle), workerData.number);
}
