// What shuts executors down that nobody has shut down.
import process from "node:process";

/** What is called when this thread ends, before the listeners of that which were added before. */
export const atExit: Set<() => void> = new Set();

process.prependListener("exit", () => {
  for (const end of atExit) end();
});

const dropped = new FinalizationRegistry<() => void>((end) => end());

/** Calls the function, which must not keep the owner, some time after nobody has the owner any more. */
export function whenDropped(owner: object, end: () => void): void {
  dropped.register(owner, end);
}
