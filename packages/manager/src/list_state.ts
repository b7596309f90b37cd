import { show } from "@lockstep/contract";
import { failure, FULL, GONE, isNativeFailure, NOT_FOUND, OK, type Status } from "@lockstep/native";
import { type Closable, ObjectState, type SegmentState } from "@lockstep/segment";

import { errorOf } from "./container_failure.ts";
import { elementOf, keptPayloadOf, payloadKind, payloadOf, sizeOf, valueOf } from "./values.ts";

/** Values as native code takes several. */
interface Batch {
  readonly values: unknown[];
  readonly kinds: Uint8Array;
}

const NOTHING: Batch = { values: [], kinds: new Uint8Array() };

/** A `SharedList` as one thread has it. Protocol: `native/core/list.cpp`. */
export class ListState extends ObjectState {
  /** The element; undefined when there is none. */
  get(position: number): unknown {
    try {
      return valueOf(this.#believe(this.binding.listAt(this.native, position), "read"));
    } catch (error) {
      throw isNativeFailure(error) ? this.#errorOf(error.status, "read", 0) : error;
    }
  }

  /** How many elements there are. */
  get length(): number {
    return this.#judge(this.binding.listLength(this.native), "read", undefined);
  }

  /** False when there is no such position. */
  set(position: number, value: unknown): boolean {
    const payload = payloadOf(value, this.segment);
    const status = this.binding.listSet(this.native, position, payload, payloadKind);
    return status !== NOT_FOUND && this.#judge(status, "set in", payload) === OK;
  }

  /** Puts values before a position, the end beyond it: the new length. */
  insert(position: number, values: readonly unknown[]): number {
    if (values.length !== 1) return this.splice(position, 0, values, undefined);
    const payload = payloadOf(values[0], this.segment);
    const length = this.binding.listInsert(this.native, position, payload, payloadKind);
    return this.#judge(length, "add to", payload);
  }

  /**
   * Removes elements, and puts values in their place: the new length.
   * @throws What one that was removed cannot be made for, with the others as its `removed`.
   */
  splice(position: number, remove: number, values: readonly unknown[], removed: unknown[] | undefined): number {
    const { values: payloads, kinds } = values.length === 0 ? NOTHING : batchOf(values, this.segment);
    const length = this.binding.listSplice(this.native, position, remove, payloads, kinds, removed);
    if (length < 0) throw this.#errorOf(length, "change", sum(payloads));
    const error = removed && this.#decode(removed);
    if (error !== undefined) throw Object.assign(error, { removed });
    return length;
  }

  /** Removes an element and gives it; undefined when there is none. */
  take(position: number): unknown {
    const status = this.binding.listTake(this.native, position);
    if (status === NOT_FOUND) return undefined;
    this.#judge(status, "take from", undefined);
    return valueOf(this.binding.lastValue());
  }

  slice(start: number, end: number): unknown[] {
    const elements: unknown[] = [];
    this.#judge(this.binding.listSlice(this.native, start, end, elements), "copy", undefined);
    const error = this.#decode(elements);
    if (error !== undefined) throw error;
    return elements;
  }

  /** Where the first one with that value is; -1 when there is none. */
  find(value: unknown, start: number): number {
    const payload = payloadOf(value, this.segment);
    const position = this.binding.listFind(this.native, payload, payloadKind, start);
    return position === NOT_FOUND ? -1 : this.#judge(position, "search", undefined);
  }

  /** False when there is none with that value. */
  remove(value: unknown): boolean {
    const payload = payloadOf(value, this.segment);
    const status = this.binding.listRemove(this.native, payload, payloadKind);
    return status !== NOT_FOUND && this.#judge(status, "remove from", undefined) === OK;
  }

  reverse(): void {
    this.#judge(this.binding.listReverse(this.native), "reverse", undefined);
  }

  clear(): void {
    this.#judge(this.binding.listClear(this.native), "clear", undefined);
  }

  /** An argument that says where: a number, without its fraction. */
  position(value: number, name: string, action: string): number {
    if (typeof value === "number") return value;
    throw new TypeError(`Cannot ${action} ${this.label}: ${name} must be a number, got ${show(value)}`);
  }

  override describe(): string {
    const length = this.binding.listLength(this.native);
    return `${length} ${length === 1 ? "element" : "elements"}`;
  }

  override waits(): Iterable<Closable> {
    return [];
  }

  /** Elements as native code gave them become values, all that can: why the first of the others cannot. */
  #decode(elements: unknown[]): Error | undefined {
    let first: Error | undefined;
    let namesObjects = false;
    elements.forEach((element, index) => {
      if (typeof element !== "object" || element === null) return;
      namesObjects ||= element instanceof DataView;
      try {
        elements[index] = elementOf(element);
      } catch (error) {
        first ??= error as Error;
        elements[index] = undefined;
      }
    });
    if (namesObjects) this.binding.letGo();
    return first;
  }

  /** What native code gave; GONE may be an element, or mean that all who had the list here have disposed it. */
  #believe<T>(result: T, action: string): T {
    if (result === GONE && this.users === 0) throw failure(GONE, `${action} ${this.label}`);
    return result;
  }

  /** A result that is no failure. */
  #judge(result: Status, action: string, payload: unknown): number {
    if (result >= 0) return result;
    throw this.#errorOf(result, action, sizeOf(payload));
  }

  #errorOf(status: Status, action: string, bytes: number): Error {
    if (status !== FULL && status !== GONE) return failure(status, `${action} ${this.label}`);
    return errorOf(status, { state: this, action, key: undefined, bytes });
  }
}

function batchOf(values: readonly unknown[], segment: SegmentState | undefined): Batch {
  const kinds = new Uint8Array(values.length);
  const payloads = values.map((value, index) => {
    if (typeof value !== "object" && typeof value !== "bigint") return payloadOf(value, segment);
    const { value: payload, kind } = keptPayloadOf(value, segment);
    kinds[index] = kind;
    return payload;
  });
  return { values: payloads, kinds };
}

function sum(payloads: readonly unknown[]): number {
  return payloads.reduce<number>((bytes, payload) => bytes + sizeOf(payload), 0);
}
