import { types } from "node:util";
import { show } from "@lockstep/contract";
import { ByteWriter } from "./byte_writer.ts";
import { writeArray, writeBuiltIn, writeDomException } from "./encode_built_ins.ts";
import { KEY_END, MAX_DEPTH, Tag, VERSION } from "./format.ts";
import { isSurelyPlain, statefulClass } from "./kinds.ts";
import type { SharedReferences } from "./references.ts";
import { Seen } from "./seen.ts";
import { pathOf, type Step } from "./trail.ts";

const hasOwn = Object.prototype.hasOwnProperty;
const { isProxy } = types;
const NO_HANDLES: readonly string[] = Object.freeze([]);

/** Writes one value at a time. */
export class Encoder {
  readonly out: ByteWriter = new ByteWriter();
  readonly #references: SharedReferences | undefined;
  readonly #seen = new Seen();
  readonly #steps: Step[] = [];
  #depth = 0;
  #handles: string[] | undefined;

  constructor(references: SharedReferences | undefined) {
    this.#references = references;
  }

  /** The handles in the value that was written last. */
  get handles(): readonly string[] {
    return this.#handles ?? NO_HANDLES;
  }

  encode(value: unknown, stamp: number | undefined): Uint8Array {
    this.#depth = 0;
    this.#handles = undefined;
    this.out.reset();
    this.out.byte(VERSION);
    try {
      this.write(value);
    } finally {
      this.#seen.clear();
    }
    if (stamp !== undefined) this.out.double(stamp);
    return this.out.written();
  }

  write(value: unknown): void {
    switch (typeof value) {
      case "string":
        return this.out.text(value);
      case "number":
        return this.out.number(value);
      case "boolean":
        return this.out.byte(value ? Tag.TRUE : Tag.FALSE);
      case "undefined":
        return this.out.byte(Tag.UNDEFINED);
      case "bigint":
        return this.#writeBigint(value);
      case "object":
        return value === null ? this.out.byte(Tag.NULL) : this.#writeObject(value);
      default:
        return this.refuse(typeof value === "symbol" ? `the symbol ${show(value)}` : show(value));
    }
  }

  /** What is written next lies one step inside the container. */
  step(step: Step): void {
    this.#steps[this.#depth - 1] = step;
  }

  /** The object's own enumerable properties with these names, as far as they are still there when their turn comes. */
  writeProperties(object: object, keys: Iterable<string>): void {
    for (const key of keys) {
      if (!hasOwn.call(object, key)) continue;
      this.step(key);
      this.out.key(key);
      this.write((object as Record<string, unknown>)[key]);
    }
    this.out.byte(KEY_END);
  }

  /** The object has begun, and is a container around what is written until `leave()`. */
  enter(object: object): void {
    this.#seen.add(object);
    if (this.#depth === MAX_DEPTH) this.#refuseDepth();
    this.#depth++;
  }

  leave(): void {
    this.#depth--;
  }

  /** True if the object was written before, and now its number is. */
  wroteAgain(object: object): boolean {
    const number = this.#seen.find(object);
    if (number < 0) return false;
    this.out.byte(Tag.REPEAT);
    this.out.count(number);
    return true;
  }

  /** @throws {DOMException} Always, with the path of where the value is. */
  refuse(what: string): never {
    throw new DOMException(
      `Cannot encode ${pathOf(this.#steps.slice(0, this.#depth))}: ${what} cannot be copied to another process`,
      "DataCloneError",
    );
  }

  #refuseDepth(): never {
    const path = pathOf(this.#steps.slice(0, 10));
    throw new RangeError(`Cannot encode ${path}...: values may be ${MAX_DEPTH} levels deep, this one is deeper`);
  }

  #writeObject(value: object): void {
    if (this.wroteAgain(value)) return;
    if (isProxy(value)) this.#writeProxy(value);
    else if (Array.isArray(value)) writeArray(this, value);
    else if (isSurelyPlain(value)) this.#writePlain(value);
    else if (!this.#wroteHandle(value) && !writeBuiltIn(this, value)) this.#writeInstance(value);
  }

  /** One may stand for a shared object; any other could be whatever it likes. */
  #writeProxy(value: object): void {
    if (!this.#wroteHandle(value)) this.refuse("a Proxy");
  }

  #writeInstance(value: object): void {
    const name = statefulClass(value);
    if (name === "DOMException") return writeDomException(this, value as DOMException);
    if (name !== undefined) this.refuse(`an object of class ${name}`);
    this.out.byte(Tag.OBJECT);
    this.enter(value);
    this.writeProperties(value, Object.keys(value)); // `for in` would run the traps of a Proxy among its prototypes
    this.leave();
  }

  #writePlain(value: object): void {
    this.out.byte(Tag.OBJECT);
    this.enter(value);
    for (const key in value) { // faster than Object.keys(), and like writeProperties() it leaves out what is gone
      if (!hasOwn.call(value, key)) continue;
      this.step(key);
      this.out.key(key);
      this.write((value as Record<string, unknown>)[key]);
    }
    this.out.byte(KEY_END);
    this.leave();
  }

  #wroteHandle(value: object): boolean {
    const handle = this.#references?.handleOf(value);
    if (handle === undefined) return false;
    this.#seen.add(value);
    this.out.byte(Tag.SHARED);
    this.out.text(handle);
    this.#handles ??= [];
    if (!this.#handles.includes(handle)) this.#handles.push(handle);
    return true;
  }

  #writeBigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.out.byte(Tag.BIGINT_64);
      this.out.bigint64(value);
    } else {
      this.out.byte(Tag.BIGINT);
      this.out.text(value.toString(16));
    }
  }
}
