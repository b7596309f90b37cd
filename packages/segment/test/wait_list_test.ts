import { deepEqual, equal, rejects } from "node:assert/strict";
import { describe, it } from "node:test";
import {
  FRESH,
  type NativeBinding,
  OK,
  RUNG,
  STARVING,
  type Status,
  UNAVAILABLE,
  type Urgency,
} from "@lockstep/native";
import { FOR_EVER } from "#src/limit.ts";
import { type Waitable, WaitList } from "#src/wait_list.ts";

const GONE = -1;

/** A counter of units instead of shared memory, and a record of what the list asked of it. */
class Units implements Waitable<number, string> {
  readonly where = "take units";
  free = 0;
  failure: Status | undefined;
  isArmed = false;
  refs = 0;
  nowMs = 0;
  readonly urgencies: Urgency[] = [];
  readonly abandoned: number[] = [];
  readonly list: WaitList<number, string>;

  constructor() {
    const binding = {
      now: () => this.nowMs,
      listen: () => {},
      setPending: () => {},
      refLoop: () => this.refs++,
      unrefLoop: () => this.refs--,
    } as unknown as NativeBinding;
    this.list = new WaitList(this, { binding, segment: { handle: 1 }, info: { bucket: 1 } });
  }

  attempt(wanted: number): Status {
    if (this.failure !== undefined) return this.failure;
    if (this.free < wanted) return UNAVAILABLE;
    this.free -= wanted;
    return OK;
  }

  arm(wanted: number, urgency: Urgency): Status {
    this.urgencies.push(urgency);
    const status = this.attempt(wanted);
    this.isArmed = status === UNAVAILABLE;
    return status;
  }

  disarm(): void {
    this.isArmed = false;
  }

  grant(wanted: number): string {
    if (wanted > 100) throw new RangeError("too many");
    return `${wanted} units`;
  }

  expire(wanted: number): string {
    return `${wanted} not in time`;
  }

  abandon(wanted: number): void {
    this.abandoned.push(wanted);
  }

  give(count: number): void {
    this.free += count;
    this.list.look(RUNG);
  }
}

