import type { PlaceOptions } from "@lockstep/contract";
import { KIND } from "@lockstep/native";
import { attachState, closedState, Opened, openState, SharedObject } from "@lockstep/segment";

import { classes, faces } from "./classes.ts";
import { DictState } from "./dict_state.ts";
import { prepareScratch } from "./values.ts";

/** What a namespace has besides the properties that users give it. */
export interface NamespaceFace {
  /** Detaches it, and destroys nothing. */
  [Symbol.dispose](): void;
}

/** A namespace with properties of these types. */
export type Namespace<T extends object> = Partial<T> & NamespaceFace;

class NamespaceObject extends SharedObject {
  state: DictState;

  constructor(options: PlaceOptions) {
    const state = openState(DictState, { kind: KIND.namespace, where: "open Namespace" }, options);
    super(state);
    this.state = state;
    prepareScratch();
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.state = closedState(this.state);
  }
}

/** Which traps a proxy needs for its target to look like an object with the properties of the dict. */
class Traps implements ProxyHandler<object> {
  readonly #object: NamespaceObject;

  constructor(object: NamespaceObject) {
    this.#object = object;
  }

  get(_target: object, key: string | symbol): unknown {
    if (typeof key === "string") return this.#object.state.get(key);
    const own: unknown = Reflect.get(this.#object, key);
    // Not bind(): what that makes `using` does not take for a function in some versions of V8.
    return typeof own === "function" ? (...args: unknown[]) => own.apply(this.#object, args) : own;
  }

  set(_target: object, key: string | symbol, value: unknown): boolean {
    if (typeof key !== "string") return false;
    this.#object.state.set(key, value, 0);
    return true;
  }

  has(_target: object, key: string | symbol): boolean {
    return typeof key === "string" && this.#object.state.has(key);
  }

  deleteProperty(_target: object, key: string | symbol): boolean {
    if (typeof key === "string") this.#object.state.delete(key);
    return true;
  }

  ownKeys(): string[] {
    return [...this.#object.state.keys()].map(String);
  }

  getOwnPropertyDescriptor(_target: object, key: string | symbol): PropertyDescriptor | undefined {
    const { state } = this.#object;
    if (typeof key !== "string" || state.find(key) === 0) return undefined;
    return { value: state.last(), writable: true, enumerable: true, configurable: true };
  }

  /** Only what others can have as well: a value that can be changed, listed and removed. */
  defineProperty(target: object, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    const { writable, enumerable, configurable } = descriptor;
    const isOwn = [writable, enumerable, configurable].includes(false) || !("value" in descriptor);
    return !isOwn && this.set(target, key, descriptor.value);
  }

  /** No: another process may add a property at any time. */
  preventExtensions(): boolean {
    return false;
  }
}

/**
 * An object whose properties threads and unrelated processes share, as Python's `Manager().Namespace()`.
 *
 * Each assignment is one atomic publication of a copy; what a property gives is a copy as well, so a change inside of
 * it needs another assignment. `delete`, `in` and `Object.keys()` work as with any object.
 *
 * @throws {TypeError | RangeError} If an option is not allowed.
 * @throws {MismatchError} If the name belongs to another kind of object.
 * @throws {SegmentFullError} If there is no room for it.
 * @example
 * ```ts
 * import { namespace } from "@lockstep/manager";
 *
 * const settings = namespace<{ level: number }>({ name: "settings" });
 * settings.level = 3;
 * console.log(settings.level, Object.keys(settings));
 * ```
 */
export function namespace<T extends object = Record<string, unknown>>(options: PlaceOptions = {}): Namespace<T> {
  const object = new NamespaceObject(options);
  const proxy = new Proxy(
    shownAs(() => object.state.segment === undefined ? "Namespace(disposed)" : { ...proxy }),
    new Traps(object),
  ) as Namespace<T>;
  faces.set(proxy, object);
  return proxy;
}

/** A target for the proxy; console.log looks at it instead of the proxy, and asks it what to show. */
function shownAs(shown: () => object | string): object {
  const target: object = Object.create(null);
  const inspectors = {
    "nodejs.util.inspect.custom": shown,
    "Deno.customInspect": (inspect: (value: object, options: object) => string, options: object) => {
      const what = shown();
      return typeof what === "string" ? what : inspect(what, options);
    },
  };
  for (const [name, value] of Object.entries(inspectors)) {
    Object.defineProperty(target, Symbol.for(name), { value, configurable: true });
  }
  return target;
}

classes.set(KIND.namespace, (handle) => namespace(new Opened(attachState(DictState, KIND.namespace, handle))));
