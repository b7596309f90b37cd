/**
 * How native functions end, as `native/core/status.hpp` has it; what is less than 0 is a failure. And by what they know
 * segments and objects.
 */

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
