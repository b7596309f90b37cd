import { equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { it } from "node:test";
import { fileURLToPath } from "node:url";

const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
const MAIN = fileURLToPath(new URL(`./no_window_main.${EXTENSION}`, import.meta.url));
const LEAST_TESTS = 500;

it("all works where the runtime refuses buffers over shared memory", async () => {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const env = { ...inherited, LOCKSTEP_NO_EXTERNAL_BUFFERS: "1" };
  const args = "Deno" in globalThis ? ["test", "--no-check", "--allow-all", MAIN] : [...process.execArgv, MAIN];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => output += data);
  const ending = await new Promise((resolve) => child.on("close", (code, signal) => resolve(signal ?? code)));
  equal(ending, 0, output);
  const [, passed] = /pass (\d+)|passed \((\d+) steps/.exec(output)?.filter(Boolean) ?? [];
  ok(Number(passed) > LEAST_TESTS, `only ${passed} tests were found`);
});
