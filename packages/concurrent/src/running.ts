/** A process or thread that was started, as the runtime has it. */
export interface Running {
  /** `pid` or `threadId`. */
  readonly id: number;
  /** Resolves with the exit code, or the negative number of the signal that has ended it. */
  readonly ended: Promise<number>;
  /** The same as far as it is known; null before the end. */
  exitCode(): number | null;
  /** Whether it has not ended. */
  isAlive(): boolean;
  /** Blocks until it has ended. @returns False if the timeout passes first. */
  waitSync(timeoutMs: number): boolean;
  /** Asks it to end, or ends it. */
  stop(how: "terminate" | "kill"): void;
  /** Whether the event loop of this thread stays alive for it. */
  hold(held: boolean): void;
  /** Gives back what this thread has of it; after its end. */
  release(): void;
}

// Node 20 and 22 run this package compiled, the others as it is written too.
const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";

/** The module of that name beside this one. */
export function moduleTarget(name: string): URL {
  return new URL(`./${name}.${extension}`, import.meta.url);
}

/** The program of every child. */
export const MAIN: URL = moduleTarget("child_main");
