// Node can keep compiled code in a folder, so that the many processes of a run do not all compile the same sources.
import module from "node:module";
import { fileURLToPath } from "node:url";

/** What tells a process and its children where that folder is. */
export const COMPILE_CACHE: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../build/bench/compile_cache", import.meta.url)),
};

/** Writes what was compiled so far. Node would do so at a regular exit, which those that are killed do not have. */
export function keepCompiled(): void {
  const { flushCompileCache } = module as { flushCompileCache?: () => void }; // since Node 22.10, not in Deno
  flushCompileCache?.();
}
