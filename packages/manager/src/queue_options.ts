import { checkInteger, type PlaceOptions, show, type SyncWaitOptions, type WaitOptions } from "@lockstep/contract";

/** How a queue is made, and what one that exists has to be. */
export interface QueueOptions extends PlaceOptions {
  /** Items that may lie in it at once, up to 2^29; 0, the default, for as many as the segment has room for. */
  maxSize?: number | undefined;
  /**
   * Whether an item comes back, before all others, when the thread or process that got it ends before it said that the
   * item is done. False by default: then the item is lost with it.
   */
  redeliver?: boolean | undefined;
}

/** Where in a priority queue an item goes. */
export interface PriorityOptions {
  /** Any number but NaN; the lowest is got first, of equal ones the one that was put first. */
  priority: number;
}

/** Where an item goes, and how long a put that blocks the thread may wait for a place. */
export interface PrioritySyncOptions extends PriorityOptions, SyncWaitOptions {}

/** Where an item goes, and how long a put may wait for a place. */
export interface PriorityWaitOptions extends PriorityOptions, WaitOptions {}

const MOST_ITEMS = 2 ** 29;

/** The parameter of a queue with these options, as `queue_parameter()` of the core has it. */
export function parameterOf({ maxSize = 0, redeliver = false }: QueueOptions, where: string): number {
  checkInteger(maxSize, { name: "options.maxSize", min: 0, max: MOST_ITEMS }, where);
  if (typeof redeliver === "boolean") return maxSize * 2 + (redeliver ? 1 : 0);
  throw new TypeError(`Cannot ${where}: options.redeliver must be a boolean, got ${show(redeliver)}`);
}

/** The priority. @throws {TypeError | RangeError} If there is none. */
export function priorityOf(options: PriorityOptions, where: string): number {
  const priority: unknown = (options as PriorityOptions | null | undefined)?.priority;
  if (typeof priority === "number" && !Number.isNaN(priority)) return priority;
  const wrong = typeof priority === "number" ? RangeError : TypeError;
  throw new wrong(`Cannot ${where}: options.priority must be a number and not NaN, got ${show(priority)}`);
}

/** How many items somebody wants. */
export function countOf(count: unknown, where: string): number {
  return checkInteger(count, { name: "count", min: 1, max: MOST_ITEMS }, where);
}
