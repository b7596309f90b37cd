/**
 * Every native function, as `native/addon` exports it: plain functions over integers. A `handle` is slot + generation,
 * checked in C++ on every call together with the kind of object; a stale or invented one is status GONE, never a crash.
 *
 * Statuses are those of `native/core/status.hpp`; failures (< 0) of the functions marked "throws" arrive as exceptions
 * with a `status` and, where the kernel said no, an `errno` property instead. Deadlines are milliseconds of `now()`,
 * `Infinity` for never. A blocking call returns AGAIN after at most 100 ms, so that a worker can be terminated between
 * two calls: the caller calls again with the same arguments.
 */

import type { NativeLists } from "./native_lists.ts";

/** Acquired, done, woken. */
export const OK = 0;
/** Acquired, from an owner that died holding it. */
export const OWNER_DIED = 1;
/** The deadline has passed. */
export const TIMED_OUT = 2;
/** Not now. An arm or poll call has registered this isolate: the doorbell rings at the next chance. */
export const UNAVAILABLE = 3;
/** The barrier is broken. */
export const BROKEN = 4;
/** A release without a hold. */
export const NOT_HELD = 5;
/** A counter would pass its bound. */
export const BOUND = 6;
/** A slice of a blocking call is over; call again. */
export const AGAIN = 7;

/** The handle is stale: the object or the segment was given back. */
export const GONE: -1 = -1;
/** A shared structure breaks its own rules. */
export const CORRUPT: -2 = -2;
/** The capacity or the file system is exhausted. */
export const FULL: -3 = -3;
/** It exists with another kind, other parameters or another format. */
export const MISMATCH: -4 = -4;
/** There is no segment of that name. */
export const NOT_FOUND: -5 = -5;
/** A symbolic link, another owner, or open permissions. */
export const FOREIGN: -6 = -6;
/** No owner or process slot is free. */
export const TOO_MANY: -7 = -7;
/** The kernel or the directory cannot do it. */
export const UNSUPPORTED: -8 = -8;
/** A system call failed; `errno` tells. */
export const SYSTEM: -9 = -9;

/** How a call ended: one of the constants above. */
export type Status = number;

/** Why an isolate tries a lock: for a promise that has just come, or again after its own release; */
export const FRESH = 0;
/** because the doorbell rang for it; */
export const RUNG = 1;
/** because the doorbell rang and its oldest promise has waited longer than 1 ms. */
export const STARVING = 2;
/** One of the three. */
export type Urgency = typeof FRESH | typeof RUNG | typeof STARVING;
/** A joined segment of this isolate. */
export type SegmentHandle = number;
/** An attached object of this isolate. */
export type Handle = number;

/** What a dict takes for a key. */
export type DictKey = string | number | bigint | boolean;
/** What a claim is for: a value that is not there yet, */
export const COMPUTE = 0;
/** or one that takes the place of another. */
export const MODIFY = 1;
/** What bytes are, for a container: made by the codec, */
export const ENCODED = 7;
/** or the user's own. */
export const BYTES = 8;

/** What open and attach tell of an object. */
export interface ObjectInfo {
  /** What the functions below know it by. */
  handle: Handle;
  /** One of KIND. */
  kind: number;
  /** This call made it. */
  created: boolean;
  /** With `serial` the part of a handle string that names the object in its segment. */
  offset: number;
  /** Never used again in its segment. */
  serial: number;
  /** What it was created with: value, limit, parties. */
  parameter: number;
  /** Offset of a condition's lock, else 0. */
  partner: number;
  /** Which 1 MiB window of the segment holds the words, and the index of its word 0 in an Int32Array over it. */
  window: number;
  /** See `window`. */
  index: number;
  /** The bit by which `takeRings` names this object (among others). */
  bucket: number;
}

/** A segment as listed, without joining it. */
export interface SegmentInfo {
  /** Without the prefix of the user. */
  name: string;
  /** Upper bound in bytes. */
  capacity: number;
  /** Bytes that the file system has really given. */
  reserved: number;
  /** Processes that use it now. */
  processes: number;
  /** It belongs to a process tree. */
  isPrivate: boolean;
}

