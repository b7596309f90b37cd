// Segments keep their rules whatever a test does in them: every test that ends well ends with a look at all of them.
import { it as runTest } from "node:test";
import { SegmentState } from "@lockstep/segment";

/** Passes if all segments that this thread has joined keep their rules. */
export function checkSegments(): void {
  for (const segment of SegmentState.joined()) {
    const { findings } = segment.verify();
    if (findings.length > 0) throw new Error(`Segment ${segment.name} is not sound:\n${findings.join("\n")}`);
  }
}

/** As `it` of `node:test`, with `checkSegments()` at the end. Hooks would do, if failures in them failed on Deno. */
export function it(title: string, body: () => void | Promise<void>): void {
  runTest(title, async () => {
    await body();
    checkSegments();
  });
}
