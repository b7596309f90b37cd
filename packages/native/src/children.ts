import type { Status } from "./status.ts";

/** A process that this isolate watches. */
export type ChildHandle = number;

/** Processes that this one has started; the runtime reaps them, these functions only look. */
export interface ChildFunctions {
  /** By a number that nobody can have used again, as the runtime has not reaped it. Throws. */
  childOpen(pid: number): ChildHandle;
  /** Stale handles are ignored. */
  childClose(child: ChildHandle): void;
  /** Blocks until it has ended. OK, TIMED_OUT, AGAIN. */
  childWait(child: ChildHandle, deadline: number): Status;
  /** Exit code, or the negative number of the signal; undefined while it runs, or when the runtime has reaped it. */
  childOutcome(child: ChildHandle): number | undefined;
  /**
   * From now on the kernel kills this process together with the thread that started it. False when `parent` is not
   * the parent any more.
   */
  endWithParent(parent: number): boolean;
}
