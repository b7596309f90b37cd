// Wrong arguments, wrong receivers, disposed objects: a typed error, no crash, nothing changed.
import { deepEqual, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import type { Implementation } from "./implementation.ts";
import { MISUSED, type MisusedClass } from "./misuse/trials.ts";
import { LIMIT_MS } from "./watchdog.ts";

const EXTENSION = import.meta.url.endsWith(".ts") ? "ts" : "js";
const MAIN = new URL(`./misuse/misuse_main.${EXTENSION}`, import.meta.url);

/** Registers a test for each class: wrong values for every argument of every public method and constructor. */
export function misuse(implementation: Implementation): void {
  describe(`${implementation.name}: misuse`, () => {
    for (const name of Object.keys(MISUSED) as MisusedClass[]) {
      it(name, async () => {
        const { wrong, last, tries, ending } = await tryInProcess(String(implementation.module), name);
        deepEqual(wrong, []);
        ok(tries > 0, `ended with ${ending} in: ${last}`);
        deepEqual(ending, "exit 0");
      });
    }
  });
}

interface Findings {
  wrong: string[];
  last: string;
  tries: number;
  ending: string;
}

async function tryInProcess(module: string, name: MisusedClass): Promise<Findings> {
  const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(MAIN), module, name], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const findings: Findings = { wrong: [], last: "the start", tries: 0, ending: "" };
  createInterface({ input: child.stdout }).on("line", (line) => {
    const message: { begins?: string; wrong?: string; done?: number } = JSON.parse(line);
    if (message.begins !== undefined) findings.last = message.begins;
    if (message.wrong !== undefined) findings.wrong.push(message.wrong);
    if (message.done !== undefined) findings.tries = message.done;
  });
  const limit = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  findings.ending = await new Promise<string>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(signal ?? `exit ${code}`));
  });
  clearTimeout(limit);
  return findings;
}
