import { checkInteger, checkOptions, InvalidStateError, MismatchError, show } from "@lockstep/contract";
import { attempt, LAYOUT, nativeBinding, type SegmentInfo, type VerifyReport } from "@lockstep/native";

import { checkSegmentName, segmentDirectory } from "./segment_name.ts";
import { DEFAULT_RECIPE, SegmentState } from "./segment_state.ts";

/** How `Segment.open` opens, or makes, a segment. */
export interface SegmentOptions {
  /**
   * Largest size in bytes, 2 MiB to 4 GiB - 64 KiB, 1 GiB when absent. Memory is reserved in small steps as it is used.
   * A segment that exists keeps its capacity.
   */
  capacity?: number | undefined;
  /**
   * Permission bits of a new file, 0o600 when absent. The owner's are always among them, others can never write. An
   * existing file that has others is refused if they are given.
   */
  mode?: number | undefined;
  /** False: do not make one, it must exist. */
  create?: boolean | undefined;
}

/** How full a segment is, and who uses it. */
export interface SegmentStats {
  /** Largest size in bytes. */
  capacity: number;
  /** Bytes of memory taken from the system so far. */
  reserved: number;
  /** Bytes in use. */
  used: number;
  /** Bytes of the capacity that are not in use. */
  free: number;
  /** Objects that live there. */
  objects: number;
  /** Processes that have it open. */
  processes: number;
  /** Threads that have it open. */
  participants: number;
}

/** Gives this package the state behind a segment, and nobody else. */
export let segmentStateOf: (segment: Segment, where: string) => SegmentState;

/**
 * A named piece of memory that every process of the user can open; objects live in it.
 *
 * It is a file on a memory file system, `/dev/shm` or the directory in the environment variable `LOCKSTEP_DIR`, and
 * stays until `unlink()` or the next start of the machine. A process that dies leaves it whole: what it held is given
 * back.
 *
 * @example
 * ```ts
 * import { Segment } from "@lockstep/segment";
 *
 * const segment = Segment.open("jobs", { capacity: 16 * 1024 * 1024 });
 * console.log(segment.stats().used);
 * segment.unlink();
 * segment[Symbol.dispose]();
 * ```
 */
export class Segment implements Disposable {
  #state: SegmentState | undefined;
  readonly #name: string;
  readonly #capacity: number;

  static {
    segmentStateOf = (segment, where) => segment.#open(where);
  }

  /**
   * Opens the segment of this name, or makes it; of several processes that make it at once, one does.
   *
   * Blocks the thread for less than a millisecond, as a rule.
   * @throws {TypeError | RangeError} If the name or an option is not allowed.
   * @throws {InvalidStateError} If there is none and `create` is false, or its file is not the user's own.
   * @throws {MismatchError} If it was made by an unlike version of this library, or with another capacity than asked
   * for.
   * @throws {SegmentFullError} If the file system has no room.
   * @throws {UnsupportedPlatformError} If this machine cannot share memory.
   */
  static open(name: string, options: SegmentOptions = {}): Segment {
    const where = "open Segment";
    checkSegmentName(name, where);
    checkOptions(options, where);
    const { capacity = DEFAULT_RECIPE.capacity, mode = DEFAULT_RECIPE.mode, create = true } = options;
    checkInteger(capacity, { name: "options.capacity", min: LAYOUT.minCapacity, max: LAYOUT.maxCapacity }, where);
    checkMode(mode, where);
    if (typeof create !== "boolean") {
      throw new TypeError(`Cannot ${where}: options.create must be a boolean, got ${show(create)}`);
    }
    const { mode: acceptedMode = DEFAULT_RECIPE.acceptedMode } = options;
    const state = SegmentState.open(name, { capacity, mode, acceptedMode, create, isPrivate: false });
    return checkCapacity(new Segment(state), options.capacity);
  }

  /** All segments of the user, those of process trees included. */
  static list(): SegmentInfo[] {
    return nativeBinding().listSegments(segmentDirectory());
  }

  /**
   * Removes the name, so that the next open makes a new segment; who has the old one open goes on with it.
   * @returns False if there is none.
   */
  static unlink(name: string): boolean {
    return nativeBinding().unlinkSegment(segmentDirectory(), checkSegmentName(name, "unlink Segment"));
  }

  private constructor(state: SegmentState) {
    this.#state = state;
    this.#name = state.name;
    this.#capacity = attempt(() => state.binding.segmentStats(state.handle), "open Segment").capacity;
  }

  /** What it was opened by. */
  get name(): string {
    return this.#name;
  }

  /** Largest size in bytes. */
  get capacity(): number {
    return this.#capacity;
  }

  /** How full it is at this moment. @throws {InvalidStateError} After it was disposed. */
  stats(): SegmentStats {
    const { binding, handle } = this.#open("read stats of Segment");
    const { owners, ...stats } = attempt(() => binding.segmentStats(handle), "read stats of Segment");
    return { ...stats, free: stats.capacity - stats.used, participants: owners };
  }

  /**
   * Looks whether all that lies in it keeps its rules: that each byte is free or belongs to one thing, that whatever
   * is there can be reached from where others look for it, that counts are right, and that nothing is left of what the
   * dead had begun. For tests, and for people who suspect something; it changes nothing but to undo, as everybody does,
   * what the dead had left half done.
   *
   * Blocks the thread, and meanwhile every process that wants to make, attach or let go of an object or to change a
   * container; locks and all other primitives go on, and so do reads of up to 16 KiB. That takes about three
   * milliseconds for a megabyte in use. Whatever bytes lie in the segment, it returns.
   * @returns What it has found, and figures. A sound segment has no `findings`.
   * @throws {InvalidStateError} After it was disposed.
   * @example
   * ```ts
   * import { Segment } from "@lockstep/segment";
   *
   * const { findings } = Segment.open("jobs").verify();
   * for (const finding of findings) console.error(finding); // SharedDict "users" at 2c40: shard 3: ...
   * ```
   */
  verify(): VerifyReport {
    return this.#open("verify Segment").verify();
  }

  /** As `Segment.unlink` with its name. */
  unlink(): boolean {
    const { binding, directory } = this.#open("unlink Segment");
    return binding.unlinkSegment(directory, this.#name);
  }

  /** Lets go of the segment; this thread leaves it once its objects there are disposed too. */
  [Symbol.dispose](): void {
    const state = this.#state;
    this.#state = undefined;
    state?.release();
  }

  #open(where: string): SegmentState {
    if (this.#state !== undefined) return this.#state;
    throw new InvalidStateError(`Cannot ${where}: segment "${this.#name}" was disposed`);
  }
}

function checkMode(mode: number, where: string): void {
  checkInteger(mode, { name: "options.mode", min: 0o600, max: 0o777 }, where);
  if ((mode & 0o622) === 0o600) return;
  throw new RangeError(
    `Cannot ${where}: options.mode must let the owner, and nobody else, write, got 0o${mode.toString(8)}`,
  );
}

function checkCapacity(segment: Segment, asked: number | undefined): Segment {
  if (asked === undefined || asked === segment.capacity) return segment;
  segment[Symbol.dispose]();
  throw new MismatchError(
    `Cannot open Segment: "${segment.name}" has a capacity of ${segment.capacity} bytes, asked for ${asked}`,
  );
}
