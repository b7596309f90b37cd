import { show } from "@lockstep/contract";
import { KIND } from "@lockstep/native";

import { SEGMENT_NAME } from "./segment_name.ts";

/** What a handle says: which object, of which kind, in which segment. */
export interface HandleParts {
  /** One of `KIND`. */
  kind: number;
  /** Name of the segment. */
  segment: string;
  /** Where the object lies in it. */
  offset: number;
  /** Tells it from others that lay there before. */
  serial: number;
}

const PATTERN = /^ls1:(\w{1,30}):([\w.-]{1,100}):(\d{1,10}):(\d{1,10})$/;
const KIND_NAMES: readonly string[] = Object.keys(KIND);

/** The handle as a string of plain characters, safe in JSON, argv and environment variables. */
export function formatHandle({ kind, segment, offset, serial }: HandleParts): string {
  return `ls1:${KIND_NAMES[kind]}:${segment}:${offset}:${serial}`;
}

/** Reads a handle. @throws {TypeError} If it is no string. @throws {RangeError} If it is a string that is no handle. */
export function parseHandle(handle: unknown, where: string): HandleParts {
  if (typeof handle !== "string") throw new TypeError(`Cannot ${where}: a handle is a string, got ${show(handle)}`);
  const [, kindName = "", segment = "", offset, serial] = PATTERN.exec(handle) ?? [];
  const parts = { kind: KIND_NAMES.indexOf(kindName), segment, offset: Number(offset), serial: Number(serial) };
  const sound = parts.kind > KIND.any && SEGMENT_NAME.test(segment) && isWord(parts.offset) && isWord(parts.serial);
  if (sound) return parts;
  throw new RangeError(`Cannot ${where}: a handle is what the property handle of an object gives, got ${show(handle)}`);
}

/** Neither offset nor serial of an object is ever 0. */
function isWord(value: number): boolean {
  return value > 0 && value <= 0xffffffff;
}
