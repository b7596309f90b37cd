// What a shared dict is measured beside: lmdb, a Map with JSON, and Python's Manager (python_limits.py).
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";

/** As much of lmdb's database as is measured. */
export interface Lmdb {
  get(key: string): unknown;
  put(key: string, value: unknown): Promise<boolean>;
  putSync(key: string, value: unknown): boolean;
  transactionSync<T>(work: () => T): T;
}

export interface OpenLmdb {
  readonly database: Lmdb;
  /** Removes its files; it is closed with the process, as its close() does not return after transactionSync(). */
  readonly end: () => void;
}

/** A database in shared memory that never waits for a disk, or why there is none. */
export function openLmdb(): OpenLmdb | string {
  const folder = mkdtempSync("/dev/shm/lockstep-bench-");
  try {
    const { open } = createRequire(import.meta.url)("lmdb") as { open(options: object): Lmdb };
    const database = open({ path: `${folder}/data`, noSync: true, mapSize: 2 ** 28 });
    return { database, end: () => rmSync(folder, { recursive: true }) };
  } catch (error) {
    rmSync(folder, { recursive: true });
    return `lmdb cannot be loaded here: ${(error as Error).message.split("\n")[0]}`;
  }
}
