import { equal, throws } from "node:assert/strict";
import { describe } from "node:test";
import { InvalidStateError } from "@lockstep/contract";
import { SharedArray, SharedMemory } from "@lockstep/memory";
import { it } from "@lockstep/testing";
import { start } from "./child.ts";
import { ownSegment, until, untilCollected } from "./place.ts";

describe("A view", () => {
  it("keeps what it shows until it is collected, and no longer", async () => {
    equal(await start("process", "collected_main", []).ended, "exit 0");
  });

  it("in a thread that ends lets go of what it shows", async () => {
    const segment = ownSegment("worker");
    const memory = new SharedMemory(20_000, { segment });
    const array = new SharedArray("f64", 5, { segment });
    equal(await start("thread", "viewer_main", [memory.handle, array.handle, "end"]).ended, "exit 0");
    equal(new Uint8Array(memory.buffer)[0], 7);
    equal(array.at(0), 7);
    const { handle } = memory;
    memory[Symbol.dispose]();
    array[Symbol.dispose]();
    await untilCollected(segment);
    throws(() => SharedMemory.from(handle), InvalidStateError);
  });

  it("in a process that is killed lets go of what it shows", async () => {
    const segment = ownSegment("killed");
    const memory = new SharedMemory(20_000, { segment });
    const array = new SharedArray("f64", 5, { segment });
    const viewer = start("process", "viewer_main", [memory.handle, array.handle, "stay"]);
    await until(() => array.at(0) === 7);
    const { handle } = memory;
    memory[Symbol.dispose]();
    equal(SharedMemory.from(handle).byteLength, 20_000, "the other process has it");
    await viewer.kill();
    array[Symbol.dispose]();
    await untilCollected(segment);
  });
});
