/**
 * What every Lockstep implementation shares: error classes, wait options, guards, the interfaces of the primitives, the
 * argument checks behind them, who owns what in async code, and `Timer`, which shares nothing between threads.
 *
 * @module
 */
export * from "./arguments.ts";
export * from "./errors.ts";
export type * from "./guard.ts";
export type * from "./options.ts";
export * from "./owner_context.ts";
export type * from "./primitives.ts";
export * from "./timer.ts";
