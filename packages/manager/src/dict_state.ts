import { type DictKey, failure, GONE, NOT_FOUND, OK, type Status, UNAVAILABLE } from "@lockstep/native";
import { type Closable, ObjectState } from "@lockstep/segment";

import { ClaimLists } from "./claim_lists.ts";
import { type Attempted, errorOf, thrown } from "./container_failure.ts";
import { WatchLists } from "./dict_watch.ts";
import { payloadKind, payloadOf, sizeOf, valueOf } from "./values.ts";

/** A `SharedDict` as one thread has it. Protocol: `native/core/dict.cpp`. */
export class DictState extends ObjectState {
  readonly claims: ClaimLists = new ClaimLists(this);
  readonly watches: WatchLists = new WatchLists();

  /** The value; undefined when there is none. */
  get(key: DictKey): unknown {
    return valueOf(this.getRaw(key));
  }

  /** What native code gives for it. */
  getRaw(key: DictKey): unknown {
    try {
      return this.believe(this.binding.dictGet(this.native, key), "get from");
    } catch (error) {
      throw thrown(error, this.attempted("get from", key));
    }
  }

  has(key: DictKey): boolean {
    return this.believe<boolean | number>(this.binding.dictHas(this.native, key), "look into") === true;
  }

  /** Adds to a number; the sum. */
  add(key: DictKey, by: number, ttl: number): number {
    return this.believe(this.binding.dictAdd(this.native, key, by, ttl), "increment in");
  }

  set(key: DictKey, value: unknown, ttl: number): void {
    const payload = payloadOf(value, this.segment);
    const status = this.binding.dictSet(this.native, key, payload, payloadKind, ttl);
    if (status !== OK) throw errorOf(status, this.attempted("set in", key, payload));
  }

  /** Stores the value unless there is one: what is there afterwards. */
  insert(key: DictKey, value: unknown, ttl: number): unknown {
    const payload = payloadOf(value, this.segment);
    const status = this.binding.dictInsert(this.native, key, payload, payloadKind, ttl);
    if (status === OK) return value;
    if (status === UNAVAILABLE) return valueOf(this.binding.lastValue());
    throw errorOf(status, this.attempted("set in", key, payload));
  }

  /** Version of the value, which `last()` then gives; 0 when there is none. */
  find(key: DictKey): number {
    const version = this.binding.dictRead(this.native, key);
    if (version > 0) return version;
    if (version === NOT_FOUND) return 0;
    throw errorOf(version, this.attempted("get from", key));
  }

  /** The value that the last call has copied out, once. */
  last(): unknown {
    return valueOf(this.binding.lastValue());
  }

  /** Stores the value if the present one has that version, 0 being that of none. */
  replace(key: DictKey, value: unknown, version: number): boolean {
    const payload = payloadOf(value, this.segment);
    return this.judge(
      this.binding.dictReplace(this.native, key, payload, payloadKind, version),
      this.attempted("set in", key, payload),
    );
  }

  /** Removes the entry; with a version, only if it has that one. */
  delete(key: DictKey, version: number = 0): boolean {
    return this.judge(this.binding.dictDelete(this.native, key, version), this.attempted("delete from", key));
  }

  /** Removes the entry; `last()` then gives its value. */
  take(key: DictKey): boolean {
    return this.judge(this.binding.dictTake(this.native, key), this.attempted("delete from", key));
  }

  /** What native code gave; GONE may be a value, or mean that all who had the dict in this thread have disposed it. */
  believe<T>(result: T, action: string): T {
    if (result === GONE && this.users === 0) throw failure(GONE, `${action} ${this.label}`);
    return result;
  }

  /** True for a change that was made, false where its condition did not hold. */
  judge(status: Status, attempted: Attempted): boolean {
    if (status === OK) return true;
    if (status === UNAVAILABLE || status === NOT_FOUND) return false;
    throw errorOf(status, attempted);
  }

  attempted(action: string, key: unknown, payload?: unknown): Attempted {
    return { state: this, action, key, bytes: sizeOf(payload) };
  }

  /** Keys in the order of the walk; each that is there all the while once. */
  *keys(): Generator<DictKey> {
    let keys: DictKey[] = [];
    for (let cursor = 0; cursor >= 0; keys = []) {
      cursor = this.believe(this.binding.dictWalk(this.native, cursor, keys), "walk through");
      yield* keys;
    }
  }

  override describe(): string {
    const size = this.binding.dictSize(this.native);
    return `${size} ${size === 1 ? "entry" : "entries"}`;
  }

  override get hasHolds(): boolean {
    return this.claims.isHolding;
  }

  override waits(): Iterable<Closable> {
    return [...this.claims, ...this.watches];
  }
}
