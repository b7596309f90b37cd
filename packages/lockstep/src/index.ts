/**
 * Locks, semaphores, barriers, conditions, events, dicts, lists and namespaces across threads and processes, for Node
 * and Deno, without a server.
 *
 * @module
 */
export * from "@lockstep/contract";
export { attach } from "@lockstep/manager"; // of every class, where that of the primitives knows only its own
export * from "@lockstep/manager";
export * from "@lockstep/memory";
export * from "@lockstep/sync";
