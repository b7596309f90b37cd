/**
 * Segments of shared memory, and what every object in one has: for the other packages of Lockstep.
 *
 * @module
 */
export type { SegmentInfo, VerifyReport } from "@lockstep/native";
export { formatHandle, type HandleParts, parseHandle } from "./handle.ts";
export { FOR_EVER, Limit, type Limits, limitsOf, remaining, timedOut } from "./limit.ts";
export {
  CLASS_NAMES,
  type Closable,
  type Found,
  holderOf,
  ObjectState,
  POISON,
  readAfterExchange,
} from "./object_state.ts";
export { noRoom } from "./no_room.ts";
export { joinByName, type Place, resolvePlace } from "./place.ts";
export {
  attachAt,
  attachState,
  closedState,
  openAt,
  Opened,
  openState,
  Partner,
  type Recipe,
  type Spot,
  type StateClass,
} from "./registry.ts";
export { Segment, type SegmentOptions, type SegmentStats } from "./segment.ts";
export { type SegmentRecipe, SegmentState } from "./segment_state.ts";
export { holdLoop, type Looking, type Site } from "./dispatcher.ts";
export { SharedObject } from "./shared_object.ts";
export { inSlices, type Waitable, WaitList } from "./wait_list.ts";
