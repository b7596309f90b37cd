// Makes a segment of a process tree, says its name, and ends as it is told.
import { writeSync } from "node:fs";
import process from "node:process";
import { privateSegment } from "#src/private_segment.ts";
import { runProgram } from "./child.ts";

const STDOUT = 1;

async function main(end: string): Promise<void> {
  const { name } = privateSegment();
  const child = end === "parent" ? (await runProgram("tree_main", ["naturally"], {})).output : "";
  writeSync(STDOUT, name + (child && ` ${child}`));
  if (end === "by exit") process.exit(0);
  if (end === "killed") process.kill(process.pid, "SIGKILL");
}

void main(process.argv[2] ?? "");
