import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import process from "node:process";
import { describe, it } from "node:test";

import { ownDirectory, ROOT, start } from "./program.ts";

const cells = readFileSync(`${ROOT}examples/notebook.ts`, "utf8").split(/^\/\/ %% /m).slice(1);
const printedBy = (cell: string) => [...cell.matchAll(/\/\/ => (.*)$/gm)].map(([, line]) => line!);

/** As it is written where the runtime can do that, else as `tsc -b` has compiled it. */
function notebook(): string {
  const isTypeScriptRun = "Deno" in globalThis || (process.features as { typescript?: unknown }).typescript;
  return isTypeScriptRun ? "examples/notebook.ts" : "build/examples/notebook.js";
}

describe("examples/notebook.ts", () => {
  it("has cells, and what each of them prints", () => {
    assert.ok(cells.length >= 15, `${cells.length} cells`);
    for (const cell of cells) assert.ok(printedBy(cell).length > 0, cell);
  });

  it("prints what stands behind its lines", async () => {
    const directory = ownDirectory();
    try {
      const program = start(notebook(), [], directory.path);
      assert.equal(await program.ended, 0);
      assert.deepEqual(program.lines, cells.flatMap(printedBy));
    } finally {
      directory.dispose();
    }
  });
});
