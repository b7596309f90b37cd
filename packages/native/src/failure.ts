import { getSystemErrorName } from "node:util";

import {
  CorruptSegmentError,
  InvalidStateError,
  MismatchError,
  SegmentFullError,
  SystemError,
  UnsupportedPlatformError,
} from "@lockstep/contract";

import { CORRUPT, FOREIGN, FULL, GONE, MISMATCH, NOT_FOUND, type Status, TOO_MANY, UNSUPPORTED } from "./status.ts";

/** What the addon throws: a status, and the kernel's error number where that was the cause. */
export interface NativeFailure extends Error {
  /** One of the negative statuses. */
  readonly status: Status;
  /** Error number of the kernel. */
  readonly errno?: number;
  /** With MISMATCH: what there is. */
  readonly existing?: {
    readonly kind: number;
    readonly parameter: number;
    readonly partner: number;
    readonly extent: number;
  };
}

type ErrorClass = new (message: string, options?: ErrorOptions) => Error;

const FAILURES: Readonly<Record<Status, readonly [ErrorClass, string]>> = {
  [GONE]: [InvalidStateError, "it was disposed, or is not there any more"],
  [CORRUPT]: [CorruptSegmentError, "the shared memory breaks its own rules"],
  [FULL]: [SegmentFullError, "the segment, or the file system behind it, has no room left"],
  [MISMATCH]: [
    MismatchError,
    "it exists in another form, or was made by another version of this library: end who uses it, then unlink it",
  ],
  [NOT_FOUND]: [InvalidStateError, "there is none"],
  [FOREIGN]: [
    InvalidStateError,
    "its file is a link, belongs to another user, or is open to more users than its mode allows",
  ],
  [TOO_MANY]: [SegmentFullError, "all places for processes or threads are taken"],
  [UNSUPPORTED]: [UnsupportedPlatformError, "the kernel, or the file system of the directory, cannot do it"],
};

/** The error of the contract for a failed status; `where` is what failed, such as "acquire Lock". */
export function failure(status: Status, where: string, cause?: NativeFailure): Error {
  const [wrong, reason] = FAILURES[status] ?? [SystemError, "the kernel refused"];
  const kernel = cause?.errno === undefined || cause.errno === 0 ? "" : ` (${getSystemErrorName(-cause.errno)})`;
  return new wrong(`Cannot ${where}: ${reason}${kernel}`, cause && { cause });
}

/** Passes a status on that is an outcome, and throws the error of one that is a failure. */
export function check(status: Status, where: string): Status {
  if (status < 0) throw failure(status, where);
  return status;
}

/** Runs a native function that throws, and translates what it throws. */
export function attempt<T>(call: () => T, where: string): T {
  try {
    return call();
  } catch (error) {
    throw isNativeFailure(error) ? failure(error.status, where, error) : error;
  }
}

/** Whether the addon threw it, and not a bug. */
export function isNativeFailure(error: unknown): error is NativeFailure {
  return error instanceof Error && typeof (error as Partial<NativeFailure>).status === "number";
}
