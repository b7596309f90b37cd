/**
 * One hold on a lock, or the permits of one acquire. It goes back once: by `release()`, or at the end of a `using`
 * block.
 */
export interface Guard extends Disposable {
  /** Gives back this hold and no other. A second call does nothing, even when the same thread holds the lock again. */
  release(): void;
  /** True when the previous holder died without releasing, so that what it protected may be half changed. */
  readonly ownerDied: boolean;
}
