import { SharedArray, SharedMemory, SharedValue } from "@lockstep/memory";
import { KIND } from "@lockstep/native";
import { parseHandle } from "@lockstep/segment";
import { type AnyShared, attach as attachPrimitive } from "@lockstep/sync";

import { classes } from "./classes.ts";

/**
 * The object that the handle names, of whatever class it is: a lock or another primitive, memory, or a container.
 * @throws {TypeError | RangeError} If it is no handle.
 * @throws {InvalidStateError} If the object is not there any more.
 */
export function attach(handle: string): AnyShared | object {
  const from = classes.get(parseHandle(handle, "attach object").kind);
  return from === undefined ? attachPrimitive(handle) : from(handle);
}

classes.set(KIND.memory, (handle) => SharedMemory.from(handle));
classes.set(KIND.array, (handle) => SharedArray.from(handle));
classes.set(KIND.value, (handle) => SharedValue.from(handle));
