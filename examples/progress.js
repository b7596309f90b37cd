// An executor of processes moves a progress bar: "progress" events come after tasks have ended, stats() says how many.
//
//   npm install cli-progress
//   node examples/progress.js        deno run -A examples/progress.js
import process from "node:process";
import { SingleBar } from "cli-progress";
import { ProcessPoolExecutor } from "lockstep";

const TASKS = 40;

/** Runs in the processes. */
function countPrimes(from, to) {
  let count = 0;
  for (let candidate = Math.max(2, from); candidate < to; candidate++) {
    let divisor = 2;
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor++;
    if (divisor * divisor > candidate) count++;
  }
  return count;
}

const bar = new SingleBar({
  format: "counting [{bar}] {value}/{total}",
  stream: process.stdout,
  noTTYOutput: true, // a line every two seconds, where there is no terminal
});
const executor = new ProcessPoolExecutor({ maxWorkers: 2 });
executor.progress.addEventListener("progress", () => bar.update(executor.stats().completed));

bar.start(TASKS, 0);
const froms = Array.from({ length: TASKS }, (_, i) => i * 10_000);
const tos = froms.map((from) => from + 10_000);
let primes = 0;
for await (const count of executor.map(countPrimes, froms, tos)) primes += count;
await executor.shutdown();
bar.stop();
console.log(primes, "primes below", tos.at(-1));
