/**
 * Makes one file of the modules of each published package, or a few where it has several entries: most of what a
 * process or thread takes to start is finding and loading files. The tests use the modules, by the condition
 * `@lockstep/modules`; the declarations stay one for each.
 */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";

import { type OutputChunk, type Plugin, rollup } from "rollup";

import { publishedMembers } from "./manifests.ts";

/** Entries that are imported by nobody and started by their URL. */
const STARTED: Record<string, string[]> = { "packages/concurrent": ["child_main", "worker"] };

/** Of what the compiler has written, back to the sources. */
const sourceMaps: Plugin = {
  name: "source-maps",
  load: (file) => ({ code: readFileSync(file, "utf8"), map: readFileSync(`${file}.map`, "utf8") }),
};

/**
 * Has the runtime's own modules by a call: to import one makes it look up all that the module exports, which costs a
 * process that starts 10 ms, as the streams of `process` and the classes of `node:fs` are made for it.
 */
const ownModules: Plugin = {
  name: "own-modules",
  renderChunk: (code) => ({
    code: code.replaceAll(
      /^import (?:(\w+)|(\{.*\})) from '(node:.*)';$/gm,
      (_, whole: string | undefined, some: string | undefined, name: string) =>
        `const ${whole ?? some!.replaceAll(" as ", ": ")} = globalThis.process.getBuiltinModule('${name}');`,
    ),
    map: null, // lines stay what they were
  }),
};

async function bundle(folder: string, entries: string[]): Promise<void> {
  const built = await rollup({
    input: entries.map((entry) => `${folder}/dist-modules/${entry}.js`),
    external: (specifier) => /^@?\w+[:/]/.test(specifier) && !specifier.startsWith("packages/"),
    plugins: [sourceMaps, ownModules],
    onwarn: ({ code, message }) => {
      if (code !== "THIS_IS_UNDEFINED") throw new Error(`Cannot bundle ${folder}: ${message}`);
    },
  });
  const dist = `${folder}/dist`;
  const { output } = await built.generate({
    dir: dist,
    sourcemap: true,
    sourcemapExcludeSources: true,
    chunkFileNames: "[name].js",
    hoistTransitiveImports: false,
  });
  const names = output.map((file) => file.fileName);
  const stale = readdirSync(dist).filter((file) => /\.js(\.map)?$/.test(file) && !names.includes(file));
  for (const file of stale) rmSync(`${dist}/${file}`);
  for (const file of output) write(`${dist}/${file.fileName}`, file.type === "chunk" ? file.code : String(file.source));
  for (const chunk of output) if (chunk.type === "chunk") check(chunk);
}

/** Where two modules have a class of the same name, one would get another name, which users see. */
function check({ fileName, code }: OutputChunk): void {
  const [renamed] = /class \w+\$\w+/.exec(code) ?? [];
  if (renamed !== undefined) throw new Error(`Cannot bundle ${fileName}: two of its modules have a ${renamed}`);
  const [imported] = /^import.*'node:.*$/m.exec(code) ?? [];
  if (imported !== undefined) throw new Error(`Cannot bundle ${fileName}: it has ${imported}`);
}

/** Leaves a file alone that is the same, and never half-written: others may be running it. */
function write(file: string, text: string): void {
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, file);
}

for (const { folder, npm } of publishedMembers()) {
  const entries = Object.values(npm.exports ?? {}).map((conditions) =>
    conditions["default"]!.replace(/^.*\/|\.js$/g, "")
  );
  await bundle(folder, [...entries, ...STARTED[folder] ?? []]);
}
