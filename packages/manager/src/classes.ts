import type { SharedObject } from "@lockstep/segment";

/** Makes an object of a handle. */
export type From = (handle: string) => object;

/** How each kind of container is made of its handle: the classes of this package add themselves. */
export const classes: Map<number, From> = new Map();

/** What stands for a shared object without being one, such as the proxy of a namespace. */
export const faces: WeakMap<object, SharedObject> = new WeakMap();
