import { equal, ok } from "node:assert/strict";
import { describe, it } from "node:test";
import * as contract from "@lockstep/contract";
import { LockstepError } from "@lockstep/contract";

type ErrorClass = new (message: string, options?: ErrorOptions) => LockstepError;

const classes = Object.entries<unknown>({ ...contract })
  .filter(([name, value]) => name.endsWith("Error") && value !== LockstepError) as [string, ErrorClass][];

describe("errors", () => {
  it("are the fifteen of the contract, and one for the system", () => equal(classes.length, 16));

  for (const [name, ErrorClass] of classes) {
    it(`${name} has its name, code, message and cause`, () => {
      const cause = new Error("the reason");
      const error = new ErrorClass("Cannot do it", { cause });
      ok(error instanceof LockstepError && error instanceof Error);
      const words = name.replace(/Error$/, "").replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
      equal(error.code, `ERR_LOCKSTEP_${words}`);
      equal(error.name, name);
      equal(error.message, "Cannot do it");
      equal(error.cause, cause);
      equal(String(error), `${name}: Cannot do it`);
      ok(error.stack?.startsWith(`${name}: Cannot do it\n`));
    });
  }
});
