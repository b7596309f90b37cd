/** What must not be in the repository: paths of one machine, registry hosts, notes to self, tests that do not run. */
import { readFileSync } from "node:fs";

import { report, repositoryFiles } from "./files.ts";

interface Banned {
  pattern: RegExp;
  why: string;
  only?: RegExp;
}

const BANNED: Banned[] = [
  { pattern: /(?<![\w.])\/(?:work|root)\/|\/tmp\/bash_jobs/, why: "a path of one machine" },
  { pattern: /registry\.\w+\.\w+|"resolved": "http/, why: "the host of a registry" },
  { pattern: /\b(?:FIXME|TODO|XXX)\b/, why: "a note to self" },
  {
    pattern: /\.(?:skip|todo|only)\(|\b(?:skip|todo|only|ignore): *(?:true|")/,
    why: "a test that does not run",
    only: /_test\.ts$/,
  },
  { pattern: /doctest::(?:skip|may_fail|should_fail)/, why: "a test that does not count", only: /_test\.cpp$/ },
];
const BINARY = /\.(?:png|node|gz|tgz)$/;

const files = repositoryFiles().filter((file) => !BINARY.test(file) && file !== "tools/check_words.ts");
const problems = files.flatMap((file) => {
  const lines = readFileSync(file, "utf8").split("\n");
  const banned = BANNED.filter(({ only }) => only === undefined || only.test(file));
  return lines.flatMap((line, index) =>
    banned.filter(({ pattern }) => pattern.test(line)).map(({ why }) => `${file}:${index + 1}: ${why}: ${line.trim()}`)
  );
});
report("files", files.length, problems);
