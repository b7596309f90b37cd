import {
  CorruptSegmentError,
  InvalidStateError,
  type PlaceOptions,
  SegmentFullError,
  UnsupportedPlatformError,
} from "@lockstep/contract";
import { attempt } from "@lockstep/native";
import {
  type Closable,
  noRoom,
  ObjectState,
  openAt,
  Opened,
  type Recipe,
  resolvePlace,
  type StateClass,
} from "@lockstep/segment";

/** What has bytes in shared memory, as one thread has it: nobody waits for it, and it has no holds. */
export abstract class BytesState extends ObjectState {
  override waits(): Iterable<Closable> {
    return [];
  }

  /** The error where the runtime shows no shared memory. */
  refused(): UnsupportedPlatformError {
    return new UnsupportedPlatformError(
      `Cannot use ${this.label}: this runtime refuses ArrayBuffers over memory that is not its own`,
    );
  }
}

/** A `SharedMemory` as one thread has it. Protocol: `native/core/memory.cpp`. */
export class MemoryState extends BytesState {
  #buffer: ArrayBuffer | undefined;

  /** How many bytes it has. */
  get byteLength(): number {
    return this.info.extent;
  }

  /** The shared bytes; the same ArrayBuffer as long as anybody in this thread has it. */
  get buffer(): ArrayBuffer {
    if (this.#buffer?.byteLength !== this.byteLength) this.#buffer = bufferOf(this);
    return this.#buffer;
  }

  override close(): void {
    super.close();
    this.#buffer = undefined;
  }

  override describe(): string {
    return `${this.byteLength} bytes`;
  }
}

/** The state of memory that a constructor's options mean; the recipe makes `bytes` bytes. */
export function openBytes<S extends BytesState>(
  State: StateClass<S>,
  recipe: Recipe,
  options: PlaceOptions,
  bytes: number,
): S {
  if (options instanceof Opened) return options.state as S;
  const place = resolvePlace(options, recipe.where);
  try {
    return openAt(State, recipe, place);
  } catch (error) {
    throw error instanceof SegmentFullError ? noRoom(place.segment, bytes, recipe.where) : error;
  }
}

// --- one ArrayBuffer per thread and object ---

// By the address of the object. A buffer keeps its object where it is, so that an address whose buffer is alive is that
// of no other object.
const buffers = new Map<number, WeakRef<ArrayBuffer>>();
const collected = new FinalizationRegistry<number>((address) => {
  if (buffers.get(address)?.deref() === undefined) buffers.delete(address);
});

/** A program may have given the known one away, to another thread: then it has no bytes any more. */
function bufferOf(state: MemoryState): ArrayBuffer {
  const { binding, native, byteLength } = state;
  const where = `look at ${state.label}`;
  const address = binding.memoryAddress(native);
  if (address < 0) throw new InvalidStateError(`Cannot ${where}: it was disposed`);
  const known = buffers.get(address)?.deref();
  if (known?.byteLength === byteLength) return known;
  const buffer = attempt(() => binding.memoryBuffer(native), where);
  if (buffer === undefined) throw state.refused();
  if (buffer.byteLength !== byteLength) {
    throw new CorruptSegmentError(`Cannot ${where}: it has ${buffer.byteLength} bytes in place of ${byteLength}`);
  }
  buffers.set(address, new WeakRef(buffer));
  collected.register(buffer, address);
  return buffer;
}
