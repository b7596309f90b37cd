import { isMainThread } from "node:worker_threads";

import { attempt, type NativeBinding, nativeBinding, type SegmentHandle, type VerifyReport } from "@lockstep/native";

import { segmentDirectory } from "./segment_name.ts";

/** How a segment is made when there is none of its name yet. */
export interface SegmentRecipe {
  /** Largest size in bytes. */
  capacity: number;
  /** Permission bits of the file of a new one. */
  mode: number;
  /** Permission bits that an existing one may have. */
  acceptedMode: number;
  /** False: it must exist. */
  create: boolean;
  /** It goes with the last process that uses it. */
  isPrivate: boolean;
}

/** What everybody gets who does not choose. */
export const DEFAULT_RECIPE: SegmentRecipe = {
  capacity: 2 ** 30,
  mode: 0o600,
  acceptedMode: 0o755, // whatever can be asked for: others may never write
  create: true,
  isPrivate: false,
};

/** A joined segment: one per thread (isolate) and segment, shared by every object that lives there. */
export class SegmentState {
  /** The addon. */
  readonly binding: NativeBinding;
  /** What the addon knows the segment by. */
  readonly handle: SegmentHandle;
  /** What it was opened by. */
  readonly name: string;
  /** Where its file lies. */
  readonly directory: string;
  /** Owner id of this thread, the number that lock words hold. */
  readonly me: number;
  #users = 0;
  readonly #words: (Int32Array | null)[] = [];

  /** All that this thread is in. */
  static joined(): SegmentState[] {
    return [...states.values()];
  }

  /** Joins the segment, or finds it joined; balanced by `release()`. */
  static open(name: string, recipe: SegmentRecipe = DEFAULT_RECIPE): SegmentState {
    const binding = nativeBinding();
    const directory = segmentDirectory();
    const where = `open segment "${name}" in ${directory}`;
    sweepOnce(binding, directory);
    const handle = attempt(() => binding.openSegment({ directory, name, ...recipe }), where);
    let state = states.get(handle);
    if (state === undefined) {
      state = new SegmentState(binding, handle, [directory, name]);
      states.set(handle, state);
    }
    return state.retain();
  }

  private constructor(binding: NativeBinding, handle: SegmentHandle, [directory, name]: [string, string]) {
    this.binding = binding;
    this.handle = handle;
    this.directory = directory;
    this.name = name;
    this.me = attempt(() => binding.ownerId(handle), `use segment "${name}"`);
  }

  /** The shared words of one window, or undefined where the runtime refuses buffers over foreign memory. */
  words(window: number): Int32Array | undefined {
    const known = this.#words[window];
    if (known !== undefined) return known ?? undefined;
    const buffer = this.binding.segmentWindow(this.handle, window);
    const words = buffer === undefined ? null : new Int32Array(buffer);
    this.#words[window] = words;
    return words ?? undefined;
  }

  /** As `Segment.verify()`. */
  verify(): VerifyReport {
    return attempt(() => this.binding.verifySegment(this.handle), `verify segment "${this.name}"`);
  }

  /** One more user. */
  retain(): this {
    this.#users++;
    return this;
  }

  /** One user less; after the last one this thread leaves, which gives back what it held there. */
  release(): void {
    if (--this.#users > 0) return;
    states.delete(this.handle);
    this.#words.length = 0;
    this.binding.closeSegment(this.handle);
  }
}

const states = new Map<SegmentHandle, SegmentState>();
let swept = false;

/** Once per process is enough to keep the directory clean of what killed processes left. */
function sweepOnce(binding: NativeBinding, directory: string): void {
  if (swept || !isMainThread) return;
  swept = true;
  binding.sweepSegments(directory);
}
