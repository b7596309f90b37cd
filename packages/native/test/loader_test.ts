import { equal, match } from "node:assert/strict";
import { describe, it } from "node:test";
import { LAYOUT, layoutDifference } from "#src/layout.ts";
import { explain, nativeBinding } from "#src/loader.ts";

const PATH = "/somewhere/lockstep.glibc.node";

describe("nativeBinding()", () => {
  it("loads once", () => {
    equal(nativeBinding(), nativeBinding());
  });

  it("has a clock of milliseconds", () => {
    const binding = nativeBinding();
    const before = binding.now();
    while (binding.now() === before);
    equal(binding.now() > before, true);
  });

  it("knows nothing under a handle that was never given out", () => {
    const binding = nativeBinding();
    for (const handle of [0, -1, NaN, 2 ** 40, 2 ** 53]) {
      equal(binding.lockTry(handle), -1);
      equal(binding.semaphoreRelease(handle, 1), -1);
      equal(binding.takeRings(handle), 0);
    }
  });
});

describe("layoutDifference()", () => {
  it("finds none in the addon that is built", () => {
    equal(layoutDifference(nativeBinding().layout()), undefined);
  });

  it("names the constant that differs, or is missing", () => {
    match(
      layoutDifference({ ...LAYOUT, starving: 1 }) ?? "",
      /^starving is 1 in the addon, 1073741824 in this package$/,
    );
    match(layoutDifference({}) ?? "", /is undefined in the addon/);
  });
});

describe("explain()", () => {
  it("names Deno's flag when that is the cause", () => {
    const error = Object.assign(new Error("Requires ffi access"), { name: "NotCapable" });
    match(explain(error, PATH), /--allow-ffi/);
  });

  it("names Node's flag when that is the cause", () => {
    const error = Object.assign(new Error("Cannot load native addon"), { code: "ERR_DLOPEN_DISABLED" });
    match(explain(error, PATH), /--allow-addons/);
  });

  it("says how to build an addon that is missing", () => {
    const message = `${PATH}: cannot open shared object file: No such file or directory`;
    match(explain(new Error(message), PATH), /npm run build:native/);
  });

  it("gives the path and the reason of anything else", () => {
    match(explain(new Error("version `GLIBC_2.99' not found"), PATH), /somewhere.*GLIBC_2\.99/);
  });
});
