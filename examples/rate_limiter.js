// At most five requests a minute for each user, however many processes serve them. The first request of a window makes
// its counter, whose time ends with the window; increment() never lengthens it.
//
//   node examples/rate_limiter.js        deno run -A examples/rate_limiter.js
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { SharedDict } from "lockstep";

const LIMIT = 5;
const WINDOW = 60_000;

function isAllowed(requests, user) {
  return requests.increment(user, 1, { ttl: WINDOW }) <= LIMIT;
}

if (isMainThread) {
  const requests = new SharedDict(); // with a name, unrelated processes share it
  const answers = { allowed: 0, refused: 0 };
  const servers = [1, 2, 3].map(() => {
    const worker = new Worker(new URL(import.meta.url), { workerData: requests.handle });
    worker.on("message", (answer) => answers[answer]++);
    return new Promise((resolve) => worker.on("exit", resolve));
  });
  await Promise.all(servers);
  console.log("ann:", answers);
  console.log("bob:", isAllowed(requests, "bob") ? "allowed" : "refused");
} else {
  const requests = SharedDict.from(workerData);
  for (let i = 0; i < 4; i++) parentPort.postMessage(isAllowed(requests, "ann") ? "allowed" : "refused");
}
