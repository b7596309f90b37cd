import nodeProcess from "node:process";

import { InvalidStateError } from "@lockstep/contract";
import { Lock } from "@lockstep/sync";

import { launchWith } from "./brief.ts";
import { whoAmI } from "./identity.ts";
import { launchProcess, type ProcessLaunch } from "./launch_process.ts";
import { active, Party, type PartyOptions } from "./party.ts";
import type { Running } from "./running.ts";
import type { Task } from "./task.ts";

/** What a process is started with. */
export interface ProcessOptions<A extends readonly unknown[] = readonly unknown[]> extends PartyOptions<A> {
  /** Added to the arguments of the runtime that this process has, such as `--max-old-space-size=512`. */
  execArgv?: readonly string[] | undefined;
  /** The child's environment; that of this process when absent. */
  env?: Record<string, string | undefined> | undefined;
}

/**
 * A process of the same runtime that calls one function, as Python's `multiprocessing.Process` does where that spawns.
 * It shares stdin, stdout and stderr with this one, and the shared objects among its arguments.
 *
 * A process that is no daemon is waited for: this thread's event loop stays alive for it, and `process.exit()` waits as
 * well. A daemon is terminated when this process ends, and kills itself at once if this process is killed or the thread
 * that has started it is terminated, in an endless loop too.
 *
 * A process of Deno has all permissions, as every program that Deno starts may have. Deno kills all that it has started
 * when an error is uncaught, instead of waiting.
 *
 * @example
 * ```ts
 * import { Process } from "@lockstep/concurrent";
 *
 * const child = new Process((name: string) => console.log(`hello ${name}`), { args: ["bob"] }).start();
 * await child.join();
 * console.log(child.exitCode); // 0
 * ```
 */
export class Process<A extends readonly unknown[] = readonly unknown[]> extends Party {
  readonly #launch: ProcessLaunch;

  /**
   * Describes a process.
   * @throws {TypeError | RangeError} If the target is none that can be sent, or an option is not allowed.
   */
  constructor(target: Task<A>, options: ProcessOptions<A> = {}) {
    super("Process", target, options);
    const { execArgv = [], env } = options;
    this.#launch = { execArgv, env, isDaemon: this.daemon };
  }

  /** Its number; undefined before the start. */
  get pid(): number | undefined {
    return active.has(this) || this.exitCode !== null ? this.started("read pid of").id : undefined;
  }

  /** Asks it to end, by SIGTERM; does nothing when it has ended. @throws {InvalidStateError} Before the start. */
  override terminate(): void {
    this.started("terminate").stop("terminate");
  }

  /** Ends it at once, by SIGKILL; does nothing when it has ended. @throws {InvalidStateError} Before the start. */
  override kill(): void {
    this.started("kill").stop("kill");
  }

  /** @ignore */
  protected override checkStart(where: string): void {
    if (!whoAmI().process.daemon || this.daemon) return;
    throw new InvalidStateError(`Cannot ${where}: a daemon can start daemons only, as nobody would wait for others`);
  }

  /** @ignore */
  protected override launch(where: string): Running {
    const mine = whoAmI().process.name;
    const parent = { pid: nodeProcess.pid, name: mine, life: ownLife() };
    const identity = {
      process: { name: this.name, daemon: this.daemon, parent },
      thread: { name: "MainThread", daemon: false },
    };
    return launchWith({ identity, target: this.target, args: this.args, life: undefined }, (queue) => {
      const running = launchProcess(queue.handle, this.#launch, where);
      void running.ended.then(() => queue[Symbol.dispose]());
      return running;
    });
  }
}

let life: Lock | undefined;

/** Held by this thread as long as it lives, for its children to know. */
function ownLife(): Lock {
  if (life === undefined) {
    life = new Lock();
    life.acquireSync();
    nodeProcess.prependListener("exit", endChildren); // before the one that says that this process is ending
  }
  return life;
}

/** As Python at its end: daemons are told to end, and then all are waited for. */
function endChildren(): void {
  const children = [...active].filter((child): child is Process => child instanceof Process);
  for (const child of children) if (child.daemon) child.terminate();
  for (const child of children) child.joinSync();
}
