// The watchdog's thread: sleeps until the next turn, and ends the run when a scenario's turn lasts too long.
import { writeSync } from "node:fs";
import process from "node:process";
import { workerData } from "node:worker_threads";
import { PIDS, STOPPED, TURN } from "./watchdog.ts";

const STDERR = 2;

function watch({ words, limitMs }: { words: Int32Array; limitMs: number }): void {
  const blockedMs = 1.5 * limitMs; // the timer of a thread that still runs must come first
  while (words[STOPPED] === 0) {
    const turn = Atomics.load(words, TURN);
    const limit = turn % 2 === 1 ? blockedMs : Infinity;
    if (Atomics.wait(words, TURN, turn, limit) === "timed-out") return endRun(words, blockedMs);
  }
}

function endRun(words: Int32Array, blockedMs: number): void {
  writeSync(STDERR, `Hung: a scenario has blocked its own thread for ${blockedMs} ms, ending the run\n`);
  for (const pid of words.subarray(PIDS)) if (pid !== 0) kill(pid);
  kill(process.pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

watch(workerData);
