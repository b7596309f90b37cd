// Five threads share three connections. A BoundedSemaphore, because a permit must come back even if its holder dies.
//
//   node examples/connection_pool.js        deno run -A examples/connection_pool.js
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { BoundedSemaphore } from "lockstep";

const CONNECTIONS = 3;
const WORKERS = 5;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function query(pool, number) {
  const connection = await pool.acquire({ timeout: 10_000 });
  try {
    parentPort.postMessage({ number, does: "connects", open: CONNECTIONS - pool.value });
    await sleep(500);
  } finally {
    connection.release();
  }
}

if (isMainThread) {
  const pool = new BoundedSemaphore(CONNECTIONS);
  const workers = Array.from({ length: WORKERS }, (_, number) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { handle: pool.handle, number } });
    worker.on("message", ({ number, does, open }) => console.log(`worker ${number} ${does}, ${open} of 3 open`));
    return new Promise((resolve) => worker.on("exit", resolve));
  });
  await Promise.all(workers);
  console.log("free at the end:", pool.value);
} else {
  await query(BoundedSemaphore.from(workerData.handle), workerData.number);
}
