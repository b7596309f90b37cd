/**
 * What every Lockstep implementation shares: error classes, wait options, guards, the interfaces of the primitives, and
 * the argument checks behind them.
 *
 * @module
 */
export * from "./arguments.ts";
export * from "./errors.ts";
export type * from "./guard.ts";
export type * from "./options.ts";
export type * from "./primitives.ts";
