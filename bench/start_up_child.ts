// Runs alone in a fresh process: measures its own import and first use, and prints them as JSON in nanoseconds.
import process from "node:process";
import { now } from "./clock.ts";

interface Lock {
  acquireSync(): { release(): void };
}

interface Imported {
  readonly Lock: new (options?: { name: string; segment: string | undefined }) => Lock;
}

export interface StartUp {
  readonly imported: number;
  readonly first: number;
  readonly next: number;
  readonly named?: number;
}

const [specifier = "", name, segment] = process.argv.slice(2);

function take(lock: Lock): void {
  lock.acquireSync().release();
}

const start = now();
const { Lock }: Imported = await import(specifier);
const imported = now();
take(new Lock());
const first = now();
take(new Lock());
const next = now();
if (name !== undefined) take(new Lock({ name, segment }));
const named = now();

const result: StartUp = {
  imported: (imported - start) * 1e6,
  first: (first - imported) * 1e6,
  next: (next - first) * 1e6,
  ...(name === undefined ? {} : { named: (named - next) * 1e6 }),
};
console.log(JSON.stringify(result));
