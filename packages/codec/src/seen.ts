const FEW = 12; // that many comparisons cost less than a look into a Map

/** The objects that a value has shown so far, numbered from 0. */
export class Seen {
  readonly #few: (object | undefined)[] = new Array(FEW).fill(undefined);
  #many: Map<object, number> | undefined;
  #count = 0;

  /** The number of the object, or -1 if it is new. */
  find(object: object): number {
    if (this.#many !== undefined) return this.#many.get(object) ?? -1;
    for (let index = this.#count - 1; index >= 0; index--) {
      if (this.#few[index] === object) return index;
    }
    return -1;
  }

  /** Gives the object, which is new, the next number. */
  add(object: object): void {
    if (this.#count < FEW) this.#few[this.#count] = object;
    else this.#moved().set(object, this.#count);
    this.#count++;
  }

  /** Lets go of all of them. */
  clear(): void {
    for (let index = Math.min(this.#count, FEW) - 1; index >= 0; index--) this.#few[index] = undefined;
    this.#many = undefined;
    this.#count = 0;
  }

  #moved(): Map<object, number> {
    return this.#many ??= new Map(this.#few.map((object, index) => [object as object, index]));
  }
}