/** Figures of a joined segment. */
export interface SegmentStats {
  /** Upper bound in bytes. */
  capacity: number;
  /** Bytes that the file system has really given. */
  reserved: number;
  /** Bytes in blocks that are in use. */
  used: number;
  /** Objects that exist. */
  objects: number;
  /** Processes that use it now. */
  processes: number;
  /** Isolates that use it now. */
  owners: number;
}

/** What openSegment needs to know. */
export interface SegmentOptions {
  /** On a tmpfs. */
  directory: string;
  /** `[A-Za-z0-9._-]{1,100}`, not starting with a dot. */
  name: string;
  /** Upper bound in bytes, for the one that creates it. */
  capacity: number;
  /** Permissions of the file. */
  mode: number;
  /** Permission bits that the file of an existing segment may have. */
  acceptedMode: number;
  /** Make it when it is missing. */
  create: boolean;
  /** It belongs to a process tree and goes with its last process. */
  isPrivate: boolean;
}

/** The addon. */
export interface NativeBinding extends NativeLists {
  /** What this machine lacks, or undefined. */
  unsupportedReason(): string | undefined;
  /** CLOCK_MONOTONIC in milliseconds. */
  now(): number;
  /** Layout constants that JavaScript's fast paths need; compared with their TypeScript copies when loading. */
  layout(): Record<string, number>;

  // --- segments -----------------------------------------------------------------------------------------------------
  /** Joins with an owner id for this isolate; the same segment again gives the same handle. Throws. */
  openSegment(options: SegmentOptions): SegmentHandle;
  /** This isolate leaves: what it held is given back. Its objects are GONE afterwards. */
  closeSegment(segment: SegmentHandle): void;
  /** Owner id of this isolate, the number that lock words hold. Throws GONE. */
  ownerId(segment: SegmentHandle): number;
  /**
   * 1 MiB of the mapping, or undefined where external ArrayBuffers are refused (or LOCKSTEP_NO_EXTERNAL_BUFFERS is
   * set).
   */
  segmentWindow(segment: SegmentHandle, window: number): ArrayBuffer | undefined;
  /** Throws GONE. */
  segmentStats(segment: SegmentHandle): SegmentStats;
  /** False when there was none. */
  unlinkSegment(directory: string, name: string): boolean;
  /** Segments of this user, without joining them. */
  listSegments(directory: string): SegmentInfo[];
  /** Removes private segments that no live process uses. */
  sweepSegments(directory: string): void;
  /** For process.on("exit"): removes the file of a private segment when this is its last process. */
  unlinkIfLast(segment: SegmentHandle): void;
  /**
   * A string shared by all isolates of this process (the name of the process tree's private segment): sets it when it
   * is unset, returns what stands.
   */
  processName(candidate: string): string;

  // --- objects ------------------------------------------------------------------------------------------------------
  /**
   * Creates, or opens by name. `partner`: handle of a condition's lock, else 0. Throws; on MISMATCH the exception has
   * `existing: { kind, parameter, partner }`.
   */
  openObject(segment: SegmentHandle, kind: number, parameter: number, name: string, partner: Handle): ObjectInfo;
  /**
   * By offset and serial of a handle string, or (serial 0) by offset of a partner. `kind` 0 accepts any. Throws GONE,
   * MISMATCH, CORRUPT.
   */
  attachObject(segment: SegmentHandle, offset: number, serial: number, kind: number): ObjectInfo;
  /** Balances one open or attach. Stale handles are ignored. */
  closeObject(handle: Handle): void;
  /** Removes the name for everybody; false when it has none. */
  unnameObject(handle: Handle): boolean;
  /** The word at `index` (0: first word of the kind), for where there is no window. */
  readWord(handle: Handle, index: number): number;

