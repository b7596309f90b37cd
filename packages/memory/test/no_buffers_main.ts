// With LOCKSTEP_NO_EXTERNAL_BUFFERS, which makes native code refuse as such a runtime would.
import { equal, throws } from "node:assert/strict";
import { UnsupportedPlatformError } from "@lockstep/contract";
import { SharedArray, SharedMemory, SharedValue } from "@lockstep/memory";

const memory = new SharedMemory(100);
throws(() => memory.buffer, {
  name: UnsupportedPlatformError.name,
  message: "Cannot use SharedMemory: this runtime refuses ArrayBuffers over memory that is not its own",
});
equal(memory.byteLength, 100);
const array = new SharedArray("f64", 10);
throws(() => array.view, UnsupportedPlatformError);
throws(() => array.set(0, 1), UnsupportedPlatformError);
array.lock.acquireSync().release();
const value = new SharedValue("i32", 1);
throws(() => value.value, UnsupportedPlatformError);
throws(() => value.add(1), UnsupportedPlatformError);
value.lock.acquireSync().release();
value[Symbol.dispose]();
throws(() => value.value, { name: "InvalidStateError" });
