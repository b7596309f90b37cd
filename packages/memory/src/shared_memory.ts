import { checkInteger, type PlaceOptions } from "@lockstep/contract";
import { KIND, LAYOUT } from "@lockstep/native";
import { attachState, closedState, Opened, SharedObject } from "@lockstep/segment";

import { MemoryState, openBytes } from "./memory_state.ts";

const WHERE = "open SharedMemory";

/**
 * Bytes that threads and unrelated processes share without copying, as Python's `multiprocessing.shared_memory`. New
 * memory is zeroed. What several write at once is for them to order, with `Atomics` on integers or with a `Lock`.
 *
 * The bytes stay where they are as long as anybody has the object or looks at its `buffer`: a view goes on working
 * after the object was disposed or destroyed, by whomever. A process that dies in a write leaves what it had written.
 *
 * Unlike Python's, memory is opened by its name and its length; another length is an error.
 *
 * @example
 * ```ts
 * import { SharedMemory } from "@lockstep/memory";
 *
 * const memory = new SharedMemory(1024, { name: "frame" });
 * new Uint8Array(memory.buffer).fill(255);
 * ```
 */
export class SharedMemory extends SharedObject {
  #state: MemoryState;

  /**
   * Opens the memory of that name, or makes it.
   * @param byteLength Bytes, 1 to 4294901760; there must be room for them in the segment.
   * @throws {TypeError | RangeError} If the length or an option is not allowed.
   * @throws {MismatchError} If the name belongs to another kind of object, or to memory of another length.
   * @throws {SegmentFullError} If there is no room for it.
   */
  constructor(byteLength: number, options: PlaceOptions = {}) {
    const state = options instanceof Opened ? options.state as MemoryState : open(byteLength, options);
    super(state);
    this.#state = state;
  }

  /** The memory of that handle. @throws {InvalidStateError} If it is not there any more. */
  static from(handle: string): SharedMemory {
    return new SharedMemory(0, new Opened(attachState(MemoryState, KIND.memory, handle)));
  }

  /**
   * The shared bytes themselves. Every object for this memory in this thread gives the same ArrayBuffer, as long as
   * anybody has it. In a message it is copied; hand over the `handle` instead.
   * @throws {InvalidStateError} After the object was disposed.
   * @throws {UnsupportedPlatformError} If the runtime shows no memory that is not its own.
   */
  get buffer(): ArrayBuffer {
    this.#state.checkOpen("read SharedMemory.buffer");
    return this.#state.buffer;
  }

  /** How many bytes it has. @throws {InvalidStateError} After the object was disposed. */
  get byteLength(): number {
    this.#state.checkOpen("read SharedMemory.byteLength");
    return this.#state.byteLength;
  }

  /** As of every shared object; views of the memory go on working. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#state = closedState(this.#state);
  }
}

function open(byteLength: number, options: PlaceOptions): MemoryState {
  checkInteger(byteLength, { name: "byteLength", min: 1, max: LAYOUT.maxCapacity }, WHERE);
  return openBytes(MemoryState, { kind: KIND.memory, extent: byteLength, where: WHERE }, options, byteLength);
}
