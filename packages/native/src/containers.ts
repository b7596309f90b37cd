import type { Handle, Status } from "./status.ts";

/** What a dict takes for a key. */
export type DictKey = string | number | bigint | boolean;
/** What a claim is for: a value that is not there yet, */
export const COMPUTE = 0;
/** or one that takes the place of another. */
export const MODIFY = 1;
/** What bytes are, for a container: made by the codec, */
export const ENCODED = 7;
/** or the user's own, */
export const BYTES = 8;
/** or a table of the shared objects that it names, then as ENCODED: see `value_objects.hpp`. */
export const OBJECTS = 9;

/** How values leave native code: primitives as they are, the rest as bytes of a kind. */
export interface ValueFunctions {
  /**
   * Once per isolate: where bytes are put that a container gives. False when it has some already.
   *
   * A call that gives a value gives bytes as this array: their length and kind in its first two 32-bit words, they
   * themselves from byte 16 on. Those that do not fit are an ArrayBuffer instead, with length and kind as before.
   */
  keepScratch(scratch: Uint8Array<ArrayBuffer>): boolean;
  /** The value that the last call on a container has copied out, once. */
  lastValue(): unknown;
  /** Detaches what the values that were copied out name: whoever wants it has attached it himself by now. */
  letGo(): void;
  /** The key that `dictTakeAny` has copied out. */
  lastKey(): DictKey;
}

/** Dicts: `kind` says what a Uint8Array is; `ttl` is in milliseconds, 0 for ever. */
export interface DictFunctions {
  /** The value, undefined when there is none. Throws GONE, CORRUPT, MISMATCH (no key, or one that is too long). */
  dictGet(handle: Handle, key: DictKey): unknown;
  /** The version of the value, which is then the last one; 0 is never one. NOT_FOUND, CORRUPT, MISMATCH. */
  dictRead(handle: Handle, key: DictKey): number;
  /** Whether it is there. */
  dictHas(handle: Handle, key: DictKey): boolean;
  /** OK, FULL, BOUND (as many entries as there may be), CORRUPT, MISMATCH (no key, or no such value). */
  dictSet(handle: Handle, key: DictKey, value: unknown, kind: number, ttl: number): Status;
  /** The same if the key is not there: UNAVAILABLE when it is, with what it has as the last value. */
  dictInsert(handle: Handle, key: DictKey, value: unknown, kind: number, ttl: number): Status;
  /** The same if the value has that version (0: is not there): else UNAVAILABLE or NOT_FOUND. Keeps its time. */
  dictReplace(handle: Handle, key: DictKey, value: unknown, kind: number, version: number): Status;
  /** The same if the value has those bytes: else UNAVAILABLE or NOT_FOUND. Keeps its time. */
  dictCompareAndSet(
    handle: Handle,
    key: DictKey,
    value: unknown,
    kind: number,
    expected: unknown,
    expectedKind: number,
  ): Status;
  /** The sum. A key that is not there counts as 0 and gets the time. Throws as set; MISMATCH: it is no number. */
  dictAdd(handle: Handle, key: DictKey, by: number, ttl: number): number;
  /** OK, NOT_FOUND, UNAVAILABLE (another version than this, if it is not 0). */
  dictDelete(handle: Handle, key: DictKey, version: number): Status;
  /** OK with what it had as the last value, NOT_FOUND. */
  dictTake(handle: Handle, key: DictKey): Status;
  /** OK with the last key and the last value, NOT_FOUND. */
  dictTakeAny(handle: Handle): Status;
  /** Removes all. */
  dictClear(handle: Handle): Status;
  /** How many there are. */
  dictSize(handle: Handle): number;
  /** Appends the keys of the next part, from 0 on; gives where the walk goes on, -1 at the end. */
  dictWalk(handle: Handle, cursor: number, keys: DictKey[]): number;
}

/** Claims: who is at work on a key of a dict. `purpose`: COMPUTE or MODIFY, which do not exclude each other. */
export interface ClaimFunctions {
  /** OK: it is this isolate's now. UNAVAILABLE: some isolate has it, perhaps this one. */
  claimTry(handle: Handle, key: DictKey, purpose: number): Status;
  /** Blocks. OK, TIMED_OUT, AGAIN. */
  claimAcquire(handle: Handle, key: DictKey, purpose: number, deadline: number): Status;
  /** Tries; UNAVAILABLE has armed the bell. */
  claimArm(handle: Handle, key: DictKey, purpose: number): Status;
  /** No promise waits for a claim of this dict any more. */
  claimDisarm(handle: Handle): Status;
  /** OK, NOT_HELD. */
  claimRelease(handle: Handle, key: DictKey, purpose: number): Status;
}

