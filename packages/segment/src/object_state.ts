import process from "node:process";

import { InvalidStateError } from "@lockstep/contract";
import {
  type Handle,
  isNativeFailure,
  LAYOUT,
  type NativeBinding,
  nativeBinding,
  type ObjectInfo,
  type Status,
} from "@lockstep/native";

import { formatHandle } from "./handle.ts";
import type { SegmentState } from "./segment_state.ts";

/** Where a state comes from: an attached object, or nothing for the state of what was disposed. */
export interface Found {
  /** What native code told of it. */
  info: ObjectInfo;
  /** Where it lives. */
  segment: SegmentState | undefined;
  /** What it was opened by. */
  name: string | undefined;
}

/** A list of promises, as the end of its object sees it. */
export interface Closable {
  /** Rejects all. */
  close(reason: Error): void;
}

/**
 * What one thread (isolate) has of one shared object, whatever the number of JavaScript objects for it. A guard belongs
 * to this state, so that a second `Lock` for the same handle knows which holds are over.
 *
 * The fast paths of the subclasses work on `words[at]` without asking whether the object was disposed or the runtime
 * shows no words: then `words` is POISON, whose -1 makes every fast path give up, and native code decides.
 */
export abstract class ObjectState {
  /** The window of shared memory that the object lies in, or POISON. */
  words: Int32Array = POISON;
  /** Index of the object's word 0 in `words`. */
  at = 0;
  /** Owner id of this thread. */
  readonly me: number;
  /** What native code knows the object by; 0 is nothing. */
  readonly native: Handle;
  /** The addon. */
  readonly binding: NativeBinding = nativeBinding();
  /** What native code told of it. */
  readonly info: ObjectInfo;
  /** Where it lives; undefined for what is left of a disposed one. */
  readonly segment: SegmentState | undefined;
  /** What it was opened by; undefined when it is anonymous. */
  readonly name: string | undefined;
  /** JavaScript objects that use this state and are not disposed. */
  users = 0;

  /** Takes over an attached object. */
  constructor({ info, segment, name }: Found) {
    this.info = info;
    this.segment = segment;
    this.name = name;
    this.native = info.handle;
    this.me = segment?.me ?? 0;
    const words = segment?.words(info.window);
    if (words === undefined) return;
    this.words = words;
    this.at = info.index;
  }

  /** Class and name, for messages. */
  get label(): string {
    return `${CLASS_NAMES[this.info.kind]}${this.name === undefined ? "" : ` ${JSON.stringify(this.name)}`}`;
  }

  /** The string by which other threads and processes find the object. */
  get handle(): string {
    const { kind, offset, serial } = this.info;
    return formatHandle({ kind, segment: this.segment?.name ?? "", offset, serial });
  }

  /** A word of the object at this moment. */
  read(index: number): number {
    if (this.words === POISON) return this.binding.readWord(this.native, index) | 0;
    return Atomics.load(this.words, this.at + index);
  }

  /** Whether the bell of this thread is armed here and nobody has rung it; false where JavaScript cannot see it. */
  get isArmed(): boolean {
    if (this.words === POISON) return false;
    const bells = Atomics.load(this.words, this.at - LAYOUT.headWords + LAYOUT.bells);
    return (bells & bellOf(this.me)) !== 0;
  }

  /** Passes unless this is what is left of a disposed object. @throws {InvalidStateError} If it is. */
  checkOpen(where: string): void {
    if (this.segment === undefined) throw new InvalidStateError(`Cannot ${where}: it was disposed`);
  }

  /**
   * Whether this thread holds anything. Then the state outlives its JavaScript objects: who opens the object again must
   * find the holds, and guards give them back.
   */
  get hasHolds(): boolean {
    return false;
  }

  /** Makes every fast path give up: the object is being detached. */
  close(): void {
    this.words = POISON;
    this.at = 0;
  }

  /** Rejects the promises that wait: nobody has the object any more. */
  rejectWaits(): void {
    for (const list of this.waits()) list.close(this.disposed());
  }

  /** The error of waits that nobody can want any more. */
  disposed(): InvalidStateError {
    return new InvalidStateError(`Cannot wait for ${this.label}: it was disposed meanwhile`);
  }

  /** What it does at this moment, in a few words. */
  abstract describe(): string;

  /** The lists of promises that wait for a chance at this object. */
  abstract waits(): Iterable<Closable>;

  /**
   * For a guard that outlives its object: gives back natively, through an attachment of its own if the object is still
   * there.
   */
  giveBackDetached(giveBack: (native: Handle) => Status): void {
    const { kind, offset, serial } = this.info;
    try {
      const { handle } = this.binding.attachObject(this.segment?.handle ?? 0, offset, serial, kind);
      giveBack(handle);
      this.binding.closeObject(handle);
    } catch (error) {
      if (!isNativeFailure(error)) throw error; // else it is gone, and the hold with it
    }
  }
}

/**
 * Compared with, it is neither free nor mine; as a count, it is none. Two words, because some fast paths look at two.
 */
export const POISON: Int32Array = new Int32Array(2).fill(-1);

/**
 * Reads a word after a compare-exchange of this thread, never before it. On x64 a locked instruction orders all later
 * loads, so that a plain read does what Atomics.load does, for a fifth of its time (V8 calls a builtin for that one,
 * and moves no load across the call). Elsewhere only Atomics.load will do.
 */
export const readAfterExchange: (words: Int32Array, index: number) => number = process.arch === "x64"
  ? (words, index) => words[index] as number
  : (words, index) => Atomics.load(words, index);

/** Class names by kind, for messages. */
export const CLASS_NAMES: readonly string[] = [
  "object",
  "Lock",
  "RLock",
  "RWLock",
  "Semaphore",
  "BoundedSemaphore",
  "Condition",
  "Event",
  "Barrier",
  "SharedDict",
  "Namespace",
  "Queue",
  "LifoQueue",
  "PriorityQueue",
  "SharedList",
];

/** The bit of an owner in `bells`; slots above 31 share one. */
function bellOf(id: number): number {
  const slot = id & 0x1fff;
  return 1 << (Math.min(slot, 32) - 1);
}

/** The owner in a lock word, without the flags. */
export function holderOf(word: number): number {
  return word & LAYOUT.idMask;
}
