/**
 * Shared memory: segments, and for the other packages of Lockstep the way from options and handles to places in them.
 *
 * @module
 */
export type { SegmentInfo } from "@lockstep/native";
export { formatHandle, type HandleParts, parseHandle } from "./handle.ts";
export { joinByName, type Place, resolvePlace } from "./place.ts";
export { Segment, type SegmentOptions, type SegmentStats } from "./segment.ts";
export { type SegmentRecipe, SegmentState } from "./segment_state.ts";
