// Lives and ends in one of the ways in which an event loop does, while promises wait for the objects of a segment that
// another process rings all the time: `life_cycle_main ROW SEGMENT LIVES`. As a worker it is what some rows start.
import process from "node:process";
import { fileURLToPath } from "node:url";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { Event, Semaphore } from "@lockstep/sync";

const OBJECTS = 20;
const PAUSE_MS = 0.2;
const MOST_DELAY_MS = 5;

const [row = "", segment = "", lives = "1"] = process.argv.slice(2);
const semaphores = Array.from({ length: OBJECTS }, (_, index) => new Semaphore(0, { name: `rung ${index}`, segment }));

async function waitForAll(): Promise<void> {
  await Promise.all(semaphores.map((semaphore) => semaphore.acquire()));
}

async function waitForEver(): Promise<void> {
  for (;;) await waitForAll();
}

function soon(what: () => void): void {
  setTimeout(what, Math.random() * MOST_DELAY_MS);
}

/** Starts this program as a worker that lives the row; resolves when it waits. */
async function startWorker(worker: string): Promise<Worker> {
  const started = new Worker(fileURLToPath(import.meta.url), { argv: [worker, segment] });
  await new Promise((resolve) => started.once("message", resolve));
  return started;
}

async function startAndEndWorkers(worker: string, end: (worker: Worker) => void): Promise<void> {
  for (let count = 0; count < Number(lives); count++) {
    const started = await startWorker(worker);
    const ended = new Promise((resolve) => started.once("exit", resolve));
    end(started);
    await ended;
  }
}

const asProcess: Record<string, () => void | Promise<void>> = {
  ring() {
    const stop = new Event({ name: "stop", segment });
    while (!stop.waitSync({ timeout: PAUSE_MS })) {
      for (const semaphore of semaphores) if (semaphore.value === 0) semaphore.release();
    }
  },
  async "natural end"() {
    await waitForAll();
    await waitForAll();
  },
  async "process.exit()"() {
    soon(() => process.exit(7));
    await waitForEver();
  },
  async "uncaught error"() {
    soon(() => {
      throw new Error("planted");
    });
    await waitForEver();
  },
  async "process.exit() while a worker waits"() {
    await startWorker("waits for ever");
    soon(() => process.exit(7));
    await waitForEver();
  },
  "terminated worker": () => startAndEndWorkers("waits for ever", (worker) => soon(() => void worker.terminate())),
  "process.exit() in a worker": () => startAndEndWorkers("exits", () => {}),
  "worker that ends by itself": () => startAndEndWorkers("ends", () => {}),
};

const asWorker: Record<string, () => Promise<void>> = {
  "waits for ever": waitForEver,
  async exits() {
    soon(() => process.exit(3));
    await waitForEver();
  },
  ends: waitForAll,
};

(isMainThread ? asProcess : asWorker)[row]!();
parentPort?.postMessage("waits");
