/**
 * Locks, semaphores, barriers, conditions and events across threads and processes, for Node and Deno, without a server.
 *
 * @module
 */
export * from "@lockstep/contract";
export { Segment, type SegmentInfo, type SegmentOptions, type SegmentStats } from "@lockstep/memory";
export * from "@lockstep/sync";
