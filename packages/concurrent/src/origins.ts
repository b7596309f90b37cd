import type { Target } from "./task.ts";

const EACH = 16;
const HERE: string = new URL(".", import.meta.url).href;

/**
 * Where tasks were submitted, for the stacks of errors. To look costs as much as to submit a task: what is submitted in
 * one turn of the event loop is looked at for the first 16 tasks; a loop that goes on with the same function has the
 * place of the last of these.
 */
export class Origins {
  #left = EACH;
  #target: Target | undefined;
  #last: Error | undefined;

  /** The event loop has turned. */
  turn(): void {
    this.#left = EACH;
    this.#last = undefined; // it keeps alive whom it was called on
  }

  /** Where the caller is called from. */
  of(target: Target): Error {
    if (this.#left <= 0 && this.#target === target && this.#last !== undefined) return this.#last;
    this.#left--;
    this.#target = target;
    return this.#last = new Error();
  }
}

/** Lines for the stack of an error: where its task was submitted. */
export function submittedAt({ stack = "" }: Error): string {
  const lines = stack.split("\n").slice(1).filter((line) => !line.includes(HERE));
  return ["    --- submitted at ---", ...lines].join("\n");
}
