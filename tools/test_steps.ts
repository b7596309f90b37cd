import { someFiles } from "./files.ts";
import type { Step } from "./steps.ts";

const NODE_FLAGS = ["--enable-source-maps", "--test", "--test-reporter=spec"];
const WATCHDOG_MS = 300_000; // for each file: far above the slowest, it ends what hangs

type Files = () => string[];

/** The TypeScript tests as compiled by `tsc -b`, on a Node that cannot run all of our TypeScript itself. */
export function compiledTests(
  name: string,
  node: string[],
  files: Files = testFiles,
  watchdogMs: number = WATCHDOG_MS,
): Step {
  const flags = [...NODE_FLAGS, `--test-timeout=${watchdogMs}`];
  const compiled = (file: string) => file.replace("/test/", "/dist-test/").replace(/\.ts$/, ".js");
  return { name, command: () => [...node, ...flags, ...files().map(compiled)], reader: "node" };
}

/** The TypeScript tests as written, importing the packages as written. */
export function sourceTests(
  name: string,
  node: string[],
  files: Files = testFiles,
  watchdogMs: number = WATCHDOG_MS,
): Step {
  const flags = ["--conditions=@lockstep/source", ...NODE_FLAGS, `--test-timeout=${watchdogMs}`];
  return { name, command: () => [...node, ...flags, ...files()], reader: "node" };
}

export function denoTests(name: string, deno: string[], files: Files = testFiles): Step {
  return { name, command: () => [...deno, "test", "--no-check", "--allow-all", ...files()], reader: "deno" };
}

/** Listed from the sources, so that nothing runs that an earlier build left behind. */
function testFiles(): string[] {
  return someFiles("packages", /^packages\/\w+\/test\/\w+_test\.ts$/);
}
