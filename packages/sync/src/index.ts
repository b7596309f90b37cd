/**
 * Locks, semaphores, barriers, conditions and events that threads and unrelated processes share.
 *
 * @module
 */
export { Timer } from "@lockstep/contract";
export { SharedObject } from "@lockstep/segment";
export { type AnyShared, attach } from "./attach.ts";
export { Barrier } from "./barrier.ts";
export { BoundedSemaphore } from "./bounded_semaphore.ts";
export { Condition } from "./condition.ts";
export { Event } from "./event.ts";
export { Lock } from "./lock.ts";
export { RLock } from "./rlock.ts";
export { RWLock } from "./rwlock.ts";
export { Semaphore } from "./semaphore.ts";
