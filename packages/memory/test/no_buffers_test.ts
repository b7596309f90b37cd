import { equal } from "node:assert/strict";
import { it } from "node:test";
import { start } from "./child.ts";

it("where the runtime refuses buffers over shared memory, views fail with an error, and locks work", async () => {
  const child = start("process", "no_buffers_main", [], { LOCKSTEP_NO_EXTERNAL_BUFFERS: "1" });
  equal(await child.ended, "exit 0");
});
