// What processes and threads have in common, for both.
import { deepStrictEqual, equal, match, ok, rejects, throws } from "node:assert/strict";

import { Process, type ProcessOptions, type Task, Thread } from "@lockstep/concurrent";
import { Queue, SharedDict } from "@lockstep/manager";
import { Event, Lock, Semaphore } from "@lockstep/sync";
import { it } from "@lockstep/testing";

import { target } from "./targets.ts";

export const PATIENCE = { timeout: 60_000 }; // ends what hangs
const CLOSED = { name: "InvalidStateError", message: /it was closed/ };
const NOT_STARTED = { name: "InvalidStateError", message: /it was not started/ };

/** A process or thread. */
export type AnyParty = Process | Thread;
export type Kind = "Process" | "Thread";

/** One that is not started. */
export function make(kind: Kind, task: Task<never>, options: ProcessOptions = {}): AnyParty {
  const any = task as Task<readonly unknown[]>;
  return kind === "Process" ? new Process(any, options) : new Thread(any, options);
}

/** Its number. */
export function idOf(party: AnyParty): number | undefined {
  return party instanceof Process ? party.pid : party.threadId;
}

/** One that runs, and an event that ends it. */
export function running(kind: Kind, options: ProcessOptions = {}): { party: AnyParty; stop: Event } {
  const ready = new Semaphore(0);
  const stop = new Event();
  const party = make(kind, target("follow"), { ...options, args: [ready, stop] }).start();
  ready.acquireSync(PATIENCE).release();
  ready[Symbol.dispose]();
  return { party, stop };
}

/** What both do alike. */
export function partyCases(kind: Kind): void {
  lifeCases(kind);
  waitCases(kind);
  misuseCases(kind);
  argumentCases(kind);
}

function lifeCases(kind: Kind): void {
  it("is described, started, and ends with 0", async () => {
    const queue = new Queue<unknown[]>();
    const party = make(kind, target("put"), { args: [queue, 1, "two"] as never, name: "my name" });
    deepStrictEqual([party.name, party.alive, party.exitCode, party.daemon], ["my name", false, null, false]);
    deepStrictEqual([idOf(party), String(party)], [undefined, `${kind}(my name: not started)`]);
    equal(party.start(), party);
    const id = idOf(party);
    ok(Number.isInteger(id) && id! > 0);
    equal(await party.join(PATIENCE), true);
    deepStrictEqual([party.alive, party.exitCode, idOf(party)], [false, 0, id]);
    equal(String(party), `${kind}(my name: ended with 0)`);
    deepStrictEqual(queue.getSync(PATIENCE), [1, "two"]);
    deepStrictEqual([await party.join(), party.joinSync()], [true, true]);
    party.terminate();
    party.kill();
    equal(party.exitCode, 0);
  });

  it("runs while its event loop has something to do, and its exit handlers at last", async () => {
    const queue = new Queue<unknown>();
    const later = make(kind, target("putLater"), { args: [queue, "later"] }).start();
    const atExit = make(kind, target("putAtExit"), { args: [queue, "at exit"] }).start();
    deepStrictEqual([await later.join(PATIENCE), await atExit.join(PATIENCE)], [true, true]);
    deepStrictEqual([queue.getSync(PATIENCE), queue.getSync(PATIENCE)].sort(), ["at exit", "later"]);
  });

  it("ends with what it gives process.exit()", async () => {
    const parties = [0, 3, 255].map((code) => make(kind, target("exit"), { args: [code] }).start());
    for (const party of parties) await party.join(PATIENCE);
    deepStrictEqual(parties.map((party) => party.exitCode), [0, 3, 255]);
  });

  it("can be waited for by a blocked thread", () => {
    const party = make(kind, target("exit"), { args: [7] }).start();
    equal(party.joinSync(PATIENCE), true);
    deepStrictEqual([party.alive, party.exitCode], [false, 7]);
  });

  it("is terminated in the middle of what it does", async () => {
    for (const how of ["terminate", "kill"] as const) {
      const { party } = running(kind);
      party[how]();
      equal(await party.join(PATIENCE), true);
      equal(party.exitCode, kind === "Thread" ? 1 : how === "kill" ? -9 : -15);
      deepStrictEqual([party.alive, await party.join()], [false, true]);
      party[how]();
    }
  });

  it("gets names by number, and is a daemon as its maker", () => {
    const [first, second] = [make(kind, () => {}), make(kind, () => {})];
    const number = Number(/-(\d+)$/.exec(first.name)?.[1]);
    deepStrictEqual([first.name, second.name], [`${kind}-${number}`, `${kind}-${number + 1}`]);
    deepStrictEqual([first.daemon, make(kind, () => {}, { daemon: true }).daemon], [false, true]);
  });
}

