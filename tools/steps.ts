import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { stripVTControlCharacters } from "node:util";

import { type Counts, readCounts, type Reader } from "./counts.ts";

/** One line of the gate: a command, and how its outcome is counted. */
export interface Step {
  name: string;
  /** Made when its turn comes; one that throws, as it finds nothing to check, is a failed step. */
  command: () => string[];
  reader: Reader;
}

const LIMIT_MS = 15 * 60_000; // far above the slowest step: it ends what hangs, it judges no speed
const SHOWN_LINES = 60;
/** What the test runners print of tests that passed. */
const OF_SUCCESS = /^\s*(?:✔|\[doctest\](?!.*(?:FAILURE| [1-9]\d* failed))|=+$|$)|\.\.\. ok \(\d+m?s\)$/;

/** Runs the steps one after the other and prints a line for each, then the sum. Gives the exit code. */
export async function runSteps(steps: Step[]): Promise<number> {
  const sum: Counts = { passed: 0, failed: 0 };
  mkdirSync("build/log", { recursive: true });
  for (const step of steps) {
    const counts = await runStep(step);
    sum.passed += counts.passed;
    sum.failed += counts.failed;
  }
  console.log(`${sum.passed} passed, ${sum.failed} failed`);
  return sum.failed === 0 ? 0 : 1;
}

async function runStep(step: Step): Promise<Counts> {
  const log = `build/log/${step.name.replaceAll(/[^a-z0-9]+/gi, "_")}.log`;
  const started = performance.now();
  const exitCode = await runCommand(step, log);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const output = stripVTControlCharacters(readFileSync(log, "utf8"));
  const counts = readCounts(step.reader, output, exitCode);
  const verdict = counts.failed === 0 ? "ok    " : "FAILED";
  console.log(`${verdict} ${step.name}: ${counts.passed} passed, ${counts.failed} failed (${seconds} s)`);
  if (counts.failed > 0) console.log(`${indentTail(output)}\n  all of it: ${log}`);
  return counts;
}

function runCommand(step: Step, log: string): Promise<number> {
  try {
    return runInGroup(step.command(), log);
  } catch (error) {
    writeFileSync(log, String(error));
    return Promise.resolve(1);
  }
}

/** Runs a command as the leader of a process group, so that past the limit its children end with it. */
function runInGroup([program, ...programArguments]: string[], log: string): Promise<number> {
  const fd = openSync(log, "w");
  const child = spawn(program!, programArguments, {
    stdio: ["ignore", fd, fd],
    detached: true,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
  });
  const watchdog = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), LIMIT_MS);
  return new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  }).finally(() => {
    clearTimeout(watchdog);
    closeSync(fd);
  });
}

function indentTail(output: string): string {
  const lines = output.split("\n").filter((line) => !OF_SUCCESS.test(line));
  return lines.slice(-SHOWN_LINES).map((line) => `  ${line}`).join("\n");
}
