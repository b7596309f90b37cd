// Numbers as people read them.
import type { Row } from "./rows.ts";

const STEPS: Record<string, readonly (readonly [number, string])[]> = {
  ns: [[1e9, "s"], [1e6, "ms"], [1e3, "µs"], [1, "ns"]],
  "/s": [[1e6, "M/s"], [1e3, "k/s"], [1, "/s"]],
  B: [[2 ** 20, "MiB"], [2 ** 10, "KiB"], [1, "B"]],
};

/** Three significant digits and the unit in which they are short. */
export function quantity(value: number, unit: string): string {
  const steps = STEPS[unit] ?? [[1, unit]];
  const [factor, name] = steps.find(([least]) => Math.abs(value) >= least) ?? steps.at(-1) ?? [1, unit];
  return `${digits(value / factor)} ${name}`.trim();
}

export function digits(value: number): string {
  if (!Number.isFinite(value)) return "-";
  if (Number.isInteger(value) && Math.abs(value) < 1e5) return String(value);
  if (Math.abs(value) < 0.1) return value.toPrecision(2);
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}

/** A quotient, upside down where it would begin with zeros. */
export function times(value: number): string {
  return value > 0 && value < 0.1 ? `1/${inThousands(Math.round(1 / value))}` : `${inThousands(value)}×`;
}

function inThousands(value: number): string {
  return value < 10_000 ? digits(value) : `${digits(value / 1000)}k`;
}

/** The lower and upper quartile of the ratio or, without one, of our own figure. */
export function spread({ ratio, ours, unit }: Row): string {
  const { low, high } = ratio ?? ours ?? { low: NaN, high: NaN };
  const [from, to] = [low, high].map((value) => ratio === undefined ? quantity(value, unit) : times(value));
  return from === to ? "" : `${from} – ${to}`;
}

export function ours(row: Row): string {
  return row.ours === undefined ? "-" : quantity(row.ours.median, row.unit);
}

export function reference(row: Row): string {
  return row.reference === undefined ? "" : quantity(row.reference.value.median, row.unit);
}

export function ratio(row: Row): string {
  return row.ratio === undefined ? "" : times(row.ratio.median);
}

export function target(row: Row): string {
  if (row.target === undefined) return "";
  const sign = row.better === "lower" ? "≤" : "≥";
  const { of, limit } = row.target;
  return `${sign} ${of === "ratio" ? times(limit) : quantity(limit, row.unit)}`;
}

export function verdict(row: Row): string {
  if (row.failed) return "FAILED";
  if (row.target === undefined) return "";
  return row.met === undefined ? "?" : row.met ? "yes" : "NO";
}
