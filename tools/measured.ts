/** A function as check_size sees it. */
export interface Measured {
  name: string;
  line: number;
  /** Lines that hold code, the signature included. */
  lines: number;
  parameters: number;
  /** How many control statements stand inside each other; `else if` goes no deeper. */
  nesting: number;
}

/** How many of the lines first..last hold code. */
export function countLines(codeLines: ReadonlySet<number>, first: number, last: number): number {
  let count = 0;
  for (let line = first; line <= last; line++) {
    if (codeLines.has(line)) count++;
  }
  return count;
}
