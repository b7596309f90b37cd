import { statfsSync } from "node:fs";

import { SegmentFullError } from "@lockstep/contract";
import { attempt } from "@lockstep/native";

import type { SegmentState } from "./segment_state.ts";

/** The error of what finds no room in a segment: how much it wanted, what is free, and what to do about it. */
export function noRoom(segment: SegmentState, bytes: number, where: string): SegmentFullError {
  const { capacity, used } = attempt(() => segment.binding.segmentStats(segment.handle), where);
  return new SegmentFullError(
    `Cannot ${where}: asked for ${bytes} bytes; segment "${segment.name}" has ${
      capacity - used
    } of its ${capacity} bytes free, in pieces, and ${
      freeIn(segment)
    }. Delete something, open a segment with a larger capacity, or enlarge the file system (docker run --shm-size)`,
  );
}

function freeIn({ directory }: SegmentState): string {
  try {
    const { bavail, bsize } = statfsSync(directory);
    return `${directory} has ${bavail * bsize}`;
  } catch {
    return `${directory} does not say how many it has`;
  }
}
