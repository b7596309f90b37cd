/**
 * Loads the Lockstep addon at its first use and declares its functions. For the other packages of Lockstep; programs
 * use `@lockstep/sync` and `@lockstep/segment`.
 *
 * @module
 */
export * from "./environment.ts";
export * from "./failure.ts";
export { KIND } from "./kind.ts";
export { LAYOUT } from "./layout.ts";
export { nativeBinding } from "./loader.ts";
export * from "./native.ts";
export type * from "./native_lists.ts";
