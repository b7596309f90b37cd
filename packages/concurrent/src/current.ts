import process from "node:process";
import { availableParallelism } from "node:os";
import { isMainThread, threadId } from "node:worker_threads";

import { checkTimeout, type SyncWaitOptions, TimeoutError, type WaitOptions } from "@lockstep/contract";

import { type ParentIdentity, whoAmI } from "./identity.ts";
import { active, type Party } from "./party.ts";
import { Process } from "./process.ts";

/** The process that this code runs in. */
export interface CurrentProcess {
  /** Its number. */
  readonly pid: number;
  /** What it was named when it was started; else `MainProcess`. */
  readonly name: string;
  /** Whether it ends with its parent. */
  readonly daemon: boolean;
  /** True. */
  readonly alive: true;
  /** Null, as it has not ended. */
  readonly exitCode: null;
}

/** The thread that this code runs in. */
export interface CurrentThread {
  /** Its number in the process; 0 is the main thread. */
  readonly threadId: number;
  /** What it was named when it was started; else `MainThread`. */
  readonly name: string;
  /** Whether nobody waits for it. */
  readonly daemon: boolean;
  /** Whether it is the main thread. */
  readonly isMain: boolean;
}

/** The process that has started this one. */
export interface ParentProcess {
  /** Its number. */
  readonly pid: number;
  /** Its name. */
  readonly name: string;
  /** Whether the thread of it that has started this process is there. */
  readonly alive: boolean;
  /** Waits until it is not, without blocking the thread. @returns False if the timeout passes first. */
  join(options?: WaitOptions): Promise<boolean>;
  /** The same, blocking the thread. */
  joinSync(options?: SyncWaitOptions): boolean;
}

/** The process that this code runs in. */
export function currentProcess(): CurrentProcess {
  const { name, daemon } = whoAmI().process;
  return { pid: process.pid, name, daemon, alive: true, exitCode: null };
}

/** The thread that this code runs in. */
export function currentThread(): CurrentThread {
  return { threadId, ...whoAmI().thread, isMain: isMainThread };
}

/** The process that has started this one as a `Process`; null in a program that was started in another way. */
export function parentProcess(): ParentProcess | null {
  const { parent } = whoAmI().process;
  return parent === undefined ? null : new Parent(parent);
}

/** The processes that this thread has started and that have not ended, in a new array. */
export function activeChildren(): Process[] {
  return [...active].filter(isRunningProcess);
}

function isRunningProcess(party: Party): party is Process {
  return party instanceof Process && party.alive;
}

/** How many threads can run at once on this machine, as far as this process is allowed to; at least 1. */
export function cpuCount(): number {
  return availableParallelism();
}

class Parent implements ParentProcess {
  readonly #identity: ParentIdentity;

  constructor(identity: ParentIdentity) {
    this.#identity = identity;
  }

  get pid(): number {
    return this.#identity.pid;
  }

  get name(): string {
    return this.#identity.name;
  }

  get alive(): boolean {
    return !this.joinSync({ timeout: 0 });
  }

  async join(options?: WaitOptions): Promise<boolean> {
    try {
      (await this.#identity.life.acquire(options)).release();
      return true;
    } catch (error) {
      if (error instanceof TimeoutError) return false;
      throw error;
    }
  }

  joinSync(options?: SyncWaitOptions): boolean {
    checkTimeout(options, "join parent process");
    try {
      this.#identity.life.acquireSync(options).release();
      return true;
    } catch (error) {
      if (error instanceof TimeoutError) return false;
      throw error;
    }
  }
}
