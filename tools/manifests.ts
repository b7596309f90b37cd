import { readFileSync } from "node:fs";

import { someFiles } from "./files.ts";

/** What the tools read of a package.json. */
export interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  gypfile?: boolean;
  scripts?: Record<string, string>;
  exports?: Record<string, Record<string, string>>;
  imports?: Record<string, Record<string, string>>;
  files?: string[];
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  workspaces?: string[];
}

/** A package of the workspace: its folder and its two manifests. */
export interface Member {
  folder: string;
  npm: Manifest;
  deno: { name: string; exports: string | Record<string, string>; imports?: Record<string, string> };
}

export function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, "utf8"));
}

export function members(): Member[] {
  return someFiles("packages", /^packages\/\w+\/package\.json$/).map((file) => {
    const folder = file.replace(/\/package\.json$/, "");
    return { folder, npm: readManifest(file), deno: JSON.parse(readFileSync(`${folder}/deno.json`, "utf8")) };
  });
}

/** The packages that go to the registry. */
export function publishedMembers(): Member[] {
  return members().filter((member) => !member.npm.private);
}