/** Changes of a dict: `seen` has 32 words, which say how far a watcher has looked. */
export interface ChangesFunctions {
  /** From now on, of all keys or of the part of the dict in which one is. OK, FULL, CORRUPT, MISMATCH (no key). */
  changesBegin(handle: Handle, seen: Uint32Array, only: DictKey | undefined): Status;
  /**
   * Appends the keys that have changed since, some perhaps more than once. OK; UNAVAILABLE: there are none; BOUND:
   * there were too many, each key may have changed; CORRUPT.
   */
  changesTake(handle: Handle, seen: Uint32Array, keys: DictKey[]): Status;
  /** OK: it is worth while to take. UNAVAILABLE. */
  changesLook(handle: Handle, seen: Uint32Array): Status;
  /** The same; UNAVAILABLE has armed the bell. */
  changesArm(handle: Handle, seen: Uint32Array): Status;
  /** No promise waits for changes of this dict any more. */
  changesDisarm(handle: Handle): Status;
}

/**
 * Queues. An item is a value, `kind` as for a dict, and its priority, which only a priority queue looks at; where that
 * has to wait, the caller keeps all of it as it is.
 */
export interface QueueFunctions {
  /** OK, UNAVAILABLE (no place is free), BROKEN (shut down), FULL. */
  queueTryPut(handle: Handle, value: unknown, kind: number, priority: number): Status;
  /** Blocks. The same, TIMED_OUT and AGAIN instead of UNAVAILABLE. */
  queuePut(handle: Handle, value: unknown, kind: number, priority: number, deadline: number): Status;
  /** Tries; UNAVAILABLE has armed the bell. */
  queueArmPut(handle: Handle, value: unknown, kind: number, priority: number): Status;
  /** No promise waits for a place any more. */
  queueDisarmPut(handle: Handle): Status;
  /**
   * Gets up to `count` items, 256 at most. The result is the first of them, as `queueNext` gives the others; or, where
   * the fourth 32-bit word of the scratch array is 0, a status: UNAVAILABLE, BROKEN (shut down and empty).
   */
  queueTryGet(handle: Handle, count: number): unknown;
  /** `queueEnd` and `queueTryGet` of one item in one step. */
  queueEndAndTryGet(handle: Handle, item: number): unknown;
  /** Blocks until there is one. As `queueTryGet`, TIMED_OUT and AGAIN instead of UNAVAILABLE. */
  queueGet(handle: Handle, count: number, deadline: number): unknown;
  /** As `queueTryGet`; UNAVAILABLE has armed the bell. */
  queueArmGet(handle: Handle, count: number): unknown;
  /** No promise waits for an item any more. */
  queueDisarmGet(handle: Handle): Status;
  /**
   * The next of the items that the last call got, of whatever queue. The third 32-bit word of the scratch array is then
   * what `queueEnd` knows it by, the fourth how many there were, it included.
   */
  queueNext(): unknown;
  /** Items are done, the caller's own first: OK, BOUND (so many were not got), NOT_HELD (not by the caller). */
  queueTaskDone(handle: Handle, count: number): Status;
  /** This item of the caller's is done: OK, NOT_FOUND (it was before). */
  queueEnd(handle: Handle, item: number): Status;
  /** OK when all items are done, else UNAVAILABLE. */
  queueTryJoin(handle: Handle): Status;
  /** Blocks. OK, TIMED_OUT, AGAIN. */
  queueJoin(handle: Handle, deadline: number): Status;
  /** Looks; UNAVAILABLE has armed the bell. */
  queueArmJoin(handle: Handle): Status;
  /** No promise waits for the end of all items any more. */
  queueDisarmJoin(handle: Handle): Status;
  /** No more puts; with `atOnce` no more gets either, and what lies in the queue is gone. */
  queueShutDown(handle: Handle, atOnce: boolean): Status;
  /** Whether that was done. */
  queueIsShutDown(handle: Handle): boolean;
  /** Items that lie in the queue. */
  queueSize(handle: Handle): number;
  /** These, and those that were got and are not done. */
  queueUnfinished(handle: Handle): number;
}
