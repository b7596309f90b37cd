import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";

/** The files of the repository, tracked or new, without what git ignores. */
export function repositoryFiles(): string[] {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" });
  return listed.split("\n").filter((file) => file !== "" && existsSync(file)).sort();
}

/** Files below a folder whose path matches. Who finds nothing checks nothing, so that is an error. */
export function someFiles(folder: string, pattern: RegExp): string[] {
  const below = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
  const found = below.map((file) => `${folder}/${file}`).filter((file) => pattern.test(file)).sort();
  if (found.length === 0) throw new Error(`Cannot check: nothing in ${folder} matches ${pattern}`);
  return found;
}

/** Ends a check: prints what is wrong, or how much was looked at. */
export function report(what: string, checked: number, problems: string[]): void {
  if (checked === 0) throw new Error(`Cannot check ${what}: found nothing to check`);
  for (const problem of problems) console.error(problem);
  console.log(`${what}: ${checked} checked, ${problems.length} wrong`);
  if (problems.length > 0) Deno.exit(1);
}
