/**
 * `npm run ok`: the whole gate. Arguments name steps: `npm run ok -- deno cpp` runs those whose name contains one of
 * the words, and `--except node20` all but those.
 */
import { repositoryFiles, someFiles } from "./files.ts";
import { runSteps, type Step } from "./steps.ts";
import { denoTests, nodeTests } from "./test_steps.ts";

const runtime = (name: string) => ["sh", "tools/runtimes.sh", name];
const deno = runtime("deno");
const check = (name: string, ...command: string[]): Step => ({ name, command: () => command, reader: "check" });
const checkFiles = (name: string, command: string[], files: () => string[]): Step => ({
  name,
  command: () => [...command, ...files()],
  reader: "check",
});
const tool = (name: string): Step => check(name, ...deno, "run", "--quiet", "--allow-all", `tools/${name}.ts`);
const coreTests = (flavour: string): Step => ({
  name: `cpp ${flavour}`,
  command: () => ["make", "--silent", "-C", "native/test", "-j2", `FLAVOUR=${flavour}`, "WERROR=-Werror", "run"],
  reader: "doctest",
});

const entryPoints = () => someFiles("packages", /^packages\/\w+\/src\/index\.ts$/);
const cppFiles = () => repositoryFiles().filter((file) => /\.[ch]pp$/.test(file));

const STEPS: Step[] = [
  check("addon", "sh", "tools/build_native.sh"),
  check("tsc -b", ...runtime("node20"), "node_modules/typescript/bin/tsc", "-b"),
  tool("bundle"),
  check("deno fmt", ...deno, "fmt", "--check"),
  check("deno lint", ...deno, "lint"),
  check("deno check", ...deno, "check", "--quiet", "packages", "bench", "examples", "tools"),
  checkFiles("deno doc", [...deno, "doc", "--quiet", "--lint"], entryPoints),
  checkFiles("clang-format", ["clang-format-14", "--dry-run", "-Werror"], cppFiles),
  tool("check_layers"),
  tool("check_size"),
  tool("check_manifests"),
  tool("check_words"),
  tool("check_glibc"),
  { ...tool("check_package"), reader: "closing" },
  coreTests("plain"),
  coreTests("tsan"),
  coreTests("asan"),
  coreTests("crash"),
  { name: "models", command: () => ["sh", "native/model/run"], reader: "closing" },
  nodeTests("node20", runtime("node20")),
  nodeTests("node22", runtime("node22")),
  nodeTests("node24", runtime("node24")),
  nodeTests("node26", runtime("node26")),
  denoTests("deno test", deno),
  check("bench --quick node24", ...runtime("node24"), "bench/main.ts", "--quick"),
  check("bench --quick deno", ...deno, "run", "--quiet", "--allow-all", "bench/main.ts", "--quick"),
];

function chosen(words: string[]): Step[] {
  const except = words[0] === "--except";
  const wanted = except ? words.slice(1) : words;
  if (wanted.length === 0) return STEPS;
  return STEPS.filter((step) => wanted.some((word) => step.name.includes(word)) !== except);
}

const steps = chosen(Deno.args);
if (steps.length === 0) {
  throw new Error(`Cannot run ${Deno.args.join(" ")}: steps are ${STEPS.map((step) => step.name)}`);
}
Deno.exit(await runSteps(steps));
