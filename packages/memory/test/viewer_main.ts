// Looks at memory and at an array of somebody else, and keeps nothing but the views.
import process from "node:process";
import { SharedArray, SharedMemory } from "@lockstep/memory";

const [, , memoryHandle = "", arrayHandle = "", end = ""] = process.argv;
const memory = SharedMemory.from(memoryHandle);
const array = SharedArray.from<"f64">(arrayHandle);
const bytes = new Uint8Array(memory.buffer);
const { view } = array;
memory[Symbol.dispose]();
array[Symbol.dispose]();
bytes[0] = 7;
view[0] = 7;
if (end === "stay") setInterval(() => bytes[1]!++, 1000);
