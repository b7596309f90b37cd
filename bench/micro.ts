// Timing of calls that last some nanoseconds: tinybench over batches, contestants in turn within each round.
import { Bench } from "tinybench";
import { rotate } from "./turns.ts";

/** Something to time; `batch` runs `calls` calls and returns how many milliseconds they took together. */
export interface Contestant {
  readonly name: string;
  readonly calls: number;
  batch(): number | Promise<number>;
}

export interface Effort {
  readonly warmUps: number;
  readonly rounds: number;
}

const BATCHES_A_ROUND = 5; // their median is the figure of the round

/** Nanoseconds per call: for each contestant, in the order given, one figure a round. */
export async function interleave(contestants: readonly Contestant[], effort: Effort): Promise<number[][]> {
  for (let i = 0; i < effort.warmUps; i++) {
    for (const contestant of contestants) await contestant.batch();
  }
  const figures: number[][] = contestants.map(() => []);
  for (let round = 0; round < effort.rounds; round++) {
    const bench = new Bench({ time: 0, iterations: BATCHES_A_ROUND, warmup: false, throws: true });
    for (const contestant of rotate(contestants, round)) {
      bench.add(contestant.name, () => sample(contestant), { async: true });
    }
    await bench.run();
    contestants.forEach(({ name }, index) => {
      const result = bench.getTask(name)?.result;
      if (result?.state === "completed") figures[index]?.push(result.latency.p50 * 1e6);
    });
  }
  return figures;
}

// One call is shorter than reading the clock, hence tinybench is told the duration per call of a whole batch.
async function sample({ batch, calls }: Contestant): Promise<object> {
  const duration = await batch();
  return { overriddenDuration: duration / calls, overriddenIterationCost: duration };
}

/** A loop around the statement `body`, in which `subject` is the object. */
export function loop(name: string, calls: number, body: string, subject: unknown): Contestant {
  const run = compile("", body, subject) as (count: number) => void;
  return {
    name,
    calls,
    batch: () => {
      const start = performance.now();
      run(calls);
      return performance.now() - start;
    },
  };
}

/** As `loop`; the statement may await. */
export function asyncLoop(name: string, calls: number, body: string, subject: unknown): Contestant {
  const run = compile("async", body, subject) as (count: number) => Promise<void>;
  return {
    name,
    calls,
    batch: async () => {
      const start = performance.now();
      await run(calls);
      return performance.now() - start;
    },
  };
}

// A fresh function for each contestant: its call sites see one class and are compiled for that class alone.
function compile(prefix: string, body: string, subject: unknown): unknown {
  const source = `return ${prefix} (count) => { for (let i = 0; i < count; i++) { ${body} } }`;
  return new Function("subject", source)(subject);
}
