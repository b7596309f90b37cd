import { someFiles } from "./files.ts";
import type { Step } from "./steps.ts";

const FLAGS = [
  "--conditions=@lockstep/modules",
  "--enable-source-maps",
  "--test",
  "--test-concurrency=3",
  "--test-reporter=spec",
];
const WATCHDOG_MS = 300_000; // for each file: far above the slowest, it ends what hangs

type Files = () => string[];

/** The tests on a Node, compiled by `tsc -b`: no version runs all of our TypeScript itself, and this starts faster. */
export function nodeTests(
  name: string,
  node: string[],
  files: Files = testFiles,
  watchdogMs: number = WATCHDOG_MS,
): Step {
  const flags = [...FLAGS, `--test-timeout=${watchdogMs}`];
  const compiled = (file: string) => file.replace("/test/", "/dist-test/").replace(/\.ts$/, ".js");
  return { name, command: () => [...node, ...flags, ...files().map(compiled)], reader: "node" };
}

export function denoTests(name: string, deno: string[], files: Files = testFiles): Step {
  return { name, command: () => [...deno, "test", "--no-check", "--allow-all", ...files()], reader: "deno" };
}

/** Listed from the sources, so that nothing runs that an earlier build left behind. */
function testFiles(): string[] {
  return someFiles("packages", /^packages\/\w+\/test\/\w+_test\.ts$/);
}