  // --- lock word: Lock, RLock and the turnstile of RWLock -----------------------------------------------------------
  /** OK, OWNER_DIED or UNAVAILABLE; never waits. */
  lockTry(handle: Handle): Status;
  /** Blocks. OK, OWNER_DIED, TIMED_OUT, AGAIN. `since`: now() at the entry of the whole wait. */
  lockAcquire(handle: Handle, deadline: number, since: number): Status;
  /** Tries; UNAVAILABLE has armed the bell. `urgency`: FRESH, RUNG or STARVING. */
  lockArm(handle: Handle, urgency: Urgency): Status;
  /** No promise waits here any more (granted elsewhere, aborted, timed out). */
  lockDisarm(handle: Handle): Status;
  /** Gives back this isolate's hold. OK, NOT_HELD. */
  lockRelease(handle: Handle): Status;
  /** Gives back whoever's hold. OK, NOT_HELD. */
  lockReleaseAny(handle: Handle): Status;

  // --- semaphore -----------------------------------------------------------------------------------------------------
  /** OK or UNAVAILABLE; never waits. */
  semaphoreTry(handle: Handle, count: number): Status;
  /** Blocks. OK, TIMED_OUT, AGAIN. */
  semaphoreAcquire(handle: Handle, count: number, deadline: number): Status;
  /** Tries; UNAVAILABLE has armed the bell. */
  semaphoreArm(handle: Handle, count: number): Status;
  /** No promise waits here any more. */
  semaphoreDisarm(handle: Handle): Status;
  /** OK, BOUND. */
  semaphoreRelease(handle: Handle, count: number): Status;
  /** After JavaScript added permits itself and saw bit 0 in the event count (word 1). */
  semaphoreWake(handle: Handle, count: number): Status;

  // --- bounded semaphore: `indexes` receives the permits taken, its length is the count ------------------------------
  /** OK, OWNER_DIED or UNAVAILABLE; never waits. */
  boundedTry(handle: Handle, indexes: Uint32Array): Status;
  /** Blocks. OK, OWNER_DIED, TIMED_OUT, AGAIN. */
  boundedAcquire(handle: Handle, indexes: Uint32Array, deadline: number): Status;
  /** Tries; UNAVAILABLE has armed the bell. */
  boundedArm(handle: Handle, indexes: Uint32Array): Status;
  /** No promise waits here any more. */
  boundedDisarm(handle: Handle): Status;
  /** One permit of this isolate. OK, NOT_HELD. */
  boundedRelease(handle: Handle, index: number): Status;
  /** OK, BOUND. */
  boundedReleaseAny(handle: Handle, count: number): Status;
  /** After JavaScript freed permits itself and saw bit 0 in the event count (word 0). */
  boundedWake(handle: Handle, count: number): Status;
  /** Free permits at this moment. */
  boundedValue(handle: Handle): number;

  // --- event ---------------------------------------------------------------------------------------------------------
  /** Sets it; wakes whoever waits. */
  eventSet(handle: Handle): Status;
  /** Clears it. */
  eventClear(handle: Handle): Status;
  /** `generation`: word 0 without its two lowest bits, read at the entry of the wait (unsigned). */
  eventWait(handle: Handle, generation: number, deadline: number): Status;
  /** OK when set or of a later generation; UNAVAILABLE has armed the bell. */
  eventArm(handle: Handle, generation: number): Status;
  /** No promise waits here any more. */
  eventDisarm(handle: Handle): Status;

  // --- condition -----------------------------------------------------------------------------------------------------
  /** A place in the queue (> 0), taken while holding the lock; or a failure. */
  conditionEnter(handle: Handle): number;
  /** OK (notified), TIMED_OUT, AGAIN. The place is kept in each case: take the lock back, then conditionLeave. */
  conditionWait(handle: Handle, place: number, deadline: number): Status;
  /** OK (notified; the place is kept, as above) or UNAVAILABLE; the notifier rings. */
  conditionPoll(handle: Handle, place: number): Status;
  /**
   * Gives the place up, holding the lock again: who dies before leaves the notification to another.
   * OK: a notification had arrived and is the caller's (pass it on with conditionNotify(1) on abort). TIMED_OUT: none
   * had.
   */
  conditionLeave(handle: Handle, place: number): Status;
  /** How many were woken. */
  conditionNotify(handle: Handle, count: number): number;
  /** How many wait and are not notified. */
  conditionWaiting(handle: Handle): number;

