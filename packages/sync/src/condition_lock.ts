import { checkName, checkOptions, MismatchError, type PlaceOptions, show } from "@lockstep/contract";
import { isNativeFailure, KIND } from "@lockstep/native";
import { attachAt, openAt, Opened, type Place, type Recipe, resolvePlace, type SegmentState } from "@lockstep/segment";

import { ConditionState } from "./condition_state.ts";
import { Lock, LockState, lockStateOf } from "./lock.ts";
import { RLock, RLockState, rlockStateOf } from "./rlock.ts";

const WHERE = "open Condition";

/** A condition and the lock that it works with. */
export interface OpenCondition {
  state: ConditionState;
  lock: Lock | RLock;
}

/** Opens or makes a condition for that lock, or for a lock of its own. */
export function openCondition(lock: Lock | RLock | undefined, options: PlaceOptions): OpenCondition {
  if (options instanceof Opened) {
    const state = options.state as ConditionState;
    return { state, lock: lockAt(state.segment as SegmentState, state.info.partner) };
  }
  if (lock === undefined) return openWithOwnLock(resolvePlace(options, WHERE));
  if (!(lock instanceof Lock || lock instanceof RLock)) {
    throw new TypeError(`Cannot ${WHERE}: lock must be a Lock or an RLock, got ${show(lock)}`);
  }
  return { state: openWith(lock, placeBeside(lock, options)), lock };
}

function openWith(lock: Lock | RLock, place: Place): ConditionState {
  const recipe: Recipe = { kind: KIND.condition, partner: stateOf(lock).native, where: WHERE };
  return openAt(ConditionState, recipe, place);
}

/** Native code names a lock by its place in the segment of the condition. */
function placeBeside(lock: Lock | RLock, options: PlaceOptions): Place {
  checkOptions(options, WHERE);
  const state = stateOf(lock);
  state.checkOpen(WHERE);
  const segment = state.segment as SegmentState;
  const { name } = options;
  if (name !== undefined) checkName(name, WHERE);
  const place: Place = { segment, name: name ?? "" };
  if (options.segment === undefined || resolvePlace(options, WHERE).segment === segment) return place;
  throw new RangeError(`Cannot ${WHERE}: it must live in the segment of its lock, ${show(segment.name)}`);
}

/** A condition that exists brings its lock, which only a failed attempt to open it with a new one tells. */
function openWithOwnLock(place: Place): OpenCondition {
  const { segment } = place;
  let lock: Lock | RLock = new RLock(
    new Opened(openAt(RLockState, { kind: KIND.rlock, where: WHERE }, { segment, name: "" })),
  );
  for (;;) {
    try {
      return { state: openWith(lock, place), lock };
    } catch (error) {
      lock[Symbol.dispose]();
      lock = lockAt(segment, partnerIn(error));
    }
  }
}

/** The lock of the condition that was found. Throws the error on if that is not what it tells. */
function partnerIn(error: unknown): number {
  const { cause } = error as { cause?: unknown };
  const existing = isNativeFailure(cause) && error instanceof MismatchError ? cause.existing : undefined;
  if (existing?.kind !== KIND.condition) throw error;
  return existing.partner;
}

function lockAt(segment: SegmentState, offset: number): Lock | RLock {
  const spot = { segment, offset, serial: 0, where: WHERE };
  const state = attachAt<LockState | RLockState>(spot, (kind) => kind === KIND.lock ? LockState : RLockState);
  return state instanceof LockState ? new Lock(new Opened(state)) : new RLock(new Opened(state));
}

/** What this thread has of the lock. */
export function stateOf(lock: Lock | RLock): LockState | RLockState {
  return lock instanceof Lock ? lockStateOf(lock) : rlockStateOf(lock);
}
