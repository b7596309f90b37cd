/**
 * Processes, threads, pools, executors and futures: what Python's `multiprocessing` and `concurrent.futures` have, for
 * Node and Deno, over shared memory.
 *
 * @module
 */
export {
  activeChildren,
  cpuCount,
  type CurrentProcess,
  currentProcess,
  type CurrentThread,
  currentThread,
  type ParentProcess,
  parentProcess,
} from "./current.ts";
export {
  type CrewOptions,
  Executor,
  type ExecutorOptions,
  type ShutdownOptions,
  type SubmitOptions,
} from "./executor.ts";
export {
  ProcessPoolExecutor,
  type ProcessPoolExecutorOptions,
  ThreadPoolExecutor,
  type ThreadPoolExecutorOptions,
} from "./executors.ts";
export type { Results } from "./results.ts";
export type { ExecutorStats, ProgressSource } from "./tally.ts";
export { registerErrorClass } from "./failure.ts";
export { Future, type FutureResolvers, type FutureSource } from "./future.ts";
export type { CallsOptions } from "./chunks.ts";
export { AnyPool, Pool, type PoolOptions, ThreadPool } from "./pool.ts";
export { Party, type PartyOptions, type Sentinel } from "./party.ts";
export { Process, type ProcessOptions } from "./process.ts";
export type { Task } from "./task.ts";
export { Thread, type ThreadOptions } from "./thread.ts";
export { asCompleted, type ReturnWhen, wait, type Waited, type WaitForOptions } from "./wait.ts";
