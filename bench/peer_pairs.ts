// How each peer takes and releases: one call of `pair` is one acquire and one release.
import { closeSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { threadId } from "node:worker_threads";

export interface Peer {
  readonly pair: () => void | Promise<void>;
  /** The same, but waiting while another process has it. */
  readonly waiting: () => void | Promise<void>;
  readonly end: () => void;
}

/** The peer cannot be measured on this runtime or in this installation; the message says why. */
export class NotHere extends Error {}

export type PeerName = "fs-native-extensions" | "proper-lockfile" | "atomics-sync" | "Web Locks";

const require = createRequire(import.meta.url);
const NOT_INSTALLED = "it is not installed; npm ci does that";

interface RecordLocks {
  tryLock(fd: number): boolean;
  waitForLockSync(fd: number): void;
  unlock(fd: number): void;
}

interface LockFiles {
  lockSync(file: string): () => void;
  lock(file: string, options: object): Promise<() => Promise<void>>;
}

interface AtomicsSync {
  readonly Mutex: {
    init(): unknown;
    lock(mutex: unknown, thread: number): void;
    unlock(mutex: unknown, thread: number): void;
  };
}

interface WebLocks {
  request(name: string, work: () => void): Promise<void>;
}

const nothing = (): void => {};

function requirePeer<T>(name: PeerName, ifMissing: string): T {
  try {
    return require(name) as T;
  } catch (error) {
    if ((error as { code?: string }).code === "MODULE_NOT_FOUND") throw new NotHere(ifMissing);
    throw error;
  }
}

/** Each prepares itself on a file that all parties share, and throws `NotHere` where it cannot be measured. */
export const PEERS: Record<PeerName, (file: string) => Peer> = {
  "fs-native-extensions": (file) => {
    if (process.versions["deno"] !== undefined) throw new NotHere("its addon needs symbols that Deno lacks");
    const locks = requirePeer<RecordLocks>("fs-native-extensions", NOT_INSTALLED);
    const fd = openSync(file, "r+");
    const pair = () => {
      if (!locks.tryLock(fd)) throw new Error("The record lock is held by somebody else");
      locks.unlock(fd);
    };
    const waiting = () => {
      locks.waitForLockSync(fd);
      locks.unlock(fd);
    };
    return { pair, waiting, end: () => closeSync(fd) };
  },
  "proper-lockfile": (file) => {
    const files = requirePeer<LockFiles>("proper-lockfile", NOT_INSTALLED);
    const pair = () => files.lockSync(file)();
    const retries = { forever: true, factor: 1, minTimeout: 1, maxTimeout: 1 };
    const waiting = async () => (await files.lock(file, { retries }))();
    return { pair, waiting, end: nothing };
  },
  "atomics-sync": () => {
    const { Mutex } = requirePeer<AtomicsSync>(
      "atomics-sync",
      "the npm registry does not know it (404), so npm ci cannot install it; it is measured where node_modules has it",
    );
    const mutex = Mutex.init();
    const pair = () => {
      Mutex.lock(mutex, threadId + 1);
      Mutex.unlock(mutex, threadId + 1);
    };
    return { pair, waiting: pair, end: nothing };
  },
  "Web Locks": () => {
    const { locks } = navigator as unknown as { locks?: WebLocks };
    if (locks === undefined) throw new NotHere("this runtime has no navigator.locks");
    const pair = () => locks.request("bench", nothing);
    return { pair, waiting: pair, end: nothing };
  },
};
