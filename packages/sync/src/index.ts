/**
 * Locks, semaphores, barriers, conditions and events that threads and unrelated processes share.
 *
 * @module
 */
export { Timer } from "@lockstep/contract";
export { Lock } from "./lock.ts";
export { RLock } from "./rlock.ts";
