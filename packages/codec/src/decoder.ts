import { ByteReader } from "./byte_reader.ts";
import { builtInReaders } from "./decode_built_ins.ts";
import { MAX_DEPTH, SHORT_TEXT, SMALL_INTEGER, Tag, VERSION } from "./format.ts";
import type { SharedReferences } from "./references.ts";

const MAX_ARRAY_LENGTH = 2 ** 32 - 1;
const KEPT_OBJECTS = 64; // places that stay for the next value

/** Reads one value at a time. */
export class Decoder {
  readonly in: ByteReader = new ByteReader();
  readonly #references: SharedReferences | undefined;
  #objects: (object | undefined)[] = [];
  #count = 0;
  #depth = 0;

  constructor(references: SharedReferences | undefined) {
    this.#references = references;
  }

  decode(bytes: Uint8Array): unknown {
    this.in.reset(bytes);
    this.#depth = 0;
    try {
      const version = this.in.byte();
      if (version !== VERSION) this.in.fail(`its format has version ${version}, known is ${VERSION}`);
      const value = this.read();
      if (this.in.left > 0) this.in.fail("bytes follow it");
      return value;
    } finally {
      this.#clear();
    }
  }

  read(): unknown {
    const tag = this.in.byte();
    if (tag >= SMALL_INTEGER) return tag - SMALL_INTEGER;
    if (tag >= SHORT_TEXT) return this.in.textOf(tag);
    if (tag === Tag.OBJECT) return this.#readPlain();
    return tag <= Tag.REPEAT ? this.#readSimple(tag) : this.#readContainer(tag);
  }

  /** Gives a new object the next number. */
  begin<T extends object>(object: T): T {
    this.#objects[this.#count++] = object;
    return object;
  }

  #readSimple(tag: number): unknown {
    switch (tag) {
      case Tag.UNDEFINED:
        return undefined;
      case Tag.NULL:
        return null;
      case Tag.FALSE:
        return false;
      case Tag.TRUE:
        return true;
      case Tag.INTEGER:
        return this.in.integer();
      case Tag.NUMBER:
        return this.in.double();
      case Tag.BIGINT_64:
        return this.in.bigint64();
      case Tag.BIGINT:
        return this.#readBigint();
      case Tag.REPEAT:
        return this.#readRepeat();
      default:
        return this.in.textOf(tag);
    }
  }

  #readContainer(tag: number): object {
    this.#enter();
    const object = tag === Tag.ARRAY
      ? this.#readArray()
      : tag === Tag.SPARSE_ARRAY
      ? this.#readSparseArray()
      : tag === Tag.SHARED
      ? this.#readShared()
      : (builtInReaders[tag] ?? this.in.fail(`${tag} is no tag of a value`))(this);
    this.#depth--;
    return object;
  }

  #readPlain(): object {
    this.#enter();
    const object: Record<string, unknown> = this.begin({});
    for (let key = this.in.key(); key !== undefined; key = this.in.key()) {
      const inherited = this.in.keyIsInherited;
      const value = this.read();
      if (inherited) define(object, key, value);
      else object[key] = value;
    }
    this.#depth--;
    return object;
  }

  #readArray(): object {
    const array: unknown[] = this.begin([]);
    const length = this.in.length();
    for (let index = 0; index < length; index++) {
      if (this.in.took(Tag.HOLE)) array.length = index + 1;
      else array.push(this.read());
    }
    return this.#readExtras(array);
  }

  #readSparseArray(): object {
    const array: unknown[] = this.begin([]);
    const length = this.in.count();
    if (length > MAX_ARRAY_LENGTH) this.in.fail("an array is too long");
    array.length = MAX_ARRAY_LENGTH; // V8 then keeps it as a table of the elements it has, whatever its length
    array.length = length;
    return this.#readExtras(array);
  }

  #readExtras(array: unknown[]): object {
    for (let key = this.in.key(); key !== undefined; key = this.in.key()) {
      if (key === "length") this.in.fail("an array has its length among its properties");
      define(array, key, this.read());
    }
    return array;
  }

  #readShared(): object {
    const handle = this.in.text();
    if (this.#references === undefined) this.in.fail("it has a shared object, and this codec was given no references");
    return this.begin(this.#references.attach(handle));
  }

  #readRepeat(): object {
    const number = this.in.count();
    const object = number < this.#count ? this.#objects[number] : undefined;
    return object ?? this.in.fail("it repeats an object that was not there before");
  }

  #readBigint(): bigint {
    const [, minus, digits] = /^(-?)([0-9a-f]+)$/.exec(this.in.text()) ?? this.in.fail("a bigint has no digits");
    try {
      const magnitude = BigInt(`0x${digits}`);
      return minus === "" ? magnitude : -magnitude;
    } catch (cause) {
      return this.in.fail("a bigint is too large", { cause });
    }
  }

  #enter(): void {
    if (this.#depth === MAX_DEPTH) this.in.fail(`it is more than ${MAX_DEPTH} levels deep`);
    this.#depth++;
  }

  #clear(): void {
    this.in.clear();
    if (this.#count > KEPT_OBJECTS) this.#objects = [];
    else for (let index = 0; index < this.#count; index++) this.#objects[index] = undefined;
    this.#count = 0;
  }
}

/** Sets the property, where an assignment could run a setter of the prototype, or be refused if that is frozen. */
function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}
