import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";

import { ownDirectory, type Program, start } from "./program.ts";

/** Runs the example to its end and gives what it printed. */
async function run(name: string, programArguments: string[] = []): Promise<string[]> {
  const directory = ownDirectory();
  try {
    const program = start(`examples/${name}.js`, programArguments, directory.path);
    assert.equal(await program.ended, 0);
    return program.lines;
  } finally {
    directory.dispose();
  }
}

describe("examples", () => {
  it("barrier: three parties meet twice, then all see it broken", async () => {
    const lines = await run("barrier");
    // Lines of different workers come in any order, but for the last one, which the main thread prints.
    const expected = [0, 1, 2].map((party) => `party ${party}: the barrier is broken`);
    expected.push("pause 0: everybody is here", "pause 50: everybody is here");
    assert.deepEqual(lines.slice(0, -1).sort(), expected.sort());
    assert.equal(lines.at(-1), "broken: true waiting: 0");
  });

  it("connection_pool: five workers, never more than three connections", async () => {
    const lines = await run("connection_pool");
    const connected = lines.slice(0, 5).map((line) => /^worker (\d) connects, ([123]) of 3 open$/.exec(line));
    assert.deepEqual(connected.map((match) => match?.[1]).sort(), ["0", "1", "2", "3", "4"]);
    assert.equal(lines[5], "free at the end: 3");
  });

  it("process_pool: counts the words of files, and the different ones of all together", async () => {
    const texts = mkdtempSync(join(tmpdir(), "lockstep-texts-"));
    try {
      writeFileSync(join(texts, "one.txt"), "a rose is a rose");
      writeFileSync(join(texts, "two.txt"), "Is a lock a rose?");
      const lines = await run("process_pool", [texts]);
      assert.deepEqual(lines.sort(), ["different words: 4", "one.txt 5", "two.txt 5"]);
    } finally {
      rmSync(texts, { recursive: true });
    }
  });

  it("producer_consumer: every item arrives", async () => {
    const lines = await run("producer_consumer");
    assert.deepEqual(lines.sort(), ["consumed 10 items, their sum is 285", "the producer has finished"]);
  });

  it("progress: the bar is full when all is done", async () => {
    const lines = (await run("progress")).filter((line) => line !== "");
    assert.match(lines[0]!, /^counting \[-+\] 0\/40$/);
    assert.match(lines.at(-2)!, /^counting \[=+\] 40\/40$/);
    assert.equal(lines.at(-1), "33860 primes below 400000");
  });

  it("rate_limiter: of twelve requests in three threads five are allowed", async () => {
    assert.deepEqual(await run("rate_limiter"), ["ann: { allowed: 5, refused: 7 }", "bob: allowed"]);
  });

  it("shared_cache: of four processes that want a value one loads it", async () => {
    const lines = await run("shared_cache");
    assert.deepEqual(lines, ["loading Oslo", ...Array(4).fill("Oslo: 4 degrees"), "entries in the cache: 1"]);
  });

  it("two_processes: the fourth process waits, and goes on in place of one that is killed", async () => {
    const directory = ownDirectory();
    const programs: Program[] = [];
    try {
      for (let i = 0; i < 3; i++) {
        const holder = start("examples/two_processes.js", ["pool", "600000"], directory.path);
        programs.push(holder);
        await holder.line("connected");
      }
      const waiter = start("examples/two_processes.js", ["pool", "0"], directory.path);
      programs.push(waiter);
      await waiter.line("waiting; free: 0");
      programs[1]!.child.kill("SIGKILL");
      await waiter.line("connected, in place of a process that died");
      assert.equal(await waiter.ended, 0);
    } finally {
      for (const program of programs) program.child.kill("SIGKILL");
      await Promise.all(programs.map((program) => program.ended));
      directory.dispose();
    }
  });

  it("work_queue: the job of a killed worker is done by another one", async () => {
    assert.deepEqual(await run("work_queue"), [
      "workers ended: 0, 0, SIGKILL",
      "jobs done: 12 - job 3 was tried 2 times",
    ]);
  });

  it("zero_copy_array: Node and Deno work on the same numbers", async () => {
    const directory = ownDirectory();
    const filler = start("examples/zero_copy_array.js", [], directory.path);
    const squarer = start("examples/zero_copy_array.js", ["square"], directory.path, "other");
    try {
      assert.deepEqual([await filler.ended, await squarer.ended], [0, 0]);
      const [first, second] = "Deno" in globalThis ? ["Deno", "Node"] : ["Node", "Deno"];
      assert.deepEqual(squarer.lines, [`${second} has squared 1000000 numbers`]);
      assert.deepEqual(filler.lines, [
        `${first} has filled in 1000000 numbers`,
        "the sum of their squares: 28500000",
      ]);
    } finally {
      for (const program of [filler, squarer]) program.child.kill("SIGKILL");
      await Promise.all([filler.ended, squarer.ended]);
      directory.dispose();
    }
  });
});
