// Measures everything, prints a table for each question and writes the results as JSON and as a plot.
//   npm run bench                     all questions
//   npm run bench -- --quick          roughly, within seconds
//   npm run bench -- barrier death    some of them
import { mkdirSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compile } from "./limits.ts";
import { describeMachine } from "./machine.ts";
import { type Group, startGroup } from "./parties.ts";
import { plot } from "./plot.ts";
import { LIMIT_MS } from "./question.ts";
import { type Answered, QUESTIONS, type Results } from "./results.ts";
import { failure, type Row } from "./rows.ts";
import { table } from "./table.ts";
import { within } from "./watch.ts";

const LEGEND = [
  "",
  "Ours is @lockstep/sync. The Atomics twin is the same class of @lockstep/atomics, on a SharedArrayBuffer.",
  "All is measured in slices, one contestant after the other. Figures are medians; a ratio is ours divided by the",
  "other, slice by slice. The quartiles are those of the ratio or, where nothing is compared, of ours.",
];

/** Asks the leader of a group, and ends the group: nothing of it disturbs or outlives it. */
async function ask({ leader, ready, end }: Group): Promise<Row[]> {
  try {
    // Its own watchdog comes first and has more to tell; this one is for a leader that hangs itself.
    return await within(LIMIT_MS + 10_000, ready.then(() => leader.call<Row[]>(undefined)));
  } catch (error) {
    console.error(error);
    return [failure("not measured", error)];
  } finally {
    end();
  }
}

/** Starts the groups, which rest until they are asked: to start one after the other would take longer. */
async function startAll(names: readonly string[], quick: boolean): Promise<Group[]> {
  const groups = names.map((question) => startGroup({ question, role: "run", data: { quick } }));
  await Promise.allSettled(groups.map(({ ready }) => ready));
  return groups;
}

async function measureAll(names: readonly string[], quick: boolean): Promise<Results> {
  const machine = describeMachine();
  console.log([...Object.entries(machine).map(([key, value]) => `${key}: ${value}`), ...LEGEND].join("\n"));
  const begin = performance.now();
  const questions = QUESTIONS.filter(({ name }) => names.includes(name));
  const groups = await startAll(questions.map(({ name }) => name), quick);
  const answered: Answered[] = [];
  for (const [index, { name, title }] of questions.entries()) {
    const start = performance.now();
    const rows = await ask(groups[index] as Group);
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    answered.push({ name, title, seconds, rows });
    console.log(table(`${title} (${seconds} s)`, rows));
  }
  return { machine, quick, seconds: Math.round((performance.now() - begin) / 1000), questions: answered };
}

/** Only a whole and thorough run replaces the results that are kept with the sources. */
function write(results: Results, failed: number): void {
  const whole = !results.quick && failed === 0 && results.questions.length === QUESTIONS.length;
  const folder = fileURLToPath(new URL(whole ? "." : "../build/bench/", import.meta.url));
  const stem = results.machine.runtime.startsWith("Deno") ? "results_deno" : "results";
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/${stem}.json`, `${JSON.stringify(results, undefined, 2)}\n`);
  writeFileSync(`${folder}/${stem}.svg`, plot(results));
  const judged = results.questions.flatMap(({ rows }) => rows).filter(({ target }) => target !== undefined);
  const met = judged.filter((row) => row.met).length;
  console.log(`\n${met} of ${judged.length} targets met, ${results.seconds} s; ${stem}.json and .svg are in ${folder}`);
}

const { values, positionals } = parseArgs({ options: { quick: { type: "boolean" } }, allowPositionals: true });
const unknown = positionals.filter((name) => !QUESTIONS.some((question) => question.name === name));
if (unknown.length > 0) {
  console.error(`Cannot measure ${unknown.join(", ")}: questions are ${QUESTIONS.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));
compile(); // before anything is measured
const names = positionals.length > 0 ? positionals : QUESTIONS.map(({ name }) => name);
const results = await measureAll(names, values.quick ?? false);
const failed = results.questions.filter(({ rows }) => rows.some((row) => row.failed));
write(results, failed.length);
if (failed.length > 0) {
  console.error(`Not all could be measured: ${failed.map(({ name }) => name).join(", ")}`);
  process.exitCode = 1; // a target that is missed is a result, a question without an answer is a failure
}
