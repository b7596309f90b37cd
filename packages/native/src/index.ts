/**
 * Loads the Lockstep addon at its first use and declares its functions. For the other packages of Lockstep; programs
 * use `@lockstep/sync` and `@lockstep/segment`.
 *
 * @module
 */
export type * from "./children.ts";
export * from "./containers.ts";
export * from "./environment.ts";
export * from "./failure.ts";
export * from "./kinds.ts";
export { LAYOUT } from "./layout.ts";
export { nativeBinding } from "./loader.ts";
export * from "./memory.ts";
export * from "./native.ts";
export type * from "./lists.ts";
export type { SegmentStats, VerifyReport } from "./segment_report.ts";
export * from "./status.ts";
