import { cpuCount } from "./current.ts";
import { Engine } from "./engine.ts";
import { engineOptionsOf, Executor, type ExecutorOptions } from "./executor.ts";
import type { WorkerSetup } from "./messages.ts";
import { Process, type ProcessOptions } from "./process.ts";
import { Thread } from "./thread.ts";
import { moduleTarget } from "./running.ts";

const SERVE = { module: moduleTarget("worker"), name: "serve" };

/** How a `ThreadPoolExecutor` is made. */
export interface ThreadPoolExecutorOptions extends ExecutorOptions {
  /** What its threads are called, with a number behind it. */
  threadNamePrefix?: string | undefined;
}

/** How a `ProcessPoolExecutor` is made. */
export interface ProcessPoolExecutorOptions extends ExecutorOptions, Pick<ProcessOptions, "execArgv" | "env"> {}

/**
 * Runs tasks in threads of this process, as Python's class of this name. Tasks and results go through shared memory.
 *
 * @example
 * ```ts
 * import { ThreadPoolExecutor } from "@lockstep/concurrent";
 *
 * await using executor = new ThreadPoolExecutor();
 * console.log(await executor.submit(() => 1 + 1)); // 2
 * for await (const square of executor.map((x: number) => x * x, [1, 2, 3])) console.log(square); // 1 4 9
 * ```
 */
export class ThreadPoolExecutor extends Executor {
  /**
   * With at most `maxWorkers` threads, which are started when there are tasks for them; when absent, 4 more than the
   * machine has processors, and no more than 32.
   * @throws {TypeError | RangeError} If an option is not allowed.
   */
  constructor(options: ThreadPoolExecutorOptions = {}) {
    const label = "ThreadPoolExecutor";
    const checked = engineOptionsOf(options, Math.min(32, cpuCount() + 4), `make ${label}`);
    super(
      new Engine({
        ...checked,
        label,
        isFixed: false,
        start: threadStarter(options.threadNamePrefix ?? label),
        send: (thread, parcel) => (thread as Thread).send(parcel),
      }),
      label,
    );
  }
}

/**
 * Runs tasks in processes, as Python's class of this name. Tasks and results go through shared memory. The processes
 * end with this one, whatever ends it.
 *
 * @example
 * ```ts
 * import { ProcessPoolExecutor } from "@lockstep/concurrent";
 *
 * await using executor = new ProcessPoolExecutor({ maxWorkers: 2 });
 * console.log(await executor.submit((x: number) => x ** 2, 7)); // 49
 * ```
 */
export class ProcessPoolExecutor extends Executor {
  /**
   * With at most `maxWorkers` processes, which are started when there are tasks for them; when absent, as many as the
   * machine has processors.
   * @throws {TypeError | RangeError} If an option is not allowed.
   */
  constructor(options: ProcessPoolExecutorOptions = {}) {
    const label = "ProcessPoolExecutor";
    const checked = engineOptionsOf(options, cpuCount(), `make ${label}`);
    super(new Engine({ ...checked, label, isFixed: false, start: processStarter(label, options) }), label);
  }
}

/** Starts workers that are threads. */
export function threadStarter(prefix: string): (setup: WorkerSetup) => Thread {
  return (setup) => new Thread(SERVE, { args: [setup], name: `${prefix}-${setup.index}`, daemon: true }).start();
}

/** Starts workers that are processes. */
export function processStarter(
  prefix: string,
  { execArgv, env }: Pick<ProcessOptions, "execArgv" | "env">,
): (setup: WorkerSetup) => Process {
  return (setup) =>
    new Process(SERVE, { args: [setup], name: `${prefix}-${setup.index}`, daemon: true, execArgv, env }).start();
}
