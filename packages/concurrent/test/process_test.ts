// Processes: what they have in common with threads, and what is theirs.
import { deepStrictEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { closeSync, openSync, readdirSync } from "node:fs";
import process from "node:process";
import { describe } from "node:test";

import { activeChildren, Process } from "@lockstep/concurrent";
import { Queue } from "@lockstep/manager";
import { Segment } from "@lockstep/segment";
import { Semaphore } from "@lockstep/sync";
import { it, until } from "@lockstep/testing";

import { partyCases, PATIENCE } from "./party_cases.ts";
import { runProgram } from "./program.ts";
import { type Introduction, target } from "./targets.ts";

const MANY = 6; // the machines of the tests are small
const AT_ONCE = 3;

describe("Process", () => {
  partyCases("Process");

  it("is among the active children while it runs, in an array that is new each time", async () => {
    const child = new Process(target("idle"), { args: [new Semaphore(0)] });
    equal(activeChildren().includes(child), false);
    child.start();
    ok(activeChildren().includes(child));
    activeChildren().pop();
    ok(activeChildren().includes(child));
    child.kill();
    await child.join(PATIENCE);
    equal(activeChildren().includes(child), false);
    await rejects(child.join({ timeout: -1 }), RangeError);
  });

  it("knows how it has ended as soon as joinSync() has returned, and terminated ones are no children then", () => {
    const ready = new Semaphore(0);
    const children = [0, 1].map(() => new Process(target("spin"), { args: [ready] }).start());
    for (const _ of children) ready.acquireSync(PATIENCE); // each permit for good
    children[0]!.terminate();
    children[1]!.kill();
    for (const child of children) equal(child.joinSync(PATIENCE), true);
    deepStrictEqual(children.map(({ exitCode, alive }) => [exitCode, alive]), [[-15, false], [-9, false]]);
    equal(activeChildren().some((child) => children.includes(child)), false);
  });

  it("knows its name, its number, its parent, and has nobody's children", async () => {
    const queue = new Queue<Introduction>();
    const child = new Process(target("introduce"), { args: [queue], name: "bob", daemon: true }).start();
    await child.join(PATIENCE);
    const { process: own, thread, parent, children } = queue.getSync(PATIENCE);
    deepStrictEqual(own, { pid: child.pid, name: "bob", daemon: true, alive: true, exitCode: null });
    deepStrictEqual(thread, { threadId: 0, name: "MainThread", daemon: false, isMain: true });
    deepStrictEqual(parent, { pid: process.pid, name: "MainProcess", alive: true });
    equal(children, 0);
  });

  it("has the flags and the environment of this one, and those that it is given", async () => {
    const queue = new Queue<Introduction>();
    const execArgv = "Deno" in globalThis ? [] : ["--max-old-space-size=300"];
    const env = { ...process.env, LOCKSTEP_TEST_VARIABLE: "given" };
    const child = new Process(target("introduce"), { args: [queue], execArgv, env }).start();
    await child.join(PATIENCE);
    const introduced = queue.getSync(PATIENCE);
    equal(introduced.variable, "given");
    for (const flag of execArgv) ok(introduced.execArgv.includes(flag));
    const conditions = process.execArgv.filter((flag) => flag.startsWith("--conditions"));
    for (const flag of conditions) ok(introduced.execArgv.includes(flag));
  });

  it("starts others, which start others", async () => {
    const queue = new Queue<number[]>();
    const child = new Process(target("recurse"), { args: [queue, [], 2] }).start();
    await child.join(PATIENCE);
    const paths = [...Array(queue.size)].map(() => JSON.stringify(queue.getSync(PATIENCE)));
    deepStrictEqual(paths, ["[]", "[0]", "[0,0]", "[0,1]", "[1]", "[1,0]", "[1,1]"]);
  });

  it("as a daemon starts daemons only", async () => {
    const queue = new Queue<unknown>();
    const child = new Process(target("startNonDaemon"), { args: [queue], daemon: true }).start();
    await child.join(PATIENCE);
    deepStrictEqual([...Array(3)].map(() => queue.getSync(PATIENCE)), ["InvalidStateError", true, [true, 0]]);
  });

  it("can be one of many, and killed while it comes up", async () => {
    const short = Array.from({ length: MANY }, () => new Process(target("exit"), { args: [0] }).start());
    for (const child of short) await child.join(PATIENCE);
    deepStrictEqual(short.map(({ exitCode }) => exitCode), short.map(() => 0));
    for (const [how, exitCode] of [["terminate", -15], ["kill", -9]] as const) {
      const long = Array.from(
        { length: MANY },
        () => new Process(target("idle"), { args: [new Semaphore(0)] }).start(),
      );
      await new Promise((resolve) => setTimeout(resolve, 1));
      for (const child of long) child[how]();
      for (const child of long) await child.join(PATIENCE);
      deepStrictEqual(long.map((child) => child.exitCode), long.map(() => exitCode));
    }
    await until(() => activeChildren().length === 0);
  });

  it("inherits no file descriptors, of others' pipes neither, and leaves none behind", async () => {
    const before = readdirSync("/proc/self/fd").length;
    const opened = openSync("/dev/full", "r");
    const queue = new Queue<string[]>();
    const children = Array.from({ length: AT_ONCE }, () => new Process(target("listDescriptors"), { args: [queue] }));
    for (const child of children) child.start();
    for (const child of children) await child.join(PATIENCE);
    closeSync(opened);
    const lists = children.map(() => queue.getSync(PATIENCE));
    equal(lists.some((list) => list.includes("/dev/full")), false);
    equal(new Set(lists.map((list) => list.length)).size, 1, JSON.stringify(lists));
    const others = Array.from({ length: AT_ONCE }, () => new Process(target("exit"), { args: [0] }).start());
    for (const child of others) child.joinSync(PATIENCE);
    await until(() => activeChildren().length === 0 && readdirSync("/proc/self/fd").length <= before);
  });

  it("gives back what it had of the shared memory", async () => {
    await new Process(target("exit"), { args: [0] }).start().join(PATIENCE); // all that stays is made
    using segment = Segment.open(process.env["LOCKSTEP_SEGMENT"]!, { create: false });
    const { objects } = segment.stats();
    const children = [target("makeObjects"), target("makeObjectsAndDie")].map((task) => new Process(task).start());
    for (const child of children) await child.join(PATIENCE);
    deepStrictEqual(children.map(({ exitCode }) => exitCode), [0, -9]);
    await until(() => segment.stats().objects <= objects);
  });

  it("is not started by a module that a child imports, as that would go on for ever", async () => {
    const { stdout, stderr, ending } = await runProgram("starting_module", []);
    deepStrictEqual([stdout, ending], ["", "exit 0"]);
    match(stderr, /InvalidStateError: Cannot start Process .* its module is just being imported by a child/);
    match(stderr, /child ended with 1/);
    equal(stderr.match(/InvalidStateError/g)?.length, 1);
  });

  it("says when the runtime cannot be started", () => {
    const { execPath } = process;
    process.execPath = "/nonexistent/runtime";
    try {
      const child = new Process(() => {});
      throws(() => child.start(), { name: "SystemError", message: /the system started no process/ });
      equal(child.alive, false);
    } finally {
      process.execPath = execPath;
    }
  });

  if ("Deno" in globalThis) {
    it("names the permissions of Deno that are missing", async () => {
      const execArgv = ["run", "--quiet", "--no-check", "--no-prompt", "--allow-env", "--allow-read", "--allow-ffi"];
      const { stdout, ending } = await runProgram("parent_main", ["denied"], { execArgv });
      equal(ending, "exit 0");
      match(stdout, /^UnsupportedPlatformError: .*--allow-run --allow-env --allow-ffi/m);
    });
  }
});
