// The process in which a class is misused: a crash must end this, not the run.
import { writeSync } from "node:fs";
import process from "node:process";
import type { Primitives } from "../implementation.ts";
import { tryMisuse } from "./runner.ts";
import type { MisusedClass } from "./trials.ts";

const STDOUT = 1;

async function main(module: string, name: string): Promise<void> {
  const primitives: Primitives = await import(module);
  await tryMisuse(
    name as MisusedClass,
    primitives,
    (message) => void writeSync(STDOUT, `${JSON.stringify(message)}\n`),
  );
}

void main(process.argv[2]!, process.argv[3]!);
