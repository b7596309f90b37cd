import type { Status } from "./status.ts";

/** A process that this isolate watches. */
export type ChildHandle = number;

/** Processes that this one has started; the runtime reaps them, these functions only look. */
export interface ChildFunctions {
  /**
   * By a number that nobody can have used again, as the runtime has not reaped it. A daemon that is not closed when the
   * isolate ends is killed. Throws.
   */
  childOpen(pid: number, isDaemon: boolean): ChildHandle;
  /** Stale handles are ignored. */
  childClose(child: ChildHandle): void;
  /** Blocks until it has ended. OK, TIMED_OUT, AGAIN. */
  childWait(child: ChildHandle, deadline: number): Status;
  /** Exit code, or the negative number of the signal; undefined while it runs, or when the runtime has reaped it. */
  childOutcome(child: ChildHandle): number | undefined;
  /** From now on this process ends with its parent. False when `parent` is that no more. Throws. */
  endWithParent(parent: number): boolean;
}
