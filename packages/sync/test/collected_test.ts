import { equal } from "node:assert/strict";
import { it } from "node:test";
import { runProgram } from "./program.ts";

it("objects that nobody has any more are collected, guards and promises keep theirs", async () => {
  equal(await runProgram("process", "collected_main", []), "exit 0");
});
