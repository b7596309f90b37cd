/**
 * What a Condition does with its lock, and nobody else may: the classes of the locks give it to `condition.ts` alone.
 */
export interface Suspension<L> {
  /** Whether the caller may wait and notify: it holds the RLock, or anybody holds the Lock. */
  isHeld(lock: L): boolean;
  /** Gives back all levels of the hold, whoever's it is. */
  suspend(lock: L): Suspended;
}

/** A hold that was given back for a while. */
export interface Suspended {
  /** Takes the lock again at the same depth, blocking the thread; its guards are good again. */
  resumeSync(): void;
  /** As `resumeSync()`, without blocking. */
  resume(): Promise<void>;
}
