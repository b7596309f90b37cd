/**
 * Every native function, as `native/addon` exports it: plain functions over integers. A `handle` is slot + generation,
 * checked in C++ on every call together with the kind of object; a stale or invented one is status GONE, never a crash.
 *
 * Failures (< 0) of the functions marked "throws" arrive as exceptions with a `status` and, where the kernel said no,
 * an `errno` property. Deadlines are milliseconds of `now()`, `Infinity` for never. A blocking call returns AGAIN after
 * at most 100 ms, so that a worker can be terminated between two calls: the caller calls again with the same arguments.
 */

import type { ChildFunctions } from "./children.ts";
import type { ChangesFunctions, ClaimFunctions, DictFunctions, QueueFunctions, ValueFunctions } from "./containers.ts";
import type { ListFunctions } from "./lists.ts";
import type { MemoryFunctions } from "./memory.ts";
import type { SegmentStats, VerifyReport } from "./segment_report.ts";
import type { Handle, SegmentHandle, Status, Urgency } from "./status.ts";

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
  /** What it was created with: value, limit, parties, type of elements. */
  parameter: number;
  /** Offset of the lock of a condition, an array or a value, else 0. */
  partner: number;
  /** Length of memory in bytes, of an array in elements, else 0. */
  extent: number;
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
export interface NativeBinding
  extends
    ValueFunctions,
    DictFunctions,
    ClaimFunctions,
    ChangesFunctions,
    ListFunctions,
    QueueFunctions,
    MemoryFunctions,
    ChildFunctions {
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
  /** Looks at all of it; who wants to change something meanwhile waits. Throws GONE. */
  verifySegment(segment: SegmentHandle): VerifyReport;
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
   * `existing: { kind, parameter, partner, extent }`.
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
