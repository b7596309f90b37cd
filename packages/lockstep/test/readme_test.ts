import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe, it } from "node:test";

import { ownDirectory, ROOT, start } from "./program.ts";

const snippets = [...readFileSync(`${ROOT}README.md`, "utf8").matchAll(/```js\n([^]*?)```/g)].map(([, code]) => code!);

describe("README", () => {
  it("has snippets", () => assert.ok(snippets.length >= 2));

  for (const [index, code] of snippets.entries()) {
    it(`snippet ${index + 1} runs`, async () => {
      const directory = ownDirectory();
      mkdirSync(`${ROOT}build/readme`, { recursive: true });
      const file = `build/readme/snippet_${index + 1}_${"Deno" in globalThis ? "deno" : process.version}.mjs`;
      writeFileSync(ROOT + file, code);
      try {
        assert.equal(await start(file, [], directory.path).ended, 0);
      } finally {
        directory.dispose();
      }
    });
  }
});
