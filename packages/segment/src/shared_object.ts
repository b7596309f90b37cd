import { InvalidStateError } from "@lockstep/contract";
import { attempt } from "@lockstep/native";

import type { ObjectState } from "./object_state.ts";
import { leaveState } from "./registry.ts";

/** What all shared objects have besides their own work. */
export abstract class SharedObject implements Disposable {
  // The subclasses keep it a second time, as what it is there: so no method works on an object of another class.
  #state: ObjectState | undefined;

  /** Takes the state over; the subclasses' constructors are the ones to call. */
  constructor(state: ObjectState) {
    this.#state = state;
  }

  /** The name it was opened by; undefined when it is anonymous, was attached by its handle, or is disposed. */
  get name(): string | undefined {
    return this.#state?.name;
  }

  /**
   * A short string of plain characters that stands for the object in any thread or process of the user:
   * `attach(handle)`, or `from(handle)` of the class, gives the same object. The string keeps nothing alive; the object
   * as part of a value in a container does.
   * @throws {InvalidStateError} After the object was disposed.
   */
  get handle(): string {
    return this.#open("read handle").handle;
  }

  /**
   * Removes the name, so that the next who opens it makes a new object, and no value in a container keeps this one any
   * more. Those who have it go on with it; its memory returns when the last of them lets go, and to read a value that
   * names it is an `InvalidStateError` from then on.
   * @returns False if it has no name, or has lost it before.
   * @throws {InvalidStateError} After the object was disposed.
   */
  destroy(): boolean {
    const { binding, native, label } = this.#open("destroy");
    return attempt(() => binding.unnameObject(native), `destroy ${label}`);
  }

  /**
   * Detaches this JavaScript object, and nothing else: promises that wait through the last one of this thread are
   * rejected, guards may still be released, and for others all stays as it is. Later calls do nothing.
   */
  [Symbol.dispose](): void {
    const state = this.#state;
    this.#state = undefined;
    if (state !== undefined) leaveState(state);
  }

  /** Class, place, name and present state, for people. */
  toString(): string {
    const state = this.#state;
    const kind = this.constructor.name;
    if (state?.segment === undefined) return `${kind}(disposed)`;
    return `${kind}(${state.segment.name}/${state.name ?? state.info.offset}: ${state.describe()})`;
  }

  #open(where: string): ObjectState {
    if (this.#state !== undefined) return this.#state;
    throw new InvalidStateError(`Cannot ${where}: ${this.constructor.name} was disposed`);
  }
}

// What console.log of Node and Deno show.
for (const inspect of ["nodejs.util.inspect.custom", "Deno.customInspect"]) {
  Object.defineProperty(SharedObject.prototype, Symbol.for(inspect), {
    value(this: SharedObject): string {
      return SharedObject.prototype.toString.call(this);
    },
  });
}
