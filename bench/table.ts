// The rows of a question as a table for the terminal.
import { ours, ratio, reference, spread, target, verdict } from "./format.ts";
import type { Row } from "./rows.ts";

const HEADER = ["", "ours", "against", "", "ratio", "quartiles", "target", "met"];
const RIGHT = new Set([1, 3, 4]);
const WIDTH = 120;

export function table(title: string, rows: readonly Row[]): string {
  const cells = [HEADER, ...rows.map((row, index) => cellsOf(row, rows[index - 1]))];
  const widths = HEADER.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const used = HEADER.map((_, column) => cells.some((line, index) => index > 0 && line[column] !== ""));
  const lines = cells.map((line) => {
    const padded = line.map((cell, column) => {
      const width = widths[column] ?? 0;
      return RIGHT.has(column) ? cell.padStart(width) : cell.padEnd(width);
    });
    return padded.filter((_, column) => used[column]).join("  ").trimEnd();
  });
  return [`\n## ${title}\n`, ...lines, ...notesOf(rows)].join("\n");
}

/** What a row has in common with the one above it is left out. */
function cellsOf(row: Row, above: Row | undefined): string[] {
  const repeats = row.name === above?.name && row.ours?.median === above.ours?.median;
  return [
    repeats ? "" : row.name,
    repeats ? "" : ours(row),
    row.reference?.name ?? "",
    reference(row),
    ratio(row),
    spread(row),
    target(row),
    verdict(row),
  ];
}

/** Each note once, under the names of the rows that have it. */
function notesOf(rows: readonly Row[]): string[] {
  const names = new Map<string, Set<string>>();
  for (const { name, note } of rows) {
    if (note !== undefined) names.set(note, (names.get(note) ?? new Set()).add(name));
  }
  return [...names].flatMap(([note, of]) => wrap(`${[...of].join("; ")}: ${note}`));
}

function wrap(text: string): string[] {
  const lines = ["  *"];
  for (const word of text.split(" ")) {
    const line = `${lines.at(-1)} ${word}`;
    if (line.length <= WIDTH) lines[lines.length - 1] = line;
    else lines.push(`    ${word}`);
  }
  return lines;
}
