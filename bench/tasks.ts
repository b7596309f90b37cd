// What does it cost to run a function in another thread or process? Ours beside what others use for it.
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { ProcessPoolExecutor } from "@lockstep/concurrent";
import type { Roles } from "./parties.ts";
import { startPython } from "./python.ts";
import { question } from "./question.ts";
import { type Row, row, type Subject } from "./rows.ts";
import { type Contestant, type Kind, OTHERS, OURS, type Runner } from "./task_runners.ts";
import { inTurn } from "./turns.ts";

const KINDS: readonly Kind[] = ["threads", "processes"];
const MEBIBYTE = 2 ** 20; // which costs some of the others a second
const IDLE_WORKERS = 8;
const IDLE_MS = 1000;

const bytes = new Uint8Array(MEBIBYTE).fill(7);

/** What is compared with each of the others of a kind. */
interface Measured {
  readonly subject: Subject;
  /** A figure of the runner. */
  measure(runner: Runner): Promise<number>;
  /** Python's command for the same in ns, where it can be compared. */
  readonly python: (figure: number) => number;
  readonly command: string;
  readonly kinds: readonly Kind[];
}

async function roundTrips(runner: Runner, value: unknown, count: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < count; i++) await runner.run(value);
  return (performance.now() - start) * 1e6 / count;
}

/** What runs for a while already: code is compiled, memory is there. */
async function warmUp(runner: Runner, ms: number): Promise<void> {
  for (const value of [bytes, 1]) {
    const end = performance.now() + ms;
    while (performance.now() < end) await roundTrips(runner, value, 1);
  }
}

/** Tasks a second, when there are always some to be done. */
async function throughput(runner: Runner, count: number): Promise<number> {
  const start = performance.now();
  const all: PromiseLike<unknown>[] = [];
  for (let i = 0; i < count; i++) all.push(runner.run(i));
  await Promise.all(all);
  return count / (performance.now() - start) * 1000;
}

interface Started {
  readonly contestant: Contestant;
  readonly runner: Runner | undefined;
  readonly reason: string;
}

async function start(contestant: Contestant): Promise<Started> {
  try {
    const runner = await contestant.start();
    await runner.run(0);
    return { contestant, runner, reason: "" };
  } catch (error) {
    return { contestant, runner: undefined, reason: String(error).split("\n")[0] ?? "" };
  }
}

function measured(quick: boolean): Measured[] {
  const [trips, tasks, copies] = quick ? [100, 2000, 2] : [3000, 10_000, 3];
  const ns = (figure: number): number => figure;
  return [
    {
      subject: {
        name: "round trip of an empty task",
        unit: "ns",
        better: "lower",
        target: { of: "ratio", limit: 0.5 },
      },
      measure: (runner) => roundTrips(runner, 1, trips),
      command: `task_round_trip ${trips}`,
      python: ns,
      kinds: KINDS,
    },
    {
      subject: { name: "tiny tasks", unit: "/s", better: "higher", target: { of: "ratio", limit: 3 } },
      measure: (runner) => throughput(runner, tasks),
      command: `task_throughput ${tasks / 10}`,
      python: (figure) => 1e9 / figure,
      kinds: KINDS,
    },
    {
      subject: { name: "1 MiB there and back", unit: "ns", better: "lower", target: { of: "ratio", limit: 0.5 } },
      measure: (runner) => roundTrips(runner, bytes, copies),
      command: `task_mebibyte ${copies}`,
      python: ns,
      kinds: ["processes"],
    },
    {
      subject: { name: "1 MiB there and back", unit: "ns", better: "lower", target: { of: "ratio", limit: 1 } },
      measure: (runner) => roundTrips(runner, bytes, copies),
      command: "",
      python: ns,
      kinds: ["threads"],
    },
  ];
}

async function compare(all: readonly Started[], quick: boolean): Promise<Row[]> {
  const python = await startPython();
  const rows: Row[] = [];
  for (const { subject, measure, command, python: convert, kinds } of measured(quick)) {
    for (const kind of kinds) {
      const [ours, ...others] = all.filter(({ contestant }) => contestant.kind === kind);
      const isCompared = kind === "processes" && command !== "";
      const pythonTurn = async (): Promise<number | undefined> => {
        const figure = isCompared ? await python.measure(command) : undefined;
        return figure === undefined ? undefined : convert(figure);
      };
      const turns = [ours!, ...others].map(({ runner }) => async () => runner && await measure(runner));
      const figures = await inTurn([...turns, pythonTurn], quick ? 1 : 4);
      const name = `${subject.name}, ${kind}`;
      for (const [index, { contestant, reason }] of others.entries()) {
        rows.push(
          row({ ...subject, name }, figures[0]!, { name: contestant.name, rounds: figures[index + 1], reason }),
        );
      }
      if (!isCompared) continue;
      const reference = { name: "Python ProcessPoolExecutor", rounds: figures.at(-1), reason: python.reason };
      rows.push(row({ ...subject, name }, figures[0]!, reference));
    }
  }
  return rows;
}

/** From nothing to the first result, and the end of the pool. */
async function startUps(quick: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of KINDS) {
    const others = OTHERS.filter((contestant) => contestant.kind === kind);
    const turns = [OURS[kind], ...others].map((contestant) => async () => {
      const begin = performance.now();
      const runner = await contestant.start();
      await Promise.all([runner.run(1), runner.run(2)]);
      const figure = (performance.now() - begin) * 1e6;
      await runner.end();
      return figure;
    });
    const [ours = [], ...figures] = await inTurn(turns, quick ? 1 : 4);
    const subject = { unit: "ns", better: "lower", target: { of: "ratio", limit: 1 } } as const;
    for (const [index, { name }] of others.entries()) {
      const title = `start of 2 workers until both have run a task, ${kind}`;
      rows.push(row({ ...subject, name: title }, ours, { name, rounds: figures[index] }));
    }
  }
  return rows;
}

/** Processor time of this process and of its children so far, in ns: what `stat` counts in ticks is a guess. */
function processorTime(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").split(" ").filter(Boolean);
  const threads = [String(process.pid), ...children].flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}/schedstat`)
  );
  return threads.reduce((sum, file) => sum + Number(readFileSync(file, "utf8").split(" ")[0]), 0);
}

async function idle(quick: boolean): Promise<Row> {
  const executor = new ProcessPoolExecutor({ maxWorkers: IDLE_WORKERS });
  await Promise.all(
    Array.from(
      { length: IDLE_WORKERS },
      () => executor.submit(() => new Promise((resolve) => setTimeout(resolve, 300))),
    ),
  );
  const before = processorTime();
  const ms = quick ? IDLE_MS : 5 * IDLE_MS;
  await new Promise((resolve) => setTimeout(resolve, ms));
  const spent = processorTime() - before;
  await executor.shutdown();
  const target = { of: "ours", limit: 5e6 } as const;
  const name = `processor time a second of an idle pool of ${IDLE_WORKERS}, executor included`;
  return row({ name, unit: "ns", better: "lower", target }, [spent * 1000 / ms]);
}

async function measureAll(quick: boolean): Promise<Row[]> {
  const all: Started[] = [];
  for (const contestant of [OURS.threads, OURS.processes, ...OTHERS]) all.push(await start(contestant));
  for (const { runner } of all) if (runner !== undefined) await warmUp(runner, quick ? 50 : 1000);
  const rows = await compare(all, quick);
  for (const { runner } of all) await runner?.end();
  return [...rows, ...await startUps(quick), await idle(quick)];
}

export const roles: Roles = { run: question(({ quick }) => measureAll(quick)) };
