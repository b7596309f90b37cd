import type { NativeBinding } from "@lockstep/native";

import { itemsLeft, lastItem, stampedOf, valueOf } from "./values.ts";

/** An item that was got, or why its value could not be made: then its taker is told, and keeps the others. */
interface Taken {
  readonly item: number;
  readonly value?: unknown;
  readonly error?: unknown;
}

/** An item with a stamp: its value, or why that cannot be made. */
export interface Message {
  /** What native code knows the item by. */
  readonly item: number;
  /** The number that it was posted with. */
  readonly stamp: number;
  /** Its value; undefined with an `error`. */
  readonly value?: unknown;
  /** What was thrown when the value was made. */
  readonly error?: unknown;
}

function messageOf(item: number, raw: unknown): Message {
  const { stamp, make } = stampedOf(raw);
  try {
    return { item, stamp, value: make() };
  } catch (error) {
    return { item, stamp, error };
  }
}

/** The items that the last native call got, on their way to whoever called. */
export class TakenItems {
  /** What native code knows the last one by. */
  item = 0;
  readonly #binding: NativeBinding;
  #rest: Taken[] = [];

  constructor(binding: NativeBinding) {
    this.#binding = binding;
  }

  /** How many are here that were got before, behind one whose value could not be made. */
  get length(): number {
    return this.#rest.length;
  }

  /** The first one; it throws what its value cannot be made for. */
  one(): unknown {
    if (this.length > 0) return this.#first();
    const raw = this.#binding.queueNext();
    this.item = lastItem();
    return valueOf(raw);
  }

  /** Appends up to so many, those before one that throws; it throws when nothing else is in the array. */
  many(count: number, into: unknown[]): unknown[] {
    if (this.length === 0) this.#takeAll();
    const most = into.length + count;
    if (into.length === 0) into.push(this.#first());
    while (into.length < most && this.length > 0 && !("error" in this.#rest[0]!)) into.push(this.#first());
    return into;
  }

  /** All of a queue of messages, of which no other kind of item is ever got. */
  messages(): Message[] {
    const messages: Message[] = [];
    for (let left = 1; left > 0;) {
      const raw = this.#binding.queueNext();
      const item = lastItem();
      left = itemsLeft();
      messages.push(messageOf(item, raw));
    }
    return messages;
  }

  #first(): unknown {
    const first = this.#rest.shift()!;
    this.item = first.item;
    if ("error" in first) throw first.error;
    return first.value;
  }

  #takeAll(): void {
    for (let left = 1; left > 0;) {
      const raw = this.#binding.queueNext();
      const item = lastItem();
      left = itemsLeft();
      try {
        this.#rest.push({ item, value: valueOf(raw) });
      } catch (error) {
        this.#rest.push({ item, error });
      }
    }
  }
}
