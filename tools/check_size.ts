/** Small enough to read at a glance: lines of code, parameters and nesting, in TypeScript and C++. */
import { readFileSync } from "node:fs";

import { measureCpp } from "./cpp_functions.ts";
import { report, someFiles } from "./files.ts";
import type { Measured } from "./measured.ts";
import { measureTypescript } from "./typescript_functions.ts";

const FUNCTION_LINES = 40;
const PARAMETERS = 4;
const NESTING = 3;
const LINE_WIDTH = 120; // the formatters leave comments and literals alone

interface Room {
  folder: string;
  pattern: RegExp;
  fileLines: number;
}

const ROOMS: Room[] = [
  { folder: "packages", pattern: /^packages\/\w+\/src\/.*\.ts$/, fileLines: 200 },
  { folder: "native/core", pattern: /\.[ch]pp$/, fileLines: 150 },
  { folder: "native/addon", pattern: /\.[ch]pp$/, fileLines: 200 },
  { folder: "bench", pattern: /\.ts$/, fileLines: 200 },
  { folder: "tools", pattern: /\.ts$/, fileLines: 200 },
];

const problems: string[] = [];
let checked = 0;

function checkFunction(file: string, { name, line, lines, parameters, nesting }: Measured): void {
  const where = `${file}:${line}: ${name}`;
  checked++;
  if (lines > FUNCTION_LINES) problems.push(`${where} has ${lines} lines, at most ${FUNCTION_LINES}`);
  if (parameters > PARAMETERS) problems.push(`${where} has ${parameters} parameters, at most ${PARAMETERS}`);
  if (nesting > NESTING) problems.push(`${where} nests ${nesting} deep, at most ${NESTING}`);
}

for (const { folder, pattern, fileLines } of ROOMS) {
  for (const file of someFiles(folder, pattern)) {
    const text = readFileSync(file, "utf8");
    const { codeLines, functions } = file.endsWith(".ts") ? measureTypescript(file, text) : measureCpp(text);
    if (codeLines.size > fileLines) problems.push(`${file}: ${codeLines.size} lines of code, at most ${fileLines}`);
    text.split("\n").forEach((line, index) => {
      if (line.length > LINE_WIDTH) problems.push(`${file}:${index + 1}: wider than ${LINE_WIDTH}`);
    });
    for (const measured of functions) checkFunction(file, measured);
  }
}
report("functions", checked, problems);
