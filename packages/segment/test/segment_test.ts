import { deepEqual, equal, notEqual, throws } from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import process from "node:process";
import { after, describe, it } from "node:test";
import { InvalidStateError, MismatchError } from "@lockstep/contract";
import { Segment } from "@lockstep/segment";
import { runProgram } from "./child.ts";

const MEBIBYTE = 1024 * 1024;
const made: string[] = [];

function newName(): string {
  const name = `segment-test-${process.pid}-${made.length}`;
  made.push(name);
  return name;
}

after(() => made.forEach((name) => Segment.unlink(name)));

describe("Segment.open()", () => {
  it("makes a segment, then opens it", () => {
    const name = newName();
    const first = Segment.open(name, { capacity: 4 * MEBIBYTE });
    const second = Segment.open(name);
    deepEqual([second.name, second.capacity], [name, 4 * MEBIBYTE]);
    first[Symbol.dispose]();
    equal(second.stats().processes, 1);
    second[Symbol.dispose]();
  });

  it("finds a segment whose mode lets others read, unless another mode is asked for", () => {
    const name = newName();
    const segment = Segment.open(name, { mode: 0o644 });
    Segment.open(name)[Symbol.dispose]();
    Segment.open(name, { mode: 0o644 })[Symbol.dispose]();
    const wanted = { name: "InvalidStateError", message: /open to more users/ };
    throws(() => Segment.open(name, { mode: 0o600 }), wanted);
    segment[Symbol.dispose]();
  });

  it("refuses another capacity than it was made with, and states both", () => {
    const name = newName();
    const segment = Segment.open(name, { capacity: 4 * MEBIBYTE });
    throws(() => Segment.open(name, { capacity: 8 * MEBIBYTE }), {
      name: "MismatchError",
      message: /4194304.*8388608/,
    });
    equal(segment.stats().processes, 1);
    segment[Symbol.dispose]();
    throws(() => Segment.open(name, { capacity: 8 * MEBIBYTE }), MismatchError);
  });

  it("makes none when told so", () => {
    throws(() => Segment.open(newName(), { create: false }), { name: "InvalidStateError", message: /there is none/ });
  });

  it("refuses bad names and options, and makes nothing", () => {
    for (const name of ["", ".hidden", "a/b", "a b", "é", "x".repeat(101)]) {
      throws(() => Segment.open(name), RangeError);
    }
    for (const name of [undefined, null, 5, {}]) throws(() => Segment.open(name as string), TypeError);
    const name = newName();
    for (const capacity of [0, 1, 2 * MEBIBYTE - 1, 4096 * MEBIBYTE, NaN, 2.5, -1]) {
      throws(() => Segment.open(name, { capacity }), RangeError);
    }
    for (const mode of [0, 0o400, 0o666, 0o1600, 0o620]) throws(() => Segment.open(name, { mode }), RangeError);
    throws(() => Segment.open(name, { create: 1 as unknown as boolean }), TypeError);
    throws(() => Segment.open(name, null as unknown as object), TypeError);
    equal(Segment.list().some((found) => found.name === name), false);
  });
});

describe("Segment", () => {
  it("tells how full it is", () => {
    const segment = Segment.open(newName(), { capacity: 2 * MEBIBYTE });
    const stats = segment.stats();
    equal(stats.capacity, 2 * MEBIBYTE);
    equal(stats.used + stats.free, stats.capacity);
    deepEqual([stats.objects, stats.processes, stats.participants], [0, 1, 1]);
    segment[Symbol.dispose]();
  });

  it("is listed until it is unlinked", () => {
    const name = newName();
    const segment = Segment.open(name);
    const listed = Segment.list().find((found) => found.name === name);
    deepEqual([listed?.processes, listed?.isPrivate, listed?.capacity], [1, false, segment.capacity]);
    equal(segment.unlink(), true);
    equal(segment.unlink(), false);
    equal(Segment.unlink(name), false);
    equal(Segment.list().some((found) => found.name === name), false);
    equal(segment.stats().processes, 1);
    const another = Segment.open(name);
    notEqual(another.stats().reserved, undefined);
    segment[Symbol.dispose]();
    equal(another.stats().processes, 1);
    another[Symbol.dispose]();
  });

  it("is of no use after it was disposed, twice or once", () => {
    const segment = Segment.open(newName());
    segment[Symbol.dispose]();
    segment[Symbol.dispose]();
    throws(() => segment.stats(), InvalidStateError);
    throws(() => segment.unlink(), InvalidStateError);
    equal(typeof segment.capacity, "number");
  });

  it("lies where LOCKSTEP_DIR says", async () => {
    const directory = mkdtempSync("/dev/shm/lockstep-test-");
    try {
      const { output, ending } = await runProgram("directory_main", [], { LOCKSTEP_DIR: directory });
      equal(ending, "exit 0");
      const names = JSON.parse(output);
      deepEqual(names, ["elsewhere"]);
      equal(readdirSync(directory).length, 1);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it("refuses a LOCKSTEP_DIR that is no absolute path", async () => {
    const { output } = await runProgram("directory_main", [], { LOCKSTEP_DIR: "here" });
    equal(output, `RangeError: Cannot use LOCKSTEP_DIR: it must be an absolute path, got "here"`);
  });
});
