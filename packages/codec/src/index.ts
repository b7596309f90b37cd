/**
 * Values to bytes that every runtime reads alike, and back: what `structuredClone` takes, and shared objects as their
 * handles.
 *
 * @module
 */
export { Codec } from "./codec.ts";
export type { SharedReferences } from "./references.ts";
