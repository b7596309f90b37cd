/**
 * Locks, semaphores, barriers, conditions, events, queues, dicts, lists, namespaces and zero-copy arrays across threads
 * and processes, and these themselves: pools, executors and futures, for Node and Deno, without a server.
 *
 * @module
 */
export * from "@lockstep/concurrent";
export * from "@lockstep/contract";
export { attach } from "@lockstep/manager"; // of every class, where that of the primitives knows only its own
export * from "@lockstep/manager";
export * from "@lockstep/memory";
export * from "@lockstep/sync";
