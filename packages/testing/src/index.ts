/**
 * The conformance suite of the primitives: what every implementation must do, in worker threads and in processes.
 *
 * @module
 */
export { conformance } from "./conformance.ts";
export { misuse } from "./misuse.ts";
export type { Implementation, Primitives, SharedClass, TimerClass, TimerLike } from "./implementation.ts";
export type { PeerKind } from "./peer.ts";
export type { Shared } from "./party.ts";
