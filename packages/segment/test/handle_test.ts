import { deepEqual, equal, match, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { formatHandle, parseHandle } from "#src/handle.ts";

const PARTS = { kind: 5, segment: "jobs-1.a_b", offset: 790528, serial: 0xffffffff };

describe("formatHandle()", () => {
  it("makes a short string of plain characters that says the same", () => {
    const handle = formatHandle(PARTS);
    equal(handle, "ls1:boundedSemaphore:jobs-1.a_b:790528:4294967295");
    deepEqual(parseHandle(handle, "attach"), PARTS);
    match(formatHandle({ ...PARTS, segment: "x".repeat(100) }), /^[\x21-\x7e]{1,200}$/);
  });
});

describe("parseHandle()", () => {
  it("refuses what is no string", () => {
    for (const wrong of [undefined, null, 5, {}, Symbol("handle")]) {
      throws(() => parseHandle(wrong, "attach"), {
        name: "TypeError",
        message: /^Cannot attach: a handle is a string/,
      });
    }
  });

  it("refuses strings that are no handle", () => {
    const wrong = [
      "",
      "ls1",
      "ls2:lock:default:64:1",
      "ls1:any:default:64:1",
      "ls1:stack:default:64:1",
      "ls1:lock:../etc:64:1",
      "ls1:lock:.hidden:64:1",
      "ls1:lock::64:1",
      "ls1:lock:default:0:1",
      "ls1:lock:default:64:0",
      "ls1:lock:default:-64:1",
      "ls1:lock:default:64:4294967296",
      "ls1:lock:default:64:1:",
      "ls1:lock:default:64:1\n",
      " ls1:lock:default:64:1",
      "ls1:constructor:default:64:1",
    ];
    for (const handle of wrong) throws(() => parseHandle(handle, "attach"), RangeError, JSON.stringify(handle));
  });
});
