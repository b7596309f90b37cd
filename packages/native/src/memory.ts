import type { ObjectInfo } from "./native.ts";
import type { Handle, SegmentHandle } from "./status.ts";

/** Bytes, arrays and values; their types are counted as ELEMENT_TYPES has them. */
export interface MemoryFunctions {
  /**
   * As openObject. Arrays and values get a lock of their own. `contents` are the first bytes of a new one, which nobody
   * sees without them; what is not given is 0.
   */
  openMemory(
    segment: SegmentHandle,
    kind: number,
    parameter: number,
    extent: number,
    name: string,
    contents: Uint8Array | undefined,
  ): ObjectInfo;
  /**
   * All bytes of memory or of an array that has any; undefined as with segmentWindow. The buffer keeps the object until
   * it is collected. Throws GONE, CORRUPT.
   */
  memoryBuffer(handle: Handle): ArrayBuffer | undefined;
  /** Where the object lies in this process: another number than any other object that is attached or looked at. */
  memoryAddress(handle: Handle): number;
}
