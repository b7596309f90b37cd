import { InvalidStateError, SegmentFullError, show } from "@lockstep/contract";
import { BOUND, failure, FULL, GONE, isNativeFailure, MISMATCH, type Status } from "@lockstep/native";
import { noRoom, type ObjectState } from "@lockstep/segment";

/** What a failed call on a container was about. */
export interface Attempted {
  readonly state: ObjectState;
  /** What fails in messages, such as "set". */
  readonly action: string;
  readonly key: unknown;
  /** Bytes that it would have taken. */
  readonly bytes: number;
}

const MOST_KEY_BYTES = 0xffff;

/** The error of what native code threw. */
export function thrown(error: unknown, attempted: Attempted): unknown {
  return isNativeFailure(error) ? errorOf(error.status, attempted) : error;
}

/** The error of a status of a container. */
export function errorOf(status: Status, attempted: Attempted): Error {
  const { state, action, key } = attempted;
  const where = `${action} ${state.label}`;
  if (status === MISMATCH) return wrongKey(key, where);
  if (status === FULL) return full(attempted, where);
  if (status === GONE && state.users > 0) {
    return new InvalidStateError(`Cannot ${where}: a shared object in the value is not there any more`);
  }
  if (status !== BOUND) return failure(status, where);
  const most = state.info.parameter >>> 1;
  return new SegmentFullError(
    `Cannot ${where}: it has ${most} entries, as many as its maxEntries; delete some, or make it with evict "lru"`,
  );
}

function wrongKey(key: unknown, where: string): Error {
  if (isKey(key)) {
    return new RangeError(`Cannot ${where}: a key has at most ${MOST_KEY_BYTES} bytes, got a longer one: ${show(key)}`);
  }
  return new TypeError(`Cannot ${where}: a key is a string, number, bigint or boolean, got ${show(key)}`);
}

/** Whether a dict takes it for a key. */
export function isKey(key: unknown): key is string | number | bigint | boolean {
  return ["string", "number", "bigint", "boolean"].includes(typeof key);
}

function full({ state: { segment }, bytes }: Attempted, where: string): SegmentFullError {
  if (segment === undefined) return new SegmentFullError(`Cannot ${where}: no room is left`);
  return noRoom(segment, bytes, where);
}