/** What has settled so far, in order. */
function record(promises: Promise<string>[]): string[] {
  const settled: string[] = [];
  promises.forEach((promise, index) =>
    promise.then((value) => settled.push(`${index}: ${value}`), (error) => settled.push(`${index}: ${error}`))
  );
  return settled;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("WaitList", () => {
  it("grants at once what needs no waiting, and arms nothing", async () => {
    const units = new Units();
    units.free = 1;
    equal(await units.list.start(1, undefined), "1 units");
    deepEqual([units.isArmed, units.refs, units.urgencies], [false, 0, []]);
  });

  it("serves first come, first served; the bell is armed while any waits", async () => {
    const units = new Units();
    const settled = record([1, 2, 1].map((wanted) => units.list.wait(wanted, FOR_EVER)));
    deepEqual([units.isArmed, units.refs], [true, 1]);
    units.give(1);
    await turn();
    deepEqual([settled, units.isArmed], [["0: 1 units"], true]);
    units.give(1); // the next wants two, and nobody passes it
    await turn();
    deepEqual([settled.length, units.free], [1, 1]);
    units.give(2);
    await turn();
    deepEqual(settled, ["0: 1 units", "1: 2 units", "2: 1 units"]);
    deepEqual([units.isArmed, units.refs, units.list.length], [false, 0, 0]);
  });

  it("newcomers wait behind those who wait", async () => {
    const units = new Units();
    const settled = record([units.list.start(2, undefined), units.list.start(1, undefined)]);
    units.give(1);
    await turn();
    deepEqual(settled, []);
    units.give(2);
    await turn();
    equal(settled.length, 2);
  });

  it("is urgent only after a ring, and starves after a millisecond", () => {
    const units = new Units();
    void units.list.wait(1, FOR_EVER);
    units.list.look(FRESH);
    units.list.look(RUNG);
    units.nowMs = 1.5;
    units.list.look(RUNG);
    units.list.look(FRESH);
    deepEqual(units.urgencies, [FRESH, FRESH, RUNG, STARVING, FRESH]);
  });

  it("hands over at most eight times in a row, then lets go", async () => {
    const units = new Units();
    const settled = record(Array.from({ length: 20 }, () => units.list.wait(1, FOR_EVER)));
    const turns = Array.from({ length: 18 }, () => units.list.handOver(OK));
    deepEqual(turns.indexOf(false), 8);
    deepEqual(turns.lastIndexOf(false), 17);
    await turn();
    equal(settled.length, 16);
    equal(units.list.handOver(OK, (wanted) => wanted === 2), false);
    while (units.list.handOver(OK) || units.list.length > 0);
    deepEqual([units.isArmed, units.refs], [false, 0]);
  });

  it("an abort leaves no trace, wherever it stands", async () => {
    for (const aborted of [0, 1, 2]) {
      const units = new Units();
      const controllers = [0, 1, 2].map(() => new AbortController());
      const promises = controllers.map(({ signal }) => units.list.wait(1, { timeout: Infinity, signal }));
      const settled = record(promises);
      const reason = new Error("enough");
      controllers[aborted]?.abort(reason);
      await rejects(promises[aborted]!, (error) => error === reason);
      deepEqual([units.isArmed, units.list.length, units.abandoned], [true, 2, [1]]);
      units.give(2);
      await turn();
      equal(settled.length, 3);
      deepEqual([units.isArmed, units.refs], [false, 0]);
    }
  });

  it("the last abort takes the bell back", async () => {
    const units = new Units();
    const controller = new AbortController();
    const promise = units.list.wait(1, { timeout: Infinity, signal: controller.signal });
    controller.abort();
    await rejects(promise, { name: "AbortError" });
    deepEqual([units.isArmed, units.refs], [false, 0]);
  });

  it("an abort of the first lets the next try, who may want less", async () => {
    const units = new Units();
    const controller = new AbortController();
    const promises = [
      units.list.wait(5, { timeout: Infinity, signal: controller.signal }),
      units.list.wait(1, FOR_EVER),
    ];
    const settled = record(promises);
    units.give(1);
    await turn();
    deepEqual(settled, []);
    controller.abort(new Error("enough"));
    await turn();
    deepEqual(settled.sort(), ["0: Error: enough", "1: 1 units"]);
  });

  it("a signal that was aborted meanwhile gives up what the request had", async () => {
    const units = new Units();
    await rejects(units.list.wait(7, { timeout: Infinity, signal: AbortSignal.abort() }), { name: "AbortError" });
    deepEqual([units.abandoned, units.refs], [[7], 0]);
  });

  it("time that runs out is not early, tries once more, and settles as the waitable says", async () => {
    const units = new Units();
    const start = performance.now();
    const clock = setInterval(() => units.nowMs = performance.now() - start, 1);
    equal(await units.list.wait(1, { timeout: 30, signal: undefined }), "1 not in time");
    equal(units.nowMs >= 30, true);
    deepEqual([units.isArmed, units.refs], [false, 0]);
    const late = units.list.wait(1, { timeout: 30, signal: undefined });
    units.free = 1; // nobody rings
    equal(await late, "1 units");
    clearInterval(clock);
  });

  it("no time at all does not wait", async () => {
    const units = new Units();
    equal(await units.list.start(1, { timeout: 0 }), "1 not in time");
    deepEqual([units.isArmed, units.refs], [false, 0]);
  });

  it("failures and what a grant throws reject one promise each", async () => {
    const units = new Units();
    const promises = [units.list.wait(101, FOR_EVER), units.list.wait(1, FOR_EVER), units.list.wait(1, FOR_EVER)];
    const settled = record(promises);
    units.give(102);
    units.failure = GONE;
    units.list.look(RUNG);
    await turn();
    deepEqual(settled.slice(0, 2), ["0: RangeError: too many", "1: 1 units"]);
    await rejects(promises[2]!, { name: "InvalidStateError", message: /^Cannot take units/ });
    await rejects(units.list.start(1, undefined), { name: "InvalidStateError" });
    equal(units.refs, 0);
  });

  it("close() rejects all", async () => {
    const units = new Units();
    const settled = record([units.list.wait(1, FOR_EVER), units.list.wait(2, FOR_EVER)]);
    units.list.close(new Error("over"));
    await turn();
    deepEqual(settled, ["0: Error: over", "1: Error: over"]);
    deepEqual([units.abandoned, units.isArmed, units.refs], [[1, 2], false, 0]);
  });

  it("bad options reject", async () => {
    const units = new Units();
    await rejects(units.list.start(1, { timeout: -1 }), RangeError);
    await rejects(units.list.start(1, { signal: {} as AbortSignal }), TypeError);
    equal(units.refs, 0);
  });
});
