import { equal, match, throws } from "node:assert/strict";
import { describe, it } from "node:test";
import { CorruptSegmentError, InvalidStateError, type LockstepError, SegmentFullError } from "@lockstep/contract";
import { attempt, check, failure } from "#src/failure.ts";
import { CORRUPT, FULL, GONE, OK, SYSTEM, TIMED_OUT } from "#src/status.ts";

const EACCES = 13;

describe("failure()", () => {
  it("has a class of the contract for each status, and says what failed", () => {
    for (
      const [status, wrong] of [[GONE, InvalidStateError], [CORRUPT, CorruptSegmentError], [
        FULL,
        SegmentFullError,
      ]] as const
    ) {
      const error = failure(status, "open Lock");
      equal(error.constructor, wrong);
      match(error.message, /^Cannot open Lock: /);
    }
  });

  it("names the kernel's error", () => {
    const cause = Object.assign(new Error("native"), { status: SYSTEM, errno: EACCES });
    const error = failure(SYSTEM, "open Lock", cause);
    equal((error as LockstepError).code, "ERR_LOCKSTEP_SYSTEM");
    match(error.message, /the kernel refused \(EACCES\)/);
    equal(error.cause, cause);
  });
});

describe("check()", () => {
  it("passes outcomes on and throws failures", () => {
    equal(check(OK, "wait"), OK);
    equal(check(TIMED_OUT, "wait"), TIMED_OUT);
    throws(() => check(GONE, "wait"), InvalidStateError);
  });
});

describe("attempt()", () => {
  it("translates what the addon throws, and nothing else", () => {
    equal(attempt(() => 5, "count"), 5);
    const native = Object.assign(new Error("native"), { status: FULL });
    throws(() =>
      attempt(() => {
        throw native;
      }, "count"), SegmentFullError);
    const bug = new Error("bug");
    throws(() =>
      attempt(() => {
        throw bug;
      }, "count"), (error) => error === bug);
  });
});
