import { checkInteger, checkOptions, type PlaceOptions, show, type WaitOptions } from "@lockstep/contract";

/** How a dict is made, and what one that exists has to be. */
export interface DictOptions extends PlaceOptions {
  /** Largest number of entries, 1 to 2^29; as many as the segment has room for when absent. */
  maxEntries?: number | undefined;
  /**
   * What happens when there are so many: `"error"`, the default, throws `SegmentFullError`; `"lru"` lets an entry go
   * that was not used for long. Of up to some 40 entries it is the least recently used, of more the least recently used
   * of a sample. `"lru"` also makes room where the segment has none.
   */
  evict?: "lru" | "error" | undefined;
}

/** How long an entry lives. */
export interface EntryOptions {
  /** Milliseconds until the entry is not there any more, more than 0; for ever when absent or `Infinity`. */
  ttl?: number | undefined;
}

/** How long to wait for somebody who computes the value, and how long a value that is computed here lives. */
export interface ComputeOptions extends WaitOptions, EntryOptions {}

const MOST_ENTRIES = 2 ** 29;
const LEAST_TTL = 1e-3; // a microsecond, the clock's nanoseconds being integers

/** The parameter of a dict with these options, as `dict_parameter()` of the core has it. */
export function parameterOf({ maxEntries, evict = "error" }: DictOptions, where: string): number {
  if (evict !== "lru" && evict !== "error") {
    throw new RangeError(`Cannot ${where}: options.evict must be "lru" or "error", got ${show(evict)}`);
  }
  if (maxEntries === undefined) {
    if (evict === "error") return 0;
    throw new RangeError(`Cannot ${where}: options.evict "lru" needs options.maxEntries`);
  }
  checkInteger(maxEntries, { name: "options.maxEntries", min: 1, max: MOST_ENTRIES }, where);
  return maxEntries * 2 + (evict === "lru" ? 1 : 0);
}

/** Milliseconds for native code, 0 for ever. @throws {TypeError | RangeError} If the options are not allowed. */
export function ttlOf(options: EntryOptions | undefined, where: string): number {
  if (options === undefined) return 0;
  checkOptions(options, where);
  const ttl: unknown = options.ttl;
  if (ttl === undefined || ttl === Infinity) return 0;
  if (typeof ttl === "number" && ttl > 0) return Math.max(ttl, LEAST_TTL);
  const wrong = typeof ttl === "number" ? RangeError : TypeError;
  throw new wrong(`Cannot ${where}: options.ttl must be a number of milliseconds > 0 or Infinity, got ${show(ttl)}`);
}
