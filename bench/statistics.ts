// Medians and their spread. Every figure of the benchmark goes through here.

/** The middle of some measurements: median, lower and upper quartile, and how many there were. */
export interface Summary {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** The value below which the share `q` (0..1) of the values lies, interpolated. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * q;
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export function summarise(values: readonly number[]): Summary {
  return {
    median: quantile(values, 0.5),
    low: quantile(values, 0.25),
    high: quantile(values, 0.75),
    count: values.length,
  };
}

/** The two quantities of each round were measured side by side, so noise that hit both cancels in their quotient. */
export function pairwise(ours: readonly number[], reference: readonly number[]): number[] {
  return ours.flatMap((value, round) => {
    const other = reference[round];
    return other === undefined || other === 0 ? [] : [value / other];
  });
}
