// Segments of test files, and waiting without hoping.
import process from "node:process";
import { after } from "node:test";
import { Segment, type SegmentOptions } from "@lockstep/segment";

const LIMIT_MS = 60_000; // ends what hangs; judges no speed
const LOOK_AGAIN_MS = 1;

/** A segment that no other process has, which goes when the tests of the file are done. */
export function ownSegment(name: string, options?: SegmentOptions): Segment {
  const segment = Segment.open(`${name}-${process.pid}`, options);
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
