// Programs that start processes and threads, and end as they are told: `parent_main what kind`.
import { writeSync } from "node:fs";
import process from "node:process";

import { Process, Thread } from "@lockstep/concurrent";
import { Queue } from "@lockstep/manager";
import { Semaphore } from "@lockstep/sync";

import { type Kind, make, PATIENCE } from "./party_cases.ts";
import { moduleBeside, target } from "./targets.ts";

const STDOUT = 1;
const FOREVER_MS = 2 ** 30;

function say(...words: unknown[]): void {
  writeSync(STDOUT, `${words.join(" ")}\n`);
}

const PROGRAMS: Record<string, (kind: Kind) => unknown> = {
  /** Its child has something to say at last; a process that is no daemon is waited for, a daemon is not. */
  waits() {
    startTalker(false);
  },
  exits() {
    startTalker(false);
    process.exit(3);
  },
  fails() {
    startTalker(false);
    throw new RangeError("of the parent");
  },
  leavesDaemon() {
    leaveDaemon();
  },
  exitsWithDaemon() {
    leaveDaemon();
    process.exit(3);
  },
  /** Killed from outside, with two daemons in endless loops; one of them has one too. */
  dies() {
    const ready = new Semaphore(0);
    const pids = new Queue<number>();
    const spinning = new Process(target("spin"), { args: [ready], daemon: true }).start();
    const master = new Process(target("masterOf"), { args: [pids, ready], daemon: true }).start();
    for (let running = 0; running < 2; running++) ready.acquireSync(PATIENCE); // each permit for good
    say("children", spinning.pid, master.pid, pids.getSync(PATIENCE));
    setInterval(() => {}, FOREVER_MS);
  },
  /** Killed from outside while its daemons come up. */
  diesEarly() {
    const children = [0, 1].map(() => new Process(target("idle"), { args: [new Semaphore(0)], daemon: true }).start());
    say("children", ...children.map(({ pid }) => pid));
    setInterval(() => {}, FOREVER_MS);
  },
  /** A thread with a daemon process in an endless loop, which is terminated. */
  async endsThread() {
    const [ready, pids] = [new Semaphore(0), new Queue<number>()];
    const thread = new Thread(target("masterOf"), { args: [pids, ready] }).start();
    await ready.acquire(PATIENCE);
    say("children", pids.getSync(PATIENCE));
    thread.terminate();
    await thread.join(PATIENCE);
  },
  /** What goes wrong in children is on stderr. */
  async reports(kind) {
    for (const name of ["fail", "reject", "failInTimer", "failUnhandled"]) {
      const party = make(kind, target(name), { args: [`in ${name}`], name: `my ${name}` }).start();
      await party.join(PATIENCE);
      say(name, party.exitCode);
    }
  },
  async wrongTasks() {
    const outer = 1;
    const tasks = [() => outer, target("missing"), { module: moduleBeside("throwing_module"), name: "never" }];
    const children = tasks.map((task) => new Process(task).start());
    for (const child of children) await child.join(PATIENCE);
    say("exit codes", ...children.map(({ exitCode }) => exitCode));
  },
  denied() {
    try {
      new Process(() => {}).start();
    } catch (error) {
      say(error);
    }
  },
};

function startTalker(daemon: boolean): void {
  const queue = new Queue<unknown>();
  new Process(target("talk"), { args: [queue], daemon }).start();
  queue.getSync(PATIENCE);
}

function leaveDaemon(): void {
  const ready = new Semaphore(0);
  const child = new Process(target("spin"), { args: [ready], daemon: true }).start();
  ready.acquireSync(PATIENCE);
  say("children", child.pid);
}

say("pid", process.pid);
await PROGRAMS[process.argv[2] ?? ""]!((process.argv[3] ?? "Process") as Kind);
