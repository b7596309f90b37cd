import { parseHandle } from "@lockstep/segment";
import { KIND } from "@lockstep/native";

import { Barrier } from "./barrier.ts";
import { BoundedSemaphore } from "./bounded_semaphore.ts";
import { Condition } from "./condition.ts";
import { Event } from "./event.ts";
import { Lock } from "./lock.ts";
import { RLock } from "./rlock.ts";
import { RWLock } from "./rwlock.ts";
import { Semaphore } from "./semaphore.ts";

/** Any object of this package that lives in shared memory. */
export type AnyShared = Lock | RLock | RWLock | Semaphore | BoundedSemaphore | Condition | Event | Barrier;

const CLASSES: Readonly<Record<number, { from(handle: string): AnyShared }>> = {
  [KIND.lock]: Lock,
  [KIND.rlock]: RLock,
  [KIND.rwlock]: RWLock,
  [KIND.semaphore]: Semaphore,
  [KIND.boundedSemaphore]: BoundedSemaphore,
  [KIND.condition]: Condition,
  [KIND.event]: Event,
  [KIND.barrier]: Barrier,
};

/**
 * The object that the handle names, of whatever class it is.
 * @throws {TypeError | RangeError} If it is no handle.
 * @throws {InvalidStateError} If the object is not there any more.
 */
export function attach(handle: string): AnyShared {
  const { kind } = parseHandle(handle, "attach object");
  return (CLASSES[kind] as { from(handle: string): AnyShared }).from(handle);
}
