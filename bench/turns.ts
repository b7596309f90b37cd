// Slices of several contestants in turn, so that whatever disturbs the machine disturbs all of them alike.

import { now } from "./clock.ts";

const LONG_MS = 3000; // no slice is meant to last a tenth of that: something was lost, or the machine stood still

/** One slice of one contestant: its figure, or undefined where it cannot run here. */
export type Turn<T = number> = () => Promise<T | undefined>;

/** Plays so many rounds and answers how many nanoseconds one took, or undefined where it cannot run here. */
export type Play = (rounds: number) => Promise<number | undefined>;

export interface Effort {
  readonly slices: number;
  readonly milliseconds: number;
}

/** Who goes first changes from slice to slice. */
export function rotate<T>(values: readonly T[], by: number): T[] {
  const start = by % Math.max(values.length, 1);
  return [...values.slice(start), ...values.slice(0, start)];
}

/** The figures of each contestant, one a slice. A first slice, to warm up, is thrown away. */
export async function inTurn<T>(turns: readonly Turn<T>[], slices: number): Promise<T[][]> {
  const figures: T[][] = turns.map(() => []);
  for (let slice = -1; slice < slices; slice++) {
    for (const index of rotate([...turns.keys()], slice + 1)) {
      const start = now();
      const figure = await turns[index]?.();
      const duration = now() - start;
      if (duration > LONG_MS) console.error(`A slice of contestant ${index + 1} took ${Math.round(duration)} ms`);
      if (slice >= 0 && figure !== undefined) figures[index]?.push(figure);
    }
  }
  return figures;
}

/** Turns that last about as long for all; two probes of each find how many rounds that are. */
export async function sized(plays: readonly Play[], milliseconds: number): Promise<Turn[]> {
  const turns: Turn[] = [];
  for (const play of plays) {
    let rounds = 50;
    for (const share of [0.25, 1]) { // the first probe runs code that is not compiled yet
      const round = await play(rounds) ?? Infinity;
      rounds = Math.max(10, Math.round(share * milliseconds * 1e6 / Math.max(round, 100)));
    }
    turns.push(() => play(rounds));
  }
  return turns;
}
