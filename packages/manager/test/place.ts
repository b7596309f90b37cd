// A segment for the tests of one file.
import type { Segment, SegmentOptions } from "@lockstep/memory";
import { ownSegment as ownNamedSegment } from "@lockstep/testing";

export { until } from "@lockstep/testing";

/** A segment with a name of its own, which goes when the tests of the file are done. */
export function ownSegment(purpose: string, options?: SegmentOptions): Segment {
  return ownNamedSegment(`manager-${purpose}`, options);
}
