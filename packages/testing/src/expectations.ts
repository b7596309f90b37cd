// What scenarios expect, in the words of the contract.
import { ok } from "node:assert/strict";

/** How the contract's errors look, here and after they have crossed from a peer. */
export const TIMED_OUT: object = { name: "TimeoutError", code: "ERR_LOCKSTEP_TIMEOUT" };
export const NOT_HELD: object = { name: "LockNotHeldError", code: "ERR_LOCKSTEP_LOCK_NOT_HELD" };
export const NOT_OWNER: object = { name: "NotOwnerError", code: "ERR_LOCKSTEP_NOT_OWNER" };
export const BEYOND_BOUND: object = { name: "SemaphoreBoundError", code: "ERR_LOCKSTEP_SEMAPHORE_BOUND" };
export const BROKEN: object = { name: "BrokenBarrierError", code: "ERR_LOCKSTEP_BROKEN_BARRIER" };
export const INVALID_STATE: object = { name: "InvalidStateError", code: "ERR_LOCKSTEP_INVALID_STATE" };
export const WRONG_TYPE: object = { name: "TypeError" };
export const WRONG_VALUE: object = { name: "RangeError" };

/** A wait that a scenario lets run out. */
export const SHORT_MS = 60;
/** A wait that ends the scenario with an error rather than with the watchdog. */
export const SOON_MS = 20_000;

// Timers of two clocks never agree to the millisecond; only far too short a wait is wrong.
const LEAST_SHARE = 0.6;

/** Runs the wait and asserts that it did take its time. There is no upper bound: machines are slow at times. */
export async function takesAtLeast<T>(nominalMs: number, wait: () => T | Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await wait();
  const elapsed = performance.now() - start;
  ok(elapsed >= LEAST_SHARE * nominalMs, `waited ${elapsed} ms where ${nominalMs} ms were asked for`);
  return result;
}
