// The rows of a question as a table for the terminal.
import { digits, ours, reference, spread, target, verdict } from "./format.ts";
import type { Row } from "./rows.ts";

const HEADER = ["", "ours", "against", "", "ratio", "quartiles", "target", "met"];
const RIGHT = new Set([1, 3, 4]);

export function table(title: string, rows: readonly Row[]): string {
  const cells = [HEADER, ...rows.map(cellsOf)];
  const widths = HEADER.map((_, column) => Math.max(...cells.map((line) => (line[column] ?? "").length)));
  const lines = cells.map((line) =>
    line.map((cell, column) =>
      RIGHT.has(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)
    )
      .join("  ").trimEnd()
  );
  const notes = rows.flatMap(({ name, note }) => note === undefined ? [] : [`  ${name}: ${note}`]);
  return [`\n## ${title}\n`, ...lines, ...notes].join("\n");
}

function cellsOf(row: Row): string[] {
  const ratio = row.ratio === undefined ? "" : `${digits(row.ratio.median)}×`;
  return [
    row.name,
    ours(row),
    row.reference?.name ?? "",
    reference(row),
    ratio,
    spread(row),
    target(row),
    verdict(row),
  ];
}
