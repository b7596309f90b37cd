/**
 * What a user gets: packs every published package, judges the tarballs, installs them into an empty project without a
 * network, and takes locks and runs tasks there in each runtime.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import process from "node:process";

import { publishedMembers, readManifest } from "./manifests.ts";
import { packAll } from "./pack.ts";

const ROOT = process.cwd();
const project = mkdtempSync(join(tmpdir(), "lockstep-package-"));
const counts = { passed: 0, failed: 0 };

function run(program: string, programArguments: string[], cwd: string = ROOT): string {
  return execFileSync(program, programArguments, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

function runtime(name: string, ...programArguments: string[]): string {
  return run("sh", [resolve("tools/runtimes.sh"), name, ...programArguments], project);
}

function check(name: string, body: () => void): void {
  try {
    body();
    counts.passed++;
    console.log(`ok ${name}`);
  } catch (error) {
    counts.failed++;
    const { message, stdout = "", stderr = "" } = error as Error & { stdout?: string; stderr?: string };
    console.log(`FAILED ${name}: ${message}\n${stdout}${stderr}`);
  }
}

/** An install script is blocked or skipped by npm 12 and Deno, and npm takes a binding.gyp for one. */
function checkNothingToInstall(tarball: string): void {
  const files = run("tar", ["--list", "--file", tarball]).trim().split("\n");
  const stray = files.filter((file) => /binding\.gyp$|\.tsbuildinfo$|_test\.|\/test\//.test(file));
  if (stray.length > 0) throw new Error(`should not be packed: ${stray.join(" ")}`);
  const manifest = JSON.parse(run("tar", ["--extract", "--to-stdout", "--file", tarball, "package/package.json"]));
  if (manifest.scripts) throw new Error(`has scripts: ${Object.keys(manifest.scripts).join(" ")}`);
}

function installAll(tarballs: string[]): void {
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  run("npm", ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts", ...tarballs], project);
  const installed = publishedMembers().map((member) => member.npm);
  const wrong = installed.filter(({ name, version }) =>
    readManifest(join(project, "node_modules", name, "package.json")).version !== version
  );
  if (wrong.length > 0) throw new Error(`not installed: ${wrong.map(({ name }) => name).join(" ")}`);
  const binary = `node_modules/@lockstep/native/prebuilds/linux-${process.arch}/lockstep.glibc.node`;
  if (!existsSync(join(project, binary))) throw new Error(`the native package has no ${binary}`);
}

const tool = (path: string) => join(ROOT, "node_modules", path);

/** The declarations are complete for a user who has neither ours nor those of Node. */
function checkTypes(): void {
  const options = [
    "--noEmit",
    "--strict",
    "--module",
    "nodenext",
    "--lib",
    "es2023,esnext.disposable,dom",
  ];
  runtime("node20", tool("typescript/bin/tsc"), ...options, "smoke.ts");
}

try {
  const tarballs = packAll();
  if (tarballs.length === 0) throw new Error("Cannot check the packages: npm pack made none");
  for (const tarball of tarballs) {
    const name = basename(tarball);
    check(`${name}: nothing to install`, () => checkNothingToInstall(tarball));
    check(`${name}: publint`, () => void runtime("node20", tool("publint/src/cli.js"), "run", tarball, "--strict"));
    const attw = [
      tool("@arethetypeswrong/cli/dist/index.js"),
      tarball,
      "--profile",
      "esm-only",
      "--no-definitely-typed",
    ];
    check(`${name}: attw`, () => void runtime("node20", ...attw));
  }
  check("install", () => installAll(tarballs));
  cpSync("tools/smoke.ts", join(project, "smoke.ts"));
  check("types", checkTypes);
  cpSync("tools/smoke.ts", join(project, "smoke.js"));
  for (const name of ["node20", "node22", "node24", "node26"]) check(name, () => void runtime(name, "smoke.js"));
  check(
    "deno",
    () => void runtime("deno", "run", "--allow-ffi", "--allow-env", "--allow-read", "--allow-run", "smoke.js"),
  );
} finally {
  rmSync(project, { recursive: true, force: true });
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
Deno.exit(counts.failed === 0 ? 0 : 1);
