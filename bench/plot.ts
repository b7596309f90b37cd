// The results as an SVG: for each row a bar from 1 to how many times better (right) or worse (left) we are.
import { ours, quantity, reference, times } from "./format.ts";
import type { Answered, Results } from "./results.ts";
import type { Row } from "./rows.ts";
import type { Summary } from "./statistics.ts";

const WIDTH = 1200;
const LINE = 19;
const SECTION = 40;
const HEAD = 108;
const AXIS = { left: 500, right: 880, least: 1 / 4, most: 16 };
const COLUMNS = { against: AXIS.left - 22, gain: AXIS.right + 22, values: AXIS.right + 92 };
const COLORS = {
  met: "#2a9d6f",
  missed: "#e07b39",
  plain: "#7f9fc4",
  spread: "#22303c",
  text: "#22303c",
  faint: "#6b7a88",
};

const BOLD = `font-weight="bold"`;

/** Where a row lies: how many times better than its reference or, without one, than its limit. */
interface Position {
  readonly gain: number;
  readonly low: number;
  readonly high: number;
  readonly target: number | undefined;
}

export function plot(results: Results): string {
  const sections = results.questions.filter(({ rows }) => rows.some((row) => row.ours !== undefined));
  const lines = sections.reduce((sum, { rows }) => sum + rows.filter(isMeasured).length, 0);
  const height = HEAD + sections.length * SECTION + lines * LINE + 36;
  const drawn: string[] = [];
  let top = HEAD;
  for (const section of sections) {
    drawn.push(...drawSection(section, top));
    top += SECTION + section.rows.filter(isMeasured).length * LINE;
  }
  const elements = [
    `<rect width="100%" height="100%" fill="#ffffff" />`,
    ...drawHead(results),
    ...drawGrid(height),
    ...drawn,
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}"`,
    `  font-family="Helvetica, Arial, sans-serif" font-size="12.5">`,
    ...elements.map((element) => `  ${element}`),
    "</svg>\n",
  ].join("\n");
}

function isMeasured(row: Row): boolean {
  return row.ours !== undefined;
}

function drawHead({ machine }: Results): string[] {
  const { runtime, cpu, cpus, kernel, date } = machine;
  const legend = [["met", "target met"], ["missed", "target missed"], ["plain", "no target"]] as const;
  return [
    text(24, 30, "Lockstep, side by side", `${BOLD} font-size="19"`),
    text(24, 50, `${runtime}, ${cpus} × ${cpu}, ${kernel}, ${date.slice(0, 10)}`, `fill="${COLORS.faint}"`),
    text(24, 70, "Bar: how many times better or worse than the other.", `fill="${COLORS.faint}"`),
    text(700, 54, "Thin line: quartiles. Mark: target.", `fill="${COLORS.faint}"`),
    ...legend.flatMap(([color, label], index) => [
      rectangle({ x: 700 + index * 130, y: 24, width: 12, height: 12 }, COLORS[color]),
      text(718 + index * 130, 34, label),
    ]),
  ];
}

function drawGrid(height: number): string[] {
  const lines: string[] = [];
  for (let gain = AXIS.least; gain <= AXIS.most; gain *= 2) {
    const at = x(gain);
    const stroke = gain === 1 ? COLORS.spread : "#dde3e8";
    lines.push(`<line x1="${at}" y1="${HEAD}" x2="${at}" y2="${height - 30}" stroke="${stroke}" />`);
    const label = gain < 1 ? `1/${1 / gain}` : `${gain}×`;
    for (const y of [HEAD - 6, height - 14]) {
      lines.push(text(at, y, label, `text-anchor="middle" fill="${COLORS.faint}"`));
    }
  }
  lines.push(text(COLUMNS.against, HEAD - 6, "compared with", `text-anchor="end" fill="${COLORS.faint}"`));
  lines.push(text(COLUMNS.gain, HEAD - 6, "better", `fill="${COLORS.faint}"`));
  lines.push(text(COLUMNS.values, HEAD - 6, "ours : other or limit", `fill="${COLORS.faint}"`));
  return lines;
}

