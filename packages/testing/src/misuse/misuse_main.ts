// The process in which a class is misused: a crash must end this, not the run.
import process from "node:process";
import type { Primitives } from "../implementation.ts";
import { writeLine } from "../line.ts";
import { tryMisuse } from "./runner.ts";
import type { MisusedClass } from "./trials.ts";

async function main(module: string, name: string): Promise<void> {
  const primitives: Primitives = await import(module);
  await tryMisuse(
    name as MisusedClass,
    primitives,
    writeLine,
  );
}

void main(process.argv[2]!, process.argv[3]!);
