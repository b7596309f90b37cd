/** `npm run lives`: how event loops end, on every runtime, with 25 times as many lives as in the gate. */
import { runSteps } from "./steps.ts";
import { denoTests, nodeTests } from "./test_steps.ts";

const WATCHDOG_MS = 800_000; // 200 lives of each row take 160 to 500 s on two CPUs
const files = () => ["packages/sync/test/life_cycle_test.ts"];
const runtime = (name: string) => ["sh", "tools/runtimes.sh", name];

Deno.env.set("LOCKSTEP_LIVES", "200");
Deno.exit(
  await runSteps([
    nodeTests("200 lives on node20", runtime("node20"), files, WATCHDOG_MS),
    nodeTests("200 lives on node22", runtime("node22"), files, WATCHDOG_MS),
    nodeTests("200 lives on node24", runtime("node24"), files, WATCHDOG_MS),
    nodeTests("200 lives on node26", runtime("node26"), files, WATCHDOG_MS),
    denoTests("200 lives on deno", runtime("deno"), files),
  ]),
);
