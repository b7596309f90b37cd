// Slices of several contestants in turn, so that whatever disturbs the machine disturbs all of them alike.

/** One slice of one contestant: its figure, or undefined where it cannot run here. */
export type Turn = () => Promise<number | undefined>;

/** Who goes first changes from slice to slice. */
export function rotate<T>(values: readonly T[], by: number): T[] {
  const start = by % Math.max(values.length, 1);
  return [...values.slice(start), ...values.slice(0, start)];
}

/** The figures of each contestant, one a slice. A first slice, to warm up, is thrown away. */
export async function inTurn(turns: readonly Turn[], slices: number): Promise<number[][]> {
  const figures: number[][] = turns.map(() => []);
  for (let slice = -1; slice < slices; slice++) {
    for (const index of rotate([...turns.keys()], slice + 1)) {
      const figure = await turns[index]?.();
      if (slice >= 0 && figure !== undefined) figures[index]?.push(figure);
    }
  }
  return figures;
}