  // --- barrier -------------------------------------------------------------------------------------------------------
  /** `arrival` receives [generation, index]. OK, BROKEN, UNAVAILABLE (a reset is draining; bell armed). */
  barrierArrive(handle: Handle, arrival: Uint32Array): Status;
  /** Blocks while a reset drains or a full round is about to pass. OK, TIMED_OUT, AGAIN. */
  barrierAwaitReset(handle: Handle, deadline: number): Status;
  /** The last party lets the others go. OK, BROKEN. */
  barrierTrip(handle: Handle, generation: number, index: number): Status;
  /** Blocks. OK (passed), BROKEN, TIMED_OUT (nothing changed), AGAIN. */
  barrierWait(handle: Handle, generation: number, index: number, deadline: number): Status;
  /** OK, BROKEN, or UNAVAILABLE with the bell armed. */
  barrierPoll(handle: Handle, generation: number, index: number): Status;
  /** OK: the round had passed; UNAVAILABLE: it is about to, wait on; BROKEN: it is broken now. */
  barrierBreak(handle: Handle, generation: number, index: number): Status;
  /** Breaks it for all. */
  barrierAbort(handle: Handle): Status;
  /** Makes it usable again; those who wait find it broken. */
  barrierReset(handle: Handle): Status;
  /** No promise waits here any more. */
  barrierDisarm(handle: Handle): Status;
  /** Parties that wait in the present round. */
  barrierWaiting(handle: Handle): number;

  // --- readers-writer lock: the turnstile is the lock word above -----------------------------------------------------
  /** Finds or makes this isolate's reader word; result as [window, index]. Throws FULL, GONE. */
  rwlockReaderWord(handle: Handle): [number, number];
  /** OK: reading. UNAVAILABLE: take the turnstile (lockAcquire), rwlockMark, lockRelease. */
  rwlockTryRead(handle: Handle): Status;
  /** Marks this isolate as a reader, while it has the turnstile. */
  rwlockMark(handle: Handle): Status;
  /** The last read hold of this isolate ends. */
  rwlockEndRead(handle: Handle): Status;
  /** After JavaScript cleared the reader word and saw bit 0 in the event count (word 1). */
  rwlockWakeWriter(handle: Handle): Status;
  /** The holder of the turnstile waits for the readers. OK, TIMED_OUT, AGAIN. */
  rwlockDrain(handle: Handle, deadline: number): Status;
  /** OK when no reader is left; UNAVAILABLE has armed the bell. */
  rwlockDrainArm(handle: Handle): Status;
  /** No promise waits for readers any more. */
  rwlockDrainDisarm(handle: Handle): Status;
  /** 1 while any isolate reads. */
  rwlockHasReaders(handle: Handle): number;

  // --- containers: values are primitives as they are, or bytes of a kind
  // ----------------------------------------------
  /**
   * Once per isolate: where bytes are put that a container gives. False when it has some already.
   *
   * A call that gives a value gives bytes as this array: their length and kind in its first two 32-bit words, they
   * themselves from byte 16 on. Those that do not fit are an ArrayBuffer instead, with length and kind as before.
   */
  keepScratch(scratch: Uint8Array<ArrayBuffer>): boolean;
  /** The value that the last call on a container has copied out, once. */
  lastValue(): unknown;
  /** The key that `dictTakeAny` has copied out. */
  lastKey(): DictKey;

  // --- dict: `kind` says what a Uint8Array is; `ttl` is in milliseconds, 0 for ever
  // ------------------------------------
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

  // --- claim: who is at work on a key of a dict. `purpose`: COMPUTE or MODIFY, which do not exclude each other
  // ---------
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

  // --- doorbell ------------------------------------------------------------------------------------------------------
  /** `dispatch` runs on this isolate's event loop after a ring; at most one call is outstanding. Once per isolate. */
  listen(dispatch: () => void): void;
  /** Buckets that were rung in this segment since the last call. */
  takeRings(segment: SegmentHandle): number;
  /** Whether promises wait in this segment: the native net looks again only while some do. */
  setPending(segment: SegmentHandle, any: boolean): void;
  /** While referenced, the doorbell keeps the event loop alive. */
  refLoop(): void;
  /** The doorbell no longer keeps the event loop alive. */
  unrefLoop(): void;
}
