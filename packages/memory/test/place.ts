// A segment for the tests of one file, and waiting without hoping.
import process from "node:process";
import { after } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Segment, type SegmentOptions } from "@lockstep/memory";

const LIMIT_MS = 60_000; // ends what hangs; judges no speed
const LOOK_AGAIN_MS = 1;

/** A segment with a name of its own, which goes when the tests of the file are done. */
export function ownSegment(purpose: string, options?: SegmentOptions): Segment {
  const segment = Segment.open(`memory-${purpose}-${process.pid}`, options);
  after(() => segment.unlink());
  return segment;
}

/** Polls until it is so. */
export async function until(condition: () => boolean): Promise<void> {
  const limit = performance.now() + LIMIT_MS;
  while (!condition()) {
    if (performance.now() > limit) throw new Error(`Still not so after ${LIMIT_MS} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
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
