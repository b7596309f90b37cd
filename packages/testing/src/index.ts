/**
 * What the tests of several packages share: the conformance suite of the primitives, that is what every implementation
 * must do in worker threads and in processes; and tests that end with a look at all shared memory.
 *
 * @module
 */
export { conformance } from "./conformance.ts";
export { isLinearizable, type Operation, type Specification } from "./linearizability.ts";
export { misuse } from "./misuse.ts";
export { ownSegment, until } from "./place.ts";
export { checkSegments, it } from "./sound.ts";
export type { Implementation, Primitives, SharedClass, TimerClass, TimerLike } from "./implementation.ts";
export type { PeerKind } from "./peer.ts";
export type { Shared } from "./party.ts";
export { type Call, DICT_KEY, LIST, type Maybe, queueOf, type Result } from "./specifications.ts";
