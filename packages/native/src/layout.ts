/**
 * What JavaScript has to know of the words that it shares with the core. The core declares them in `native/core`; the
 * loader compares these copies with what the addon says and refuses to go on when they differ.
 */
export const LAYOUT = {
  /** Bytes of a window, the part of a segment that one ArrayBuffer shows. */
  windowBytes: 0x100000,
  /** Owner id in a lock word; the rest are flags. */
  idMask: 0x1fffffff,
  /** Stands for a holder that died: free, but only native code may take it. */
  abandoned: 0x1fffffff,
  /** Some waiter starves, so the next release hands over. */
  starving: 0x40000000,
  /** Somebody waits for a count: who frees a unit calls native code. */
  countWaiters: 1,
  /** One of those who wait wants more than one unit. */
  countMany: 2,
  /** Words of an object before its word 0, and which of them is `bells`: a bit for each isolate whose bell is armed. */
  headWords: 16,
  bells: 9,
  /** First permit of a bounded semaphore, counted in words. */
  firstPermit: 16,
  /** The flag of an event is up. */
  eventSet: 2,
  /** The barrier is broken. */
  barrierBroken: 2,
  /** Most permits of a semaphore. */
  maxPermits: 0x40000000,
  /** Most permits of a bounded semaphore. */
  maxBoundedPermits: 65536,
  /** Most parties of a barrier. */
  maxParties: 65536,
  /** Smallest and largest capacity of a segment in bytes. */
  minCapacity: 0x200000,
  maxCapacity: 0xffff0000,
} as const;

/** Says in which constant the addon differs, or undefined. */
export function layoutDifference(found: Readonly<Record<string, number>>): string | undefined {
  for (const [name, expected] of Object.entries(LAYOUT)) {
    if (found[name] !== expected) return `${name} is ${found[name]} in the addon, ${expected} in this package`;
  }
  return undefined;
}