function drawSection({ title, rows }: Answered, top: number): string[] {
  const measured = rows.filter(isMeasured);
  const drawn = measured.flatMap((row, index) => drawRow(row, measured[index - 1], top + SECTION + index * LINE));
  return [text(24, top + SECTION - 12, title, BOLD), ...drawn];
}

function drawRow(row: Row, above: Row | undefined, top: number): string[] {
  const middle = top + LINE / 2;
  const place = positionOf(row);
  const repeated = above?.name === row.name && above.ours?.median === row.ours?.median;
  return [
    ...(repeated ? [] : [text(24, middle + 1, row.name)]),
    text(COLUMNS.against, middle + 1, against(row), `text-anchor="end" fill="${COLORS.faint}"`),
    ...(place === undefined ? [] : drawBar(row, place, top)),
    text(COLUMNS.values, middle + 1, values(row), `fill="${COLORS.text}"`),
  ];
}

function drawBar(row: Row, { gain, low, high, target }: Position, top: number): string[] {
  const color = row.met === undefined ? COLORS.plain : row.met ? COLORS.met : COLORS.missed;
  const [from, to] = [Math.min(x(1), x(gain)), Math.max(x(1), x(gain))];
  const middle = top + LINE / 2 - 3;
  const parts = [rectangle({ x: from, y: top + 1, width: Math.max(to - from, 1), height: LINE - 7 }, color)];
  parts.push(`<line x1="${x(low)}" y1="${middle}" x2="${x(high)}" y2="${middle}" stroke="${COLORS.spread}" />`);
  if (target !== undefined) {
    parts.push(rectangle({ x: x(target) - 1, y: top - 1, width: 2, height: LINE - 3 }, COLORS.spread));
  }
  if (gain > AXIS.most || gain < AXIS.least) parts.push(drawArrow(x(gain), middle, gain > 1 ? 7 : -7, color));
  parts.push(text(COLUMNS.gain, top + LINE / 2 + 1, times(gain), BOLD));
  return parts;
}

/** Says that the bar would go on beyond the axis. */
function drawArrow(x: number, y: number, length: number, color: string): string {
  return `<polygon points="${x},${y - 6} ${x + length},${y} ${x},${y + 6}" fill="${color}" />`;
}

/** Above 1 is better, whichever direction is good for the row's unit. */
function positionOf(row: Row): Position | undefined {
  const { better, target } = row;
  const turn = (value: number) => better === "lower" ? 1 / value : value;
  if (row.ratio !== undefined && target?.of !== "ours") {
    return { ...turned(row.ratio, turn), target: target === undefined ? undefined : turn(target.limit) };
  }
  if (row.ours === undefined || target === undefined) return undefined;
  return { ...turned(row.ours, (value) => turn(value / target.limit)), target: undefined };
}

function turned({ median, low, high }: Summary, turn: (value: number) => number): Omit<Position, "target"> {
  return { gain: turn(median), low: turn(low), high: turn(high) };
}

function against(row: Row): string {
  if (row.target?.of === "ours") return `limit ${quantity(row.target.limit, row.unit)}`;
  return row.reference?.name ?? "";
}

function values(row: Row): string {
  const other = row.target?.of === "ours" ? quantity(row.target.limit, row.unit) : reference(row);
  return other === "" ? ours(row) : `${ours(row)} : ${other}`;
}

function x(gain: number): number {
  const clamped = Math.min(Math.max(gain, AXIS.least), AXIS.most);
  const share = Math.log(clamped / AXIS.least) / Math.log(AXIS.most / AXIS.least);
  return Math.round((AXIS.left + share * (AXIS.right - AXIS.left)) * 10) / 10;
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function rectangle({ x, y, width, height }: Box, fill: string): string {
  return `<rect x="${x}" y="${y}" width="${Math.round(width * 10) / 10}" height="${height}" fill="${fill}" />`;
}

function text(x: number, y: number, content: string, attributes = ""): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x}" y="${y}"${attributes === "" ? "" : ` ${attributes}`}>${escaped}</text>`;
}
