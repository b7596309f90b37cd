import { constants } from "node:os";

import { BrokenExecutorError } from "@lockstep/contract";

/** Why a task is not run, besides words. */
export interface BrokenDetails {
  /** Of the worker that has ended. */
  readonly exitCode?: number | null;
  /** What was thrown there. */
  readonly cause?: unknown;
}

/** The error of one future; each gets its own. */
export function brokenError(label: string, why: string, { exitCode, cause }: BrokenDetails): BrokenExecutorError {
  const options = cause === undefined ? { exitCode: exitCode ?? undefined } : { cause };
  return new BrokenExecutorError(`Cannot run task of ${label}: ${why}`, options);
}

/** What a worker has come to, for people. */
export function howItEnded(exitCode: number | null): string {
  if (exitCode === null) return "has ended";
  if (exitCode >= 0) return `has ended with exit code ${exitCode}`;
  const [signal = -exitCode] = Object.entries(constants.signals).find(([, number]) => number === -exitCode) ?? [];
  return `was ended by ${signal}`;
}
