/**
 * The primitives of Lockstep on a `SharedArrayBuffer`: for worker threads of one process, without an addon.
 *
 * Same classes, methods and errors as `@lockstep/sync`, with these differences. Objects have no names: a thread hands
 * `handle` to another, which attaches with `from()`. Processes cannot share them. The death of a thread is not noticed:
 * what it held stays held, and `ownerDied` is always false. Permits and read holds are counts, which anybody may give
 * back. And there is nothing to dispose or destroy: memory returns when nobody has the object any more.
 *
 * @example
 * import { Lock } from "@lockstep/atomics";
 * const lock = new Lock();
 * {
 *   using _held = await lock.acquire();
 * }
 *
 * @module
 */
export * from "./barrier.ts";
export * from "./condition.ts";
export * from "./event.ts";
export { Lock } from "./lock.ts";
export { RLock } from "./rlock.ts";
export * from "./rwlock.ts";
export * from "./semaphore.ts";
export type { Handle, PlaceOptions } from "./place.ts";
export { Timer } from "@lockstep/contract";
