/** What a step of the gate did: checks or tests that passed and that failed. */
export interface Counts {
  passed: number;
  failed: number;
}

/** How the closing lines of a step's output are read; a "check" counts as one by its exit code alone. */
export type Reader = "check" | "node" | "deno" | "doctest" | "closing";

/** Reads the closing lines; a runner that said nothing ran no test, which is a failure. */
export function readCounts(reader: Reader, output: string, exitCode: number): Counts {
  const counts = reader === "check" ? { passed: exitCode === 0 ? 1 : 0, failed: 0 } : readers[reader](output);
  const silentFailure = counts.failed === 0 && (exitCode !== 0 || counts.passed === 0);
  return silentFailure ? { ...counts, failed: 1 } : counts;
}

const readers: Record<Exclude<Reader, "check">, (output: string) => Counts> = {
  /** node:test, spec reporter. A skipped or cancelled test counts as failed: nothing here is skipped. */
  node(output) {
    const count = (name: string) => Number(last(output, new RegExp(`^ℹ ${name} (\\d+)$`, "gm"))?.[1] ?? 0);
    const unrun = count("cancelled") + count("skipped") + count("todo");
    return { passed: count("pass"), failed: count("fail") + unrun };
  },

  /** deno test. Subtests are its "steps". */
  deno(output) {
    const counted = String.raw`(\d+) (?:passed|failed)(?: \((\d+) steps?\))?`;
    const match = last(
      output,
      new RegExp(`^(?:ok|FAILED) \\| ${counted} \\| ${counted}(?: \\| (\\d+) ignored)?`, "gm"),
    );
    const [passed = 0, passedSteps = 0, failed = 0, failedSteps = 0, ignored = 0] = numbers(match);
    return { passed: passed + passedSteps, failed: failed + failedSteps + ignored };
  },

  /** Of each process. */
  doctest(output) {
    const pattern = /^\[doctest\] test cases: +\d+ \| +(\d+) passed \| +(\d+) failed/gm;
    const counts = [...output.matchAll(pattern)].map(numbers);
    const sum = (column: number) => counts.reduce((total, numbers) => total + (numbers[column] ?? 0), 0);
    return { passed: sum(0), failed: sum(1) };
  },

  closing(output) {
    const [passed = 0, failed = 0] = numbers(last(output, /^(\d+) passed, (\d+) failed$/gm));
    return { passed, failed };
  },
};

function last(output: string, pattern: RegExp): RegExpMatchArray | undefined {
  return [...output.matchAll(pattern)].at(-1);
}

function numbers(match: RegExpMatchArray | undefined): number[] {
  return (match ?? []).slice(1).map((text) => Number(text ?? 0));
}
