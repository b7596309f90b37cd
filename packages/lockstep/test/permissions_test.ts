// The table of permissions in the README: what it says is enough, and for Deno no less is.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe, it } from "node:test";

import { ownDirectory, ROOT } from "./program.ts";

const ROW = /^\| (.+?) +\| `(--allow-[^`]+)` +\| `(--allow-[^`]+)` +\|$/gm;
const rows = [...readFileSync(`${ROOT}README.md`, "utf8").matchAll(ROW)];
const TASK = "await executor.submit((x) => x + 1, 1).result(); await executor.shutdown();";
const PROGRAMS = [
  `import { Queue, SharedArray, SharedDict } from "lockstep";
   const queue = new Queue();
   await queue.put(new SharedDict());
   (await queue.get()).set("array", new SharedArray("f64", 10));`,
  `import { ThreadPoolExecutor } from "lockstep"; const executor = new ThreadPoolExecutor({ maxWorkers: 1 }); ${TASK}`,
  `import { ProcessPoolExecutor } from "lockstep"; const executor = new ProcessPoolExecutor({ maxWorkers: 1 }); ${TASK}`,
];

/** What the runtime says about a program that it runs with those flags; nothing if all is well. */
function complaint(runtime: string[], program: string): string {
  const directory = ownDirectory();
  mkdirSync(`${ROOT}build/readme`, { recursive: true });
  const file = `build/readme/permissions_${"Deno" in globalThis ? "deno" : process.version}.mjs`;
  writeFileSync(ROOT + file, program);
  try {
    const env = { ...process.env, LOCKSTEP_DIR: directory.path, NODE_OPTIONS: "" };
    const { status, stderr } = spawnSync("sh", ["tools/runtimes.sh", ...runtime, file], { cwd: ROOT, env });
    return status === 0 ? "" : String(stderr);
  } finally {
    directory.dispose();
  }
}

const onDeno = (flags: string[], program: string) =>
  complaint(["deno", "run", "--quiet", "--no-check", "--no-prompt", ...flags], program);
const onNode = (flags: string[], program: string) =>
  complaint(["node24", "--permission", "--allow-fs-read=*", ...flags], program);

describe("permissions in the README", () => {
  it("has a row for each kind", () => assert.equal(rows.length, PROGRAMS.length));

  for (const [index, [, kind, deno = "", node = ""]] of rows.entries()) {
    const program = PROGRAMS[index]!;
    const flags = deno.split(" ");

    it(`${kind}: enough`, () => {
      assert.equal(onDeno(flags, program), "");
      assert.equal(onNode(node.split(" "), program), "");
    });

    for (const flag of flags) {
      it(`${kind}: Deno asks for ${flag}`, () => {
        assert.match(onDeno(flags.filter((other) => other !== flag), program), new RegExp(flag));
      });
    }
  }
});
