/** How far an executor has come. */
export interface ExecutorStats {
  /** Workers that there are. */
  readonly workers: number;
  /** Tasks that were submitted; a chunk counts as one. */
  readonly submitted: number;
  /** Those that have returned. */
  readonly completed: number;
  /** Those that have failed, or whose time was over. */
  readonly failed: number;
  /** Those that were cancelled before they began. */
  readonly cancelled: number;
  /** Those that a worker is running. */
  readonly running: number;
  /** Those that none has begun. */
  readonly pending: number;
}

/** Where listeners of `progress` events are added: each such event comes after some tasks have ended. */
export class ProgressSource extends EventTarget {
  #isHeard = false;

  /** As of every `EventTarget`. */
  override addEventListener(...args: Parameters<EventTarget["addEventListener"]>): void {
    this.#isHeard = true;
    super.addEventListener(...args);
  }

  /** Tells those who listen. @ignore */
  tell(): void {
    if (this.#isHeard) this.dispatchEvent(new Event("progress"));
  }
}

/** What an engine counts. */
export class Tally {
  submitted = 0;
  completed = 0;
  failed = 0;
  cancelled = 0;
  readonly progress: ProgressSource = new ProgressSource();
  readonly #now: () => { workers: number; running: number };

  /** `now` tells what it cannot count. */
  constructor(now: () => { workers: number; running: number }) {
    this.#now = now;
  }

  stats(): ExecutorStats {
    const { submitted, completed, failed, cancelled } = this;
    const { workers, running } = this.#now();
    const pending = submitted - completed - failed - cancelled - running;
    return { workers, submitted, completed, failed, cancelled, running, pending };
  }
}
