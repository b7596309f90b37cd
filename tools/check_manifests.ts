/** The manifests of a package agree, all versions are one, and every package that is imported is declared. */
import { readFileSync } from "node:fs";

import ts from "typescript";

import { report, someFiles } from "./files.ts";
import { type Member, members, readManifest } from "./manifests.ts";

const root = readManifest("package.json");
const all = members();
const problems: string[] = [];
let checked = 0;

function expectEqual(where: string, seen: unknown, wanted: unknown): void {
  checked++;
  const [left, right] = [JSON.stringify(seen), JSON.stringify(wanted)];
  if (left !== right) problems.push(`${where} is ${left}, expected ${right}`);
}

/** Deno resolves a sibling through deno.json and Node through package.json: both must lead to the same sources. */
function checkEntries({ folder, npm, deno }: Member): void {
  const stem = folder.replace("packages/", "");
  const sources = Object.entries(npm.exports ?? {}).map(([path, { types = "" }]) => [path, sourceOf(types)]);
  const entries = typeof deno.exports === "string" ? { ".": deno.exports } : deno.exports;
  expectEqual(`${folder}: name in package.json`, npm.name, stem === "lockstep" ? stem : `@lockstep/${stem}`);
  expectEqual(`${folder}: name in deno.json`, deno.name, npm.name);
  expectEqual(`${folder}: entries in deno.json`, entries, Object.fromEntries(sources));
  expectEqual(`${folder}: version`, npm.version, root.version);
  expectEqual(`${folder}: scripts`, npm.scripts, undefined);
}

function sourceOf(declarations: string): string {
  return declarations.replace("./dist/", "./src/").replace(/\.d\.ts$/, ".ts");
}

function checkDependencies({ folder, npm }: Member): void {
  const shipped = npm.dependencies ?? {};
  for (const [name, version] of Object.entries(shipped)) expectEqual(`${folder}: ${name}`, version, root.version);
  const imported = importedPackages(someFiles(folder, /\/src\/.*\.ts$/));
  expectEqual(`${folder}: dependencies`, Object.keys(shipped).sort(), imported);
}

function importedPackages(files: string[]): string[] {
  const specifiers = files.flatMap((file) => ts.preProcessFile(readFileSync(file, "utf8")).importedFiles)
    .map((imported) => imported.fileName)
    .filter((specifier) => !/^(?:\.|#|node:)/.test(specifier))
    .map((specifier) => specifier.replace(/^(@\w+\/\w+)\/.*/, "$1"));
  return [...new Set(specifiers)].sort();
}

/** Deno and TypeScript have their own lists of the workspace. */
function checkLists(): void {
  const folders = all.map((member) => member.folder).sort();
  const deno = JSON.parse(readFileSync("deno.json", "utf8"));
  const { references } = JSON.parse(readFileSync("tsconfig.json", "utf8"));
  const built = ["examples", ...folders.flatMap((folder) => [folder, `${folder}/tsconfig.test.json`])];
  expectEqual("package.json: workspaces", [...root.workspaces ?? []].sort(), folders);
  expectEqual("deno.json: workspace", deno.workspace.map((folder: string) => folder.replace("./", "")).sort(), folders);
  expectEqual("tsconfig.json: references", references.map(({ path }: { path: string }) => path).sort(), built.sort());
}

for (const member of all) {
  checkEntries(member);
  checkDependencies(member);
}
checkLists();
report("manifests", checked, problems);
