import { equal, ok } from "node:assert/strict";
import { describe, it } from "node:test";
import { checkSamples, encodeSamples } from "./exchange.ts";
import { runIn, RUNTIMES } from "./runtimes.ts";

describe("This runtime", () => {
  for (const runtime of RUNTIMES) {
    it(`and ${runtime} read each other's values`, async () => {
      const own = encodeSamples();
      const { checked, encodings } = JSON.parse(await runIn(runtime, "exchange_main", JSON.stringify(own)));
      ok(checked >= Object.keys(own).length - 1, `only ${checked}`); // not every runtime has a Float16Array
      equal(checkSamples(encodings), checked);
    });
  }
});
