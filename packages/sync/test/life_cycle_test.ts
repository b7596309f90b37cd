// Every way in which an event loop ends while its promises wait, many times each, with the doorbell ringing meanwhile:
// no crash, no hang, the right exit code, and nothing left in the segment. `npm run lives` has ten times as many lives.
import { deepEqual, equal } from "node:assert/strict";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Segment } from "@lockstep/segment";
import { Event } from "@lockstep/sync";
import { runProgram } from "./program.ts";

const LIVES = Number(process.env["LOCKSTEP_LIVES"] ?? 8);
const AT_ONCE = 4;

describe("the life of an event loop with pending waits", () => {
  const segment = Segment.open(`life-cycle-test-${process.pid}`);
  const stop = new Event({ name: "stop", segment });
  let ringing: Promise<string>;

  before(() => {
    ringing = runProgram("process", "life_cycle_main", ["ring", segment.name]);
  });

  after(async () => {
    stop.set();
    equal(await ringing, "exit 0");
    segment.unlink();
  });

  for (
    const [row, ending] of [
      ["natural end", "exit 0"],
      ["process.exit()", "exit 7"],
      ["uncaught error", "exit 1"],
      ["process.exit() while a worker waits", "exit 7"],
    ] as const
  ) {
    it(`${row}: ${ending}`, async () => {
      for (let lives = 0; lives < LIVES; lives += AT_ONCE) {
        const lived = Array.from({ length: AT_ONCE }, () => live(row));
        deepEqual(await Promise.all(lived), Array.from(lived, () => ending));
      }
      await untilAlone();
    });
  }

  for (const row of ["terminated worker", "process.exit() in a worker", "worker that ends by itself"]) {
    it(`${row}: its process goes on`, async () => {
      equal(await live(row), "exit 0");
      await untilAlone();
    });
  }

  function live(row: string): Promise<string> {
    return runProgram("process", "life_cycle_main", [row, segment.name, String(LIVES)], { stdio: "ignore" });
  }

  /** Only this process and the one that rings have a place in the segment. */
  async function untilAlone(): Promise<void> {
    while (segment.stats().participants > 2) await delay(1);
  }
});
