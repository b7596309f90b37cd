import { type NativeBinding, OK, type Status } from "@lockstep/native";

import { itemsLeft, lastItem, Stamped, valueOf } from "./values.ts";

/** An item that was got, or why its value could not be made: then its taker is told, and keeps the others. */
interface Taken {
  readonly item: number;
  readonly value?: unknown;
  readonly error?: unknown;
}

/** An item with a stamp: its value, or why that cannot be made; neither if it was not begun. */
export interface Message {
  /** What native code knows the item by. */
  readonly item: number;
  /** The number that it was posted with. */
  readonly stamp: number;
  /** What `Begin` has said. */
  readonly isBegun: boolean;
  /** Its value; undefined with an `error`. */
  readonly value?: unknown;
  /** What was thrown when the value was made. */
  readonly error?: unknown;
}

/** Asked about a message before its value is made, as that may be the end of the process. */
export interface Begin {
  /**
   * Whether it can be said without using a container; else the message's bytes are copied, and what they name is kept
   * by the queue, which has to redeliver.
   */
  knows(stamp: number): boolean;
  /** Whether its value is to be made. */
  begin(stamp: number): boolean;
}

function messageOf(item: number, raw: unknown, begin?: Begin): Message {
  const stamped = new Stamped(raw);
  const { stamp } = stamped;
  if (begin?.knows(stamp) === false) stamped.keep();
  if (begin?.begin(stamp) === false) {
    stamped.drop();
    return { item, stamp, isBegun: false };
  }
  try {
    return { item, stamp, isBegun: true, value: stamped.make() };
  } catch (error) {
    return { item, stamp, isBegun: true, error };
  }
}

/** The items that the last native call got, on their way to whoever called. */
export class TakenItems {
  /** What native code knows the last one by. */
  item = 0;
  readonly #binding: NativeBinding;
  #answer: unknown; // the first of the last native call, until it is asked for
  #rest: Taken[] = [];

  constructor(binding: NativeBinding) {
    this.#binding = binding;
  }

  /** How many are here that were got before, behind one whose value could not be made. */
  get length(): number {
    return this.#rest.length;
  }

  /** What a native call that gets items has answered: keeps the first one, or tells its status. */
  receive(answer: unknown): Status {
    if (itemsLeft() === 0) return answer as Status;
    this.#answer = answer;
    return OK;
  }

  /** The first one; it throws what its value cannot be made for. */
  one(): unknown {
    if (this.length > 0) return this.#first();
    this.item = lastItem();
    return valueOf(this.#takeAnswer());
  }

  /** Appends up to so many, those before one that throws; it throws when nothing else is in the array. */
  many(count: number, into: unknown[]): unknown[] {
    const most = into.length + count;
    if (this.length === 0) this.#takeAll(into);
    if (into.length === 0) into.push(this.#first());
    while (into.length < most && this.length > 0 && !("error" in this.#rest[0]!)) into.push(this.#first());
    return into;
  }

  /** All of a queue of messages, of which no other kind of item is ever got; just one where each has to be begun. */
  messages(begin?: Begin): Message[] {
    const messages = [messageOf(lastItem(), this.#takeAnswer(), begin)];
    while (begin === undefined && itemsLeft() > 1) {
      const raw = this.#binding.queueNext();
      messages.push(messageOf(lastItem(), raw));
    }
    return messages;
  }

  #takeAnswer(): unknown {
    const answer = this.#answer;
    this.#answer = undefined; // it may be large
    return answer;
  }

  #first(): unknown {
    const first = this.#rest.shift()!;
    this.item = first.item;
    if ("error" in first) throw first.error;
    return first.value;
  }

  /** One that throws is kept, and so are those behind it. */
  #takeAll(into: unknown[]): void {
    this.#take(this.#takeAnswer(), into);
    while (itemsLeft() > 1) this.#take(this.#binding.queueNext(), into);
  }

  #take(raw: unknown, into: unknown[]): void {
    const item = lastItem();
    try {
      const value = valueOf(raw);
      if (this.length === 0) into.push(value);
      else this.#rest.push({ item, value });
    } catch (error) {
      this.#rest.push({ item, error });
    }
  }
}
