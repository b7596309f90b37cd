import process from "node:process";
import { isMainThread, threadId } from "node:worker_threads";

import type { Lock } from "@lockstep/sync";

/** Who started this process, as it knows it. */
export interface ParentIdentity {
  readonly pid: number;
  readonly name: string;
  /** Held by the parent as long as it lives. */
  readonly life: Lock;
}

/** Who this thread is, and its process. */
export interface Identity {
  readonly process: { readonly name: string; readonly daemon: boolean; readonly parent: ParentIdentity | undefined };
  readonly thread: { readonly name: string; readonly daemon: boolean };
}

let identity: Identity = {
  process: { name: "MainProcess", daemon: false, parent: undefined },
  thread: { name: isMainThread ? "MainThread" : `Worker-${threadId}`, daemon: false },
};

let loading = false;

/** Who this thread is. */
export function whoAmI(): Identity {
  return identity;
}

/** What a child does when it has been told. */
export function become(told: Identity): void {
  identity = told;
}

/** Runs while the module with the target is being imported: what would start a process there would do so for ever. */
export async function whileLoading<T>(load: () => T | Promise<T>): Promise<T> {
  loading = true;
  try {
    return await load();
  } finally {
    loading = false;
  }
}

/** Whether the module with the target of this child is being imported. */
export function isLoading(): boolean {
  return loading;
}

/** How many of each kind have been started here, for their names. */
const counts: Record<string, number> = {};

/** `Process-1`, and in that one `Process-1:1`, as in Python. */
export function nextName(kind: string): string {
  const count = counts[kind] = (counts[kind] ?? 0) + 1;
  const mine = kind === "Process" ? identity.process.name : identity.thread.name;
  return mine.startsWith(`${kind}-`) ? `${mine}:${count}` : `${kind}-${count}`;
}

/** What an error names the process or thread by. */
export function whereAmI(): string {
  return isMainThread ? `Process ${identity.process.name} (pid ${process.pid})` : `Thread ${identity.thread.name}`;
}