function waitCases(kind: Kind): void {
  it("join() and joinSync() wait as long as they are told", async () => {
    const { party, stop } = running(kind);
    deepStrictEqual([await party.join({ timeout: 0 }), party.joinSync({ timeout: 0 })], [false, false]);
    const begun = performance.now();
    deepStrictEqual([await party.join({ timeout: 20 }), party.joinSync({ timeout: 20 })], [false, false]);
    ok(performance.now() - begun >= 38); // timers may be a little early
    for (const timeout of [-1, NaN]) {
      await rejects(party.join({ timeout }), { name: "RangeError", message: /^Cannot join/ });
      throws(() => party.joinSync({ timeout }), { name: "RangeError", message: /^Cannot join/ });
    }
    equal(party.alive, true);
    stop.set();
    deepStrictEqual([await party.join(PATIENCE), party.joinSync({ timeout: 0 })], [true, true]);
  });

  it("join() rejects with the reason of the signal and does nothing to the party", async () => {
    const { party, stop } = running(kind);
    const reason = new Error("enough");
    await rejects(party.join({ signal: AbortSignal.abort(reason) }), reason);
    await rejects(party.join({ timeout: 0, signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const joined = party.join({ signal: controller.signal });
    controller.abort(reason);
    await rejects(joined, reason);
    equal(party.alive, true);
    stop.set();
    equal(await party.join({ signal: new AbortController().signal }), true);
  });

  it("has an end that is an event", async () => {
    const { party, stop } = running(kind);
    const { sentinel } = party;
    deepStrictEqual([sentinel.isSet, await sentinel.wait({ timeout: 1 }), sentinel.waitSync({ timeout: 1 })], [
      false,
      false,
      false,
    ]);
    stop.set();
    deepStrictEqual([sentinel.waitSync(PATIENCE), sentinel.isSet, await sentinel.wait()], [true, true, true]);
  });
}

function misuseCases(kind: Kind): void {
  it("refuses what needs a start before it, a second start, and all after close()", async () => {
    const party = make(kind, target("follow"));
    await rejects(party.join(), NOT_STARTED);
    for (const action of ["joinSync", "terminate", "kill"] as const) throws(() => party[action](), NOT_STARTED);
    throws(() => party.sentinel, NOT_STARTED);

    const { party: started, stop } = running(kind);
    throws(() => started.start(), { name: "InvalidStateError", message: /it was started before/ });
    throws(() => started.close(), { name: "InvalidStateError", message: /it is running/ });
    started[Symbol.dispose]();
    equal(started.alive, true);
    stop.set();
    await started.join(PATIENCE);
    throws(() => started.start(), { name: "InvalidStateError", message: /it was started before/ });
    started.close();
    started.close();
    started[Symbol.dispose]();
    await refusesAll(started);
    equal(String(started), `${kind}(${started.name}: closed)`);

    party.close(); // before its start too
    await refusesAll(party);
  });

  it("refuses wrong options", () => {
    const wrong: [unknown, RegExp][] = [
      [{ args: "ab" }, /options.args must be an array, got "ab"/],
      [{ daemon: 1 }, /options.daemon must be a boolean, got 1/],
      [{ name: 5 }, /name/],
      [5, /options/],
    ];
    for (const [options, message] of wrong) {
      throws(() => make(kind, () => {}, options as ProcessOptions), { name: "TypeError", message });
    }
    throws(() => make(kind, undefined as never), { name: "TypeError", message: /a task is a function, or an object/ });
    throws(() => make(kind, () => {}, { name: "" }), { name: "RangeError" });
  });
}

async function refusesAll(party: AnyParty): Promise<void> {
  await rejects(party.join(), CLOSED);
  for (const action of ["start", "joinSync", "terminate", "kill"] as const) throws(() => party[action](), CLOSED);
  for (const property of ["alive", "exitCode", "sentinel"] as const) throws(() => party[property], CLOSED);
}

function argumentCases(kind: Kind): void {
  it("gets its arguments as they are at the start", async () => {
    const queue = new Queue<unknown[]>();
    const list: unknown[] = [1, [2, "three"]];
    const values = [list, new Map([["key", 1n]]), new Date(5), null, undefined, new Uint8Array([1, 2])];
    const party = make(kind, target("put"), { args: [queue, ...values] }).start();
    list.push("too late");
    await party.join(PATIENCE);
    deepStrictEqual(queue.getSync(PATIENCE), [[1, [2, "three"]], ...values.slice(1)]);
  });

  it("shares the shared objects among them", async () => {
    const [dict, lock] = [new SharedDict<number>().set("count", 0), new Lock()];
    const parties = [0, 1].map(() => make(kind, target("share"), { args: [dict, lock, 50] }).start());
    for (const party of parties) await party.join(PATIENCE);
    deepStrictEqual([dict.get("count"), ...parties.map(({ exitCode }) => exitCode)], [100, 0, 0]);
  });

  it("is not started with what cannot be copied", () => {
    const party = make(kind, target("put"), { args: [() => {}] });
    throws(() => party.start(), (error) => {
      const { name, message } = error as DOMException;
      return name === "DataCloneError" && message.startsWith("Cannot encode argument 0: ");
    });
    deepStrictEqual([party.alive, party.exitCode, idOf(party)], [false, null, undefined]);
    match(String(party), /not started/);
  });
}
