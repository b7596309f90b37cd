import { deepEqual, equal, match } from "node:assert/strict";
import { mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import process from "node:process";
import { describe, it } from "node:test";
import { Segment } from "@lockstep/segment";
import { privateSegment } from "#src/private_segment.ts";
import { runProgram } from "./child.ts";

const ALONE = { LOCKSTEP_SEGMENT: undefined };

function exists(name: string): boolean {
  return Segment.list().some((found) => found.name === name);
}

describe("privateSegment()", () => {
  it("is one for the process, named in its environment", () => {
    const segment = privateSegment();
    equal(privateSegment(), segment);
    equal(process.env.LOCKSTEP_SEGMENT, segment.name);
    deepEqual(Segment.list().find(({ name }) => name === segment.name)?.isPrivate, true);
  });

  it("is found by children", async () => {
    const { output } = await runProgram("tree_main", ["naturally"], {});
    equal(output, privateSegment().name);
  });

  it("is found by workers that were started before it", async () => {
    const { output, ending } = await runProgram("worker_main", [], ALONE);
    const [main, worker] = output.split(" ");
    deepEqual([ending, worker], ["exit 0", main]);
    match(main ?? "", /^private-[0-9a-f]{16}$/);
  });

  for (const end of ["naturally", "by exit", "parent"]) {
    it(`goes with its last process, which ends: ${end}`, async () => {
      const { output, ending } = await runProgram("tree_main", [end], ALONE);
      equal(ending, "exit 0");
      for (const name of output.split(" ")) {
        match(name, /^private-/);
        equal(name, output.split(" ")[0]);
        equal(exists(name), false);
      }
    });
  }

  it("is swept up by a later process when its own was killed", async () => {
    // Elsewhere, because any process on this machine sweeps the usual place.
    const directory = mkdtempSync("/dev/shm/lockstep-test-");
    const place = { ...ALONE, LOCKSTEP_DIR: directory };
    equal((await runProgram("tree_main", ["killed"], place)).ending, "SIGKILL");
    equal(readdirSync(directory).length, 1);
    await runProgram("tree_main", ["naturally"], place);
    equal(readdirSync(directory).length, 0);
    rmdirSync(directory);
  });

  it("refuses a name that no segment can have", async () => {
    const { output, ending } = await runProgram("refused_main", [], { LOCKSTEP_SEGMENT: "../elsewhere" });
    equal(ending, "exit 0");
    match(output, /^RangeError: Cannot use LOCKSTEP_SEGMENT/);
  });
});
