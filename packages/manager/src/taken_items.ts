import type { NativeBinding } from "@lockstep/native";

import { itemsLeft, lastItem, valueOf } from "./values.ts";

/** An item that was got, or why its value could not be made: then its taker is told, and keeps the others. */
interface Taken {
  readonly item: number;
  readonly value?: unknown;
  readonly error?: unknown;
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

  /** Whether items are here that were got before, behind one whose value could not be made. */
  get isAny(): boolean {
    return this.#rest.length > 0;
  }

  /** The first one; it throws what its value cannot be made for. */
  one(): unknown {
    if (this.isAny) return this.#first();
    const raw = this.#binding.queueNext();
    this.item = lastItem();
    return valueOf(raw);
  }

  /** Up to so many, before one that throws; it throws when that is the first. */
  many(count: number): unknown[] {
    if (!this.isAny) this.#takeAll();
    const values = [this.#first()];
    while (values.length < count && this.isAny && !("error" in this.#rest[0]!)) values.push(this.#first());
    return values;
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
