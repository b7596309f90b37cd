// What main.ts asks of each question file: an exported role `run` that measures and returns rows.
import type { Role } from "./parties.ts";
import type { Row } from "./rows.ts";
import { within } from "./watch.ts";

export interface Options {
  /** A rough answer within seconds. */
  readonly quick: boolean;
}

export type Measure = (options: Options) => Promise<Row[]>;

/** Far above the slowest question on a busy machine: it ends what hangs, it judges no speed. */
export const LIMIT_MS = 120_000;

/** Makes the role `run`: the question is measured in a process of its own, at the one call that it gets. */
export function question(measure: Measure): Role<Options, undefined, Row[]> {
  return (options) => () => within(LIMIT_MS, measure(options));
}

/** The same class of @lockstep/atomics: pure JavaScript on a SharedArrayBuffer, for the threads of one process. */
export const TWIN = "Atomics twin";
