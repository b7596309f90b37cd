/**
 * Shared memory: segments, and zero-copy buffers, arrays and values in them.
 *
 * @module
 */
export {
  Segment,
  type SegmentInfo,
  type SegmentOptions,
  type SegmentStats,
  type VerifyReport,
} from "@lockstep/segment";
export type { Element, ElementArrays, ElementType } from "./elements.ts";
export { SharedArray } from "./shared_array.ts";
export { SharedMemory } from "./shared_memory.ts";
export { SharedValue } from "./shared_value.ts";
