// What main.ts asks of each question file: an exported role `run` that measures and returns rows.
import type { Role } from "./parties.ts";
import type { Row } from "./rows.ts";

export interface Options {
  /** A rough answer within seconds. */
  readonly quick: boolean;
}

export type Measure = (options: Options) => Promise<Row[]>;

/** Makes the role `run`: the question is measured in a process of its own, at the one call that it gets. */
export function question(measure: Measure): Role<Options, undefined, Row[]> {
  return (options) => () => measure(options);
}

export const TWIN = "Atomics twin";
