// Each implementation in one file, as most of a process's start is finding and loading the many files of a package.
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { ImplementationName } from "./implementations.ts";

const NAMES: readonly ImplementationName[] = ["sync", "atomics"];
const LOADER = new URL("../packages/native/src/loader.ts", import.meta.url).href;

/** What to import for an implementation: its file or, where there is none, the package. */
export function specifierOf(name: ImplementationName): string {
  const file = fileOf(name);
  return process.versions["deno"] === undefined && existsSync(file) ? file : `@lockstep/${name}`;
}

/** Writes the files anew. Deno needs none: it finds and loads quickly what it has seen before. */
export async function bundle(): Promise<void> {
  if (process.versions["deno"] !== undefined) return;
  const { buildSync } = await import("esbuild");
  for (const name of NAMES) {
    buildSync({
      entryPoints: [fileURLToPath(new URL(`../packages/${name}/src/index.ts`, import.meta.url))],
      outfile: fileOf(name),
      bundle: true,
      format: "esm",
      platform: "node",
      conditions: ["@lockstep/source"],
      define: { "import.meta.url": JSON.stringify(LOADER) }, // from there the addon is found
    });
  }
}

function fileOf(name: ImplementationName): string {
  return fileURLToPath(new URL(`../build/bench/${name}.mjs`, import.meta.url));
}
