/**
 * `npm run pack`: the tarballs of all published packages in `build/packages/`, made of copies whose manifests say
 * nothing of what only the tests use.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { type Manifest, type Member, publishedMembers } from "./manifests.ts";

/** Where they lie. */
export const PACKED = "build/packages";
const FOR_TESTS = "@lockstep/modules";

/** Packs them anew. @returns Their paths. */
export function packAll(): string[] {
  const copies = resolve(PACKED, "copies");
  rmSync(PACKED, { recursive: true, force: true });
  const folders = publishedMembers().map((member) => copyOf(member, copies));
  execFileSync("npm", ["pack", "--silent", `--pack-destination=${resolve(PACKED)}`, ...folders]);
  return readdirSync(PACKED).filter((file) => file.endsWith(".tgz")).map((file) => resolve(PACKED, file));
}

function copyOf({ folder, npm }: Member, copies: string): string {
  const copy = join(copies, npm.name);
  mkdirSync(copy, { recursive: true });
  for (const part of npm.files ?? []) cpSync(join(folder, part), join(copy, part), { recursive: true });
  writeFileSync(join(copy, "package.json"), JSON.stringify(published(npm), null, 2));
  return copy;
}

function published({ imports: _, ...npm }: Manifest): Manifest {
  const exports = Object.entries(npm.exports ?? {}).map(([path, conditions]) => {
    const { [FOR_TESTS]: _, ...others } = conditions;
    return [path, others];
  });
  return { ...npm, exports: Object.fromEntries(exports) };
}

if (import.meta.main) console.log(packAll().join("\n"));
