import process from "node:process";
import { isMainThread } from "node:worker_threads";

import { environmentVariable, nativeBinding, setEnvironmentVariable } from "@lockstep/native";

import { checkSegmentName } from "./segment_name.ts";
import { DEFAULT_RECIPE, SegmentState } from "./segment_state.ts";

const VARIABLE = "LOCKSTEP_SEGMENT";

let joined: SegmentState | undefined;

/**
 * The segment of this process tree, for anonymous objects. The first process that needs one names it; children and
 * workers find the name in their environment. Its file goes with the last process that uses it.
 */
export function privateSegment(): SegmentState {
  return joined ??= join();
}

function join(): SegmentState {
  const inherited = environmentVariable(VARIABLE);
  const candidate = inherited === undefined ? newName() : checkSegmentName(inherited, `use ${VARIABLE}`);
  // A worker that was started before the first anonymous object has no name in its environment, but the process has.
  const name = nativeBinding().processName(candidate);
  const segment = SegmentState.open(name, { ...DEFAULT_RECIPE, isPrivate: true });
  setEnvironmentVariable(VARIABLE, name);
  // process.exit() runs no native cleanup. The exit of a worker is not that of the process.
  if (isMainThread) process.on("exit", () => segment.binding.unlinkIfLast(segment.handle));
  return segment;
}

function newName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return `private-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
