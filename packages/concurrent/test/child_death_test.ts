// Children whose parent ends, in every way; what goes wrong in a child; and what is left of all that: nothing.
import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import process from "node:process";
import { after, describe } from "node:test";

import { it, until } from "@lockstep/testing";

import type { Kind } from "./party_cases.ts";
import { type Ended, runProgram } from "./program.ts";

// A place of their own: whatever else runs on this machine would sweep the usual one.
const directory = mkdtempSync("/dev/shm/lockstep-test-");
after(() => rmSync(directory, { recursive: true }));

function run(what: string, kind: Kind = "Process", onOutput?: (stdout: string) => void): Promise<Ended> {
  const env = { LOCKSTEP_DIR: directory, LOCKSTEP_SEGMENT: undefined };
  return runProgram("parent_main", [what, kind], { env, ...(onOutput && { onOutput }) });
}

/** Runs it until it has said that its children are there, and kills it then. */
function runAndKill(what: string): Promise<Ended> {
  let isKilled = false;
  return run(what, "Process", (stdout) => {
    const [, pid] = /^pid (\d+)\n(?:.*\n)*children /.exec(stdout) ?? [];
    if (pid === undefined || isKilled) return;
    isKilled = true;
    process.kill(Number(pid), "SIGKILL");
  });
}

function childrenIn(stdout: string): number[] {
  return (/^children (.+)$/m.exec(stdout)?.[1] ?? "").split(" ").map(Number);
}

/** No process of that number, or one that only waits to be reaped. */
function hasEnded(pid: number): boolean {
  if (!existsSync(`/proc/${pid}`)) return true;
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return true;
  }
}

async function nothingIsLeftOf(stdout: string, count: number): Promise<void> {
  const pids = childrenIn(stdout);
  equal(pids.length, count);
  ok(pids.every((pid) => pid > 0), stdout);
  await until(() => pids.every(hasEnded));
  deepStrictEqual(readdirSync(directory), []);
}

function removeAll(): void {
  for (const file of readdirSync(directory)) rmSync(`${directory}/${file}`);
}

describe("the end of a parent", () => {
  for (const [what, ending] of [["waits", "exit 0"], ["exits", "exit 3"], ["fails", "exit 1"]] as const) {
    it(`waits for a process that is no daemon: parent ${what}`, async () => {
      const { stdout, ending: how } = await run(what);
      equal(how, ending);
      // Deno kills its children and runs no exit handler when an error is uncaught: the next program sweeps.
      if (what === "fails" && "Deno" in globalThis) return removeAll();
      match(stdout, /said at last\n/);
      deepStrictEqual(readdirSync(directory), []);
    });
  }

  for (const [what, ending] of [["leavesDaemon", "exit 0"], ["exitsWithDaemon", "exit 3"]] as const) {
    it(`is that of a daemon in an endless loop: parent ${what}`, async () => {
      const { stdout, ending: how } = await run(what);
      equal(how, ending);
      await nothingIsLeftOf(stdout, 1);
    });
  }

  it("by SIGKILL is that of its daemons and theirs, in endless loops, and of the private segment", async () => {
    const { stdout, ending } = await runAndKill("dies");
    equal(ending, "SIGKILL");
    await nothingIsLeftOf(stdout, 3);
  });

  it("by SIGKILL is that of daemons that are just coming up, and of the private segment", async () => {
    const { stdout, ending } = await runAndKill("diesEarly");
    equal(ending, "SIGKILL");
    await nothingIsLeftOf(stdout, 2);
  });

  it("is that of the daemons of a thread, when that is terminated", async () => {
    const { stdout, ending } = await run("endsThread");
    equal(ending, "exit 0");
    await nothingIsLeftOf(stdout, 1);
  });
});

describe("an uncaught error", () => {
  for (const kind of ["Process", "Thread"] as const) {
    it(`ends a ${kind.toLowerCase()} with 1, and its name and the stack are on stderr`, async () => {
      const { stdout, stderr, ending } = await run("reports", kind);
      equal(ending, "exit 0");
      for (const name of ["fail", "reject", "failInTimer", "failUnhandled"]) {
        match(stdout, new RegExp(`^${name} 1$`, "m"));
        // Once, whatever the runtime says by itself: it quotes the line of the error, or does not.
        match(
          stderr,
          new RegExp(`^${kind} my ${name}\\b.*\\n(.*\\n){0,6}.*RangeError: in ${name}\\n(.*\\n){0,3}\\s+at `, "m"),
        );
        equal(stderr.match(new RegExp(`^${kind} my ${name}\\b`, "mg"))?.length, 1, stderr);
      }
      match(stderr, /targets\.[jt]s:\d+/);
    });
  }
});
