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
