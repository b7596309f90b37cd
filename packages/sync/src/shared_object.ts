import { attempt } from "@lockstep/native";

import type { ObjectState } from "./object_state.ts";
import { closedState, leaveState, type StateClass } from "./registry.ts";

/** What all shared objects have besides their own work. */
export abstract class SharedObject implements Disposable {
  /** @internal */
  protected abstract state: ObjectState;

  /** The name it was opened by; undefined when it is anonymous or was attached by its handle. */
  get name(): string | undefined {
    return this.state.name;
  }

  /**
   * A short string of plain characters that stands for the object in any thread or process of the user: `attach(handle)`,
   * or `from(handle)` of the class, gives the same object. It keeps nothing alive.
   * @throws {InvalidStateError} After the object was disposed.
   */
  get handle(): string {
    this.state.checkOpen("read handle");
    return this.state.handle;
  }

  /**
   * Removes the name, so that the next who opens it makes a new object. Those who have this one go on with it; its memory
   * returns when the last of them lets go.
   * @returns False if it has no name, or has lost it before.
   * @throws {InvalidStateError} After the object was disposed.
   */
  destroy(): boolean {
    const { binding, native } = this.state;
    this.state.checkOpen("destroy");
    return attempt(() => binding.unnameObject(native), `destroy ${this.state.label}`);
  }

  /**
   * Detaches this JavaScript object, and nothing else: promises that wait through the last one of this thread are
   * rejected, guards may still be released, and for others all stays as it is. Later calls do nothing.
   */
  [Symbol.dispose](): void {
    const { state } = this;
    if (state.segment === undefined) return;
    this.state = closedState(state.constructor as StateClass<ObjectState>);
    leaveState(state);
  }

  /** Class, place, name and present state, for people. */
  toString(): string {
    const { state } = this;
    if (state.segment === undefined) return `${this.constructor.name}(disposed)`;
    return `${this.constructor.name}(${state.segment.name}/${state.name ?? state.info.offset}: ${this.describe()})`;
  }

  /**
   * The present state in a few words.
   * @internal
   */
  protected abstract describe(): string;
}

// What console.log of Node and Deno show.
for (const inspect of ["nodejs.util.inspect.custom", "Deno.customInspect"]) {
  Object.defineProperty(SharedObject.prototype, Symbol.for(inspect), {
    value(this: SharedObject): string {
      return this.toString();
    },
  });
}
