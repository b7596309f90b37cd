import type { Handle, Status } from "./status.ts";

/** The functions of lists. Positions may be negative, from the end, or infinite. */
export interface ListFunctions {
  /** The element, undefined where there is none. Throws CORRUPT. */
  listAt(handle: Handle, position: number): unknown;
  /** How many there are. */
  listLength(handle: Handle): number;
  /** OK, NOT_FOUND (no such position), FULL, MISMATCH (no such value). */
  listSet(handle: Handle, position: number, value: unknown, kind: number): Status;
  /** One more before a position, the end beyond it: how many there are then, or FULL, GONE, MISMATCH, CORRUPT. */
  listInsert(handle: Handle, position: number, value: unknown, kind: number): number;
  /**
   * Removes up to `remove` elements and puts values in their place, `kinds` saying what their bytes are: how many there
   * are then, or FULL, GONE, MISMATCH, CORRUPT. Appends what was removed to `removed`, as listSlice does.
   */
  listSplice(
    handle: Handle,
    position: number,
    remove: number,
    values: readonly unknown[],
    kinds: Uint8Array,
    removed: unknown[] | undefined,
  ): number;
  /** Removes one, which is then the last value. OK, NOT_FOUND, FULL. */
  listTake(handle: Handle, position: number): Status;
  /**
   * Appends elements to an array: bytes of BYTES as a Uint8Array, of ENCODED as an ArrayBuffer, of OBJECTS as a
   * DataView. What these name stays attached until `letGo`. OK, FULL, CORRUPT.
   */
  listSlice(handle: Handle, start: number, end: number, into: unknown[]): Status;
  /** The position of the first one from `start` on with that value, NOT_FOUND, MISMATCH, CORRUPT. */
  listFind(handle: Handle, value: unknown, kind: number, start: number): number;
  /** Removes the first one with that value. OK, NOT_FOUND, MISMATCH, CORRUPT. */
  listRemove(handle: Handle, value: unknown, kind: number): Status;
  /** OK, CORRUPT. */
  listReverse(handle: Handle): Status;
  /** Removes all. */
  listClear(handle: Handle): Status;
}
