import { types } from "node:util";

const ObjectPrototype = Object.prototype;
const { getOwnPropertyDescriptor, getPrototypeOf } = Object;
const hasOwn = ObjectPrototype.hasOwnProperty;

/**
 * Whether the object, no Proxy, is for certain one without internal state. An own key rules out the built-in objects,
 * which have none unless somebody gives them some and another prototype, and the `arguments` object, which has "0".
 */
export function isSurelyPlain(object: object): boolean {
  const prototype = getPrototypeOf(object);
  if (prototype !== ObjectPrototype && (prototype !== null || types.isModuleNamespaceObject(object))) return false;
  for (const key in object) return key !== "0" && hasOwn.call(object, key);
  return false;
}

/** Name of the object's class, if it has state besides its properties and none that could be copied. */
export function statefulClass(object: object): string | undefined {
  if (types.isPromise(object)) return "Promise";
  if (types.isWeakMap(object)) return "WeakMap";
  if (types.isWeakSet(object)) return "WeakSet";
  if (types.isArgumentsObject(object)) return "Arguments";
  if (types.isGeneratorObject(object)) return "Generator";
  if (types.isModuleNamespaceObject(object)) return "Module";
  return runtimeClass(object);
}

/**
 * Name of the class, if it is one of the runtime's own, such as `WeakRef`, `URL` or `Intl.NumberFormat`. These have a
 * tag and the global name that it says, or no constructor at all, such as iterators. Runs no code of the object's.
 */
export function runtimeClass(object: object): string | undefined {
  for (let holder = getPrototypeOf(object); holder !== null; holder = getPrototypeOf(holder)) {
    if (types.isProxy(holder)) return undefined;
    const tag: unknown = getOwnPropertyDescriptor(holder, Symbol.toStringTag)?.value;
    if (typeof tag !== "string") continue;
    const maker = getOwnPropertyDescriptor(holder, "constructor")?.value;
    const known = maker === undefined ? / /.test(tag) : maker === globalNamed(tag);
    return known ? tag : undefined;
  }
  return undefined;
}

function globalNamed(path: string): unknown {
  let found: unknown = globalThis;
  for (const name of path.split(".")) {
    if (!/^[A-Z]\w*$/.test(name)) return null; // other globals are no classes, and some warn when they are read
    found = (found as Record<string, unknown> | undefined)?.[name];
  }
  return found;
}

/** Reads the internal state behind a built-in accessor, whatever the object or its class put before it. */
export function intrinsic<T>(prototype: object, name: PropertyKey): (object: object) => T {
  const get = getOwnPropertyDescriptor(prototype, name)?.get;
  if (get === undefined) throw new TypeError(`Cannot read ${String(name)}: it is no built-in accessor`);
  return (object) => Reflect.apply(get, object, []);
}
