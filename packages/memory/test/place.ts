// A segment for the tests of one file, and collecting garbage.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Segment, SegmentOptions } from "@lockstep/memory";
import { ownSegment as ownNamedSegment, until } from "@lockstep/testing";

export { until };

/** A segment with a name of its own, which goes when the tests of the file are done. */
export function ownSegment(purpose: string, options?: SegmentOptions): Segment {
  return ownNamedSegment(`memory-${purpose}`, options);
}

setFlagsFromString("--expose-gc");
/** Collects garbage now. */
export const collectGarbage: () => void = runInNewContext("gc");

/** Collects garbage until so many objects are left in the segment. */
export function untilCollected(segment: Segment, objects: number = 0): Promise<void> {
  return until(() => {
    collectGarbage();
    return segment.stats().objects <= objects;
  });
}
