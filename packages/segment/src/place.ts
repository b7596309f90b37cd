import { checkName, checkOptions, type PlaceOptions, show } from "@lockstep/contract";

import { privateSegment } from "./private_segment.ts";
import { Segment, segmentStateOf } from "./segment.ts";
import { checkSegmentName } from "./segment_name.ts";
import { DEFAULT_RECIPE, SegmentState } from "./segment_state.ts";

/** Where an object is to be found or made. */
export interface Place {
  /** The joined segment. */
  segment: SegmentState;
  /** Empty: anonymous. */
  name: string;
}

/** Where objects with a name live when nobody says otherwise, so that unrelated processes meet. */
const COMMON_SEGMENT = "default";

/**
 * Joins the segment that the options mean: the named one, else the common one for a name, else that of the process
 * tree.
 * @throws {TypeError | RangeError} If an option is not allowed.
 */
export function resolvePlace(options: PlaceOptions, where: string): Place {
  checkOptions(options, where);
  const { name, segment } = options;
  if (name !== undefined) checkName(name, where);
  return { name: name ?? "", segment: resolveSegment(segment, name !== undefined, where) };
}

function resolveSegment(segment: PlaceOptions["segment"], isNamed: boolean, where: string): SegmentState {
  if (segment instanceof Segment) return segmentStateOf(segment, where);
  if (segment === undefined) return isNamed ? joinByName(COMMON_SEGMENT) : privateSegment();
  if (typeof segment === "string") return joinByName(checkSegmentName(segment, where));
  throw new TypeError(`Cannot ${where}: options.segment must be a Segment or the name of one, got ${show(segment)}`);
}

/**
 * Joins a segment for objects that name it. This thread then stays in it, so that a program that makes and disposes one
 * object after the other does not join and leave each time.
 */
export function joinByName(name: string, create: boolean = true): SegmentState {
  const state = SegmentState.open(name, { ...DEFAULT_RECIPE, create });
  if (kept.has(state)) state.release();
  else kept.add(state);
  return state;
}

const kept = new Set<SegmentState>();
