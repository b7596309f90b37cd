import { show } from "@lockstep/contract";
import { environmentVariable } from "@lockstep/native";

/** What a segment may be called: it becomes part of a file name. */
export const SEGMENT_NAME: RegExp = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/;

const DEFAULT_DIRECTORY = "/dev/shm";

/**
 * The name, if a segment may have it.
 * @throws {TypeError} If it is no string.
 * @throws {RangeError} If it is another string.
 */
export function checkSegmentName(name: unknown, where: string): string {
  if (typeof name === "string" && SEGMENT_NAME.test(name)) return name;
  const wrong = typeof name === "string" ? RangeError : TypeError;
  throw new wrong(
    `Cannot ${where}: the segment's name must have 1 to 100 of A-Z a-z 0-9 . _ - and not start with a dot, got ${
      show(name)
    }`,
  );
}

/**
 * Where the files of segments lie: `/dev/shm`, or what the environment variable `LOCKSTEP_DIR` says.
 * @throws {RangeError} If that is no absolute path.
 */
export function segmentDirectory(): string {
  const directory = environmentVariable("LOCKSTEP_DIR");
  if (directory === undefined || directory === "") return DEFAULT_DIRECTORY;
  if (directory.startsWith("/") && !directory.includes("\0")) return directory;
  throw new RangeError(`Cannot use LOCKSTEP_DIR: it must be an absolute path, got ${show(directory)}`);
}
