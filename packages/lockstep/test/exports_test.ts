import { deepEqual, equal } from "node:assert/strict";
import { it } from "node:test";
import * as concurrent from "@lockstep/concurrent";
import * as contract from "@lockstep/contract";
import * as manager from "@lockstep/manager";
import * as memory from "@lockstep/memory";
import * as sync from "@lockstep/sync";
import * as lockstep from "lockstep";

it("exports all that the packages for users export", () => {
  const expected: Record<string, unknown> = { ...concurrent, ...contract, ...sync, ...memory, ...manager };
  deepEqual(Object.keys(lockstep).sort(), Object.keys(expected).sort());
  for (const [name, value] of Object.entries(lockstep)) equal(value, expected[name], name);
});
