// The slow paths that all classes with an acquire() share.
import { TimeoutError, type WaitOptions } from "@lockstep/contract";
import { limitsOf } from "./limit.ts";
import type { WaitList } from "./wait_list.ts";
import { attemptOrListen, sleepUntil, type Want } from "./word.ts";

/** What is to be taken, and what its holder gets. */
export interface Taking<T> {
  readonly want: Want;
  /** What fails in messages, such as "acquire Lock". */
  readonly where: string;
  /** Makes what the holder gets, at the moment when the word is taken. */
  grant(): T;
  /** The wait ends without it: takes back what it has done to the word. */
  giveUp?(): void;
}

/** Takes it, blocking the thread. @throws {TimeoutError} If the timeout passes first. */
export function takeSlow<T>(words: Int32Array, timeout: number, taking: Taking<T>): T {
  if (sleepUntil(words, taking.want, timeout)) return taking.grant();
  taking.giveUp?.();
  throw timedOut(timeout, taking.where);
}

/** Takes it without blocking, behind the promises in the list; rejects as the options say. */
export async function takeLater<T>(
  words: Int32Array,
  waits: WaitList,
  options: WaitOptions | undefined,
  taking: Taking<T>,
): Promise<T> {
  const limits = limitsOf(options, taking.where);
  return await waits.wait({
    ...limits,
    attempt: () => attemptOrListen(words, taking.want),
    grant: () => taking.grant(),
    expire: () => {
      taking.giveUp?.();
      throw timedOut(limits.timeout, taking.where);
    },
    abandon: () => taking.giveUp?.(),
  });
}

function timedOut(timeout: number, where: string): TimeoutError {
  return new TimeoutError(`Cannot ${where}: ${timeout} ms have passed`);
}
