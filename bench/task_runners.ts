// Everything that runs functions in other threads or processes, behind one interface.
import process from "node:process";
import { fileURLToPath } from "node:url";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "@lockstep/concurrent";

/** Two workers that are asked to give back what they get. */
export interface Runner {
  run(value: unknown): PromiseLike<unknown>;
  end(): Promise<unknown>;
}

export type Kind = "threads" | "processes";

/** A way to run tasks; `start` starts its two workers as far as they are not started with the first task. */
export interface Contestant {
  readonly name: string;
  readonly kind: Kind;
  start(): Promise<Runner>;
}

const WORKERS = 2;
const tasks = new URL("./task_peer.ts", import.meta.url);
const filename: string = fileURLToPath(tasks);
const workerpoolFile: string = fileURLToPath(new URL("./task_peer_workerpool.ts", import.meta.url));

/** Ours. */
export const OURS: Readonly<Record<Kind, Contestant>> = {
  threads: { name: "ThreadPoolExecutor", kind: "threads", start: () => ours(ThreadPoolExecutor) },
  processes: { name: "ProcessPoolExecutor", kind: "processes", start: () => ours(ProcessPoolExecutor) },
};

function ours(executorClass: typeof ThreadPoolExecutor | typeof ProcessPoolExecutor): Promise<Runner> {
  const executor = new executorClass({ maxWorkers: WORKERS });
  const task = { module: tasks, name: "identity" };
  return Promise.resolve({ run: (value) => executor.submit(task, value as never), end: () => executor.shutdown() });
}

/** The others, which are made for Node. */
export const OTHERS: readonly Contestant[] = process.versions["deno"] !== undefined ? [] : [
  { name: "piscina", kind: "threads", start: piscina },
  { name: "tinypool, threads", kind: "threads", start: () => tinypool("worker_threads") },
  { name: "workerpool, threads", kind: "threads", start: () => workerpool("thread") },
  { name: "tinypool, child_process", kind: "processes", start: () => tinypool("child_process") },
  { name: "workerpool, process", kind: "processes", start: () => workerpool("process") },
];

async function piscina(): Promise<Runner> {
  const { Piscina } = await import("piscina");
  const pool = new Piscina({ filename, minThreads: WORKERS, maxThreads: WORKERS, execArgv: [] });
  return { run: (value) => pool.run(value), end: () => pool.destroy() };
}

async function tinypool(runtime: "worker_threads" | "child_process"): Promise<Runner> {
  const { Tinypool } = await import("tinypool");
  const pool = new Tinypool({ filename, runtime, minThreads: WORKERS, maxThreads: WORKERS, isolateWorkers: false });
  return { run: (value) => pool.run(value), end: () => pool.destroy() };
}

async function workerpool(workerType: "thread" | "process"): Promise<Runner> {
  const { pool: makePool } = await import("workerpool");
  const pool = makePool(workerpoolFile, { workerType, minWorkers: WORKERS, maxWorkers: WORKERS });
  return { run: (value) => pool.exec("identity", [value]), end: async () => await pool.terminate() };
}
