import { deepEqual, equal } from "node:assert/strict";
import { describe, it } from "node:test";
import { Codec } from "@lockstep/codec";
import { VERSION } from "#src/format.ts";
import { GOLDEN } from "./golden.ts";
import { assertSame } from "./sameness.ts";
import { MORE_SAMPLES, SAMPLES } from "./samples.ts";

const codec = new Codec();
const samples = { ...SAMPLES, ...MORE_SAMPLES };

describe(`Version ${VERSION} of the format`, () => {
  it("is known for every sample", () => {
    const missing = Object.keys(GOLDEN).filter((name) => samples[name] === undefined);
    deepEqual(missing, "Float16Array" in globalThis ? [] : ["float16"]);
    deepEqual(Object.keys(samples).filter((name) => GOLDEN[name] === undefined), []);
  });

  for (const [name, make] of Object.entries(samples)) {
    const golden = Uint8Array.from(Buffer.from(GOLDEN[name] ?? "", "hex"));

    it(`has not changed for ${name}`, () => {
      equal(Buffer.from(codec.encode(make())).toString("hex"), GOLDEN[name]);
      assertSame(codec.decode(golden), codec.decode(codec.encode(make())));
    });
  }
});
