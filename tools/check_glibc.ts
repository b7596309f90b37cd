/**
 * The prebuilt addon asks for no newer C and C++ library than the oldest distributions that we promise, and has no
 * static variable that is initialized under a guard: a forked child would wait for it for ever (per_process.hpp).
 */
import { execFileSync } from "node:child_process";

import { report, someFiles } from "./files.ts";

/** Debian 12, Ubuntu 22.04, RHEL 9 and later have these. Newer ones come of static linking or of a newer compiler. */
const NEWEST: Record<string, string> = { GLIBC: "2.34", GLIBCXX: "3.4.29", CXXABI: "1.3.13" };

const problems: string[] = [];
let checked = 0;

for (const file of someFiles("packages/native/prebuilds", /\.glibc\.node$/)) {
  const symbols = execFileSync("objdump", ["--dynamic-syms", file], { encoding: "utf8" });
  for (const [, library = "", version = "", symbol = ""] of symbols.matchAll(/\(?(\w+)_([\d.]+)\)? +(\w+)$/gm)) {
    const newest = NEWEST[library];
    if (newest === undefined) continue; // of the compiler's own run-time library, as old as the architecture
    checked++;
    if (symbol.startsWith("__cxa_guard")) problems.push(`${file}: ${symbol} is for guarded statics`);
    if (isNewer(version, newest)) problems.push(`${file}: ${symbol} needs ${library} ${version}, at most ${newest}`);
  }
}
report("versioned symbols", checked, problems);

function isNewer(version: string, than: string): boolean {
  const limit = than.split(".").map(Number);
  const parts = version.split(".").map(Number);
  const differing = parts.findIndex((part, index) => part !== (limit[index] ?? 0));
  return differing >= 0 && parts[differing]! > (limit[differing] ?? 0);
}
