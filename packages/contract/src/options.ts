/** How long a call that blocks the thread may wait. */
export interface SyncWaitOptions {
  /** Milliseconds, 0 or more; 0 does not wait, `undefined` and `Infinity` wait for ever. */
  timeout?: number | undefined;
}

/** How long a Promise may stay pending, and what makes its wait end early. */
export interface WaitOptions extends SyncWaitOptions {
  /** An abort rejects the Promise with `signal.reason`; no permit, item or wake-up gets lost. */
  signal?: AbortSignal | undefined;
}

/** How many permits a semaphore's wait takes at once, besides how long it may wait. */
export interface CountOptions {
  /** Permits to take, all or none, 1 or more; 1 when absent. */
  count?: number | undefined;
}

/** Where an object lives. Without a name it is anonymous and shared by handing over its handle. */
export interface PlaceOptions {
  /** The object of this name is opened, or created by the first who asks; 1 to 255 bytes of UTF-8 without NUL. */
  name?: string | undefined;
  /** The segment, or the name of the segment, that the object lives in. */
  segment?: string | { readonly name: string } | undefined;
}

/** What a barrier does each time all parties have arrived, and how long its parties wait unless they say otherwise. */
export interface BarrierOptions {
  /**
   * Runs once a cycle in the party that arrives last, before any party is released; an error it throws breaks the
   * barrier.
   */
  action?: (() => void) | undefined;
  /** Milliseconds that a party waits when its own call gives no timeout; for ever when absent. */
  timeout?: number | undefined;
}
