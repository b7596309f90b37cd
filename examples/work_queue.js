// Processes share the work. The one that has job 3 is killed in the middle of it: the job comes back, and another one
// does it. Run with an argument it is one such worker; without, it starts three and waits until all jobs are done.
//
//   node examples/work_queue.js        deno run -A examples/work_queue.js
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Manager } from "lockstep";

const WORKERS = 3;
const JOBS = 12;

const manager = Manager.open("work-queue-example");
const jobs = manager.queue("jobs", { redeliver: true, maxSize: 5 });
const tries = manager.dict("tries");

async function work(job) {
  if (tries.increment(job) === 1 && job === 3) process.kill(process.pid, "SIGKILL");
  await new Promise((resolve) => setTimeout(resolve, 10));
}

if (process.argv.length > 2) {
  for await (const job of jobs) await work(job); // a job is done when the next one is asked for
} else {
  const program = [...process.execArgv, fileURLToPath(import.meta.url), "worker"];
  const workers = Array.from({ length: WORKERS }, () => {
    const child = spawn(process.execPath, program, { stdio: "inherit" });
    return new Promise((resolve) => child.on("exit", (code, signal) => resolve(signal ?? code)));
  });
  for (let job = 0; job < JOBS; job++) await jobs.put(job); // waits while five lie in the queue
  await jobs.join();
  jobs.shutdown();
  console.log("workers ended:", (await Promise.all(workers)).sort().join(", "));
  console.log("jobs done:", tries.size, "- job 3 was tried", tries.get(3), "times");
  manager.segment.unlink(); // a real program leaves it to the others
}
