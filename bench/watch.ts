// Who owes an answer: so that a question that hangs can say for whom it waits.
import { readFileSync } from "node:fs";
import { now } from "./clock.ts";

/** Somebody who was asked something and has not answered yet. */
interface Debt {
  readonly who: string;
  readonly pid: number | undefined;
  readonly asked: string;
  readonly since: number;
}

const debts = new Set<Debt>();

/** Passes the answer on, and remembers until then who owes it. */
export async function owe<T>(who: string, pid: number | undefined, asked: unknown, answer: Promise<T>): Promise<T> {
  const debt: Debt = { who, pid, asked: inShort(asked), since: now() };
  debts.add(debt);
  try {
    return await answer;
  } finally {
    debts.delete(debt);
  }
}

/** The result of the work, or an error that names everybody who owes an answer when the limit has passed. */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const bark = () => reject(new Error(`not finished after ${milliseconds / 1000} s; ${describeDebts()}`));
    watchdog = setTimeout(bark, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(watchdog);
  }
}

function describeDebts(): string {
  if (debts.size === 0) return "nobody owes an answer";
  const all = [...debts].map(({ who, pid, asked, since }) => {
    const seconds = ((now() - since) / 1000).toFixed(1);
    return `${who}, asked for ${asked}, has owed its answer for ${seconds} s${stateOf(pid)}`;
  });
  return all.join("; ");
}

/** What was asked, on one line. */
export function inShort(asked: unknown): string {
  const text = typeof asked === "string" ? asked : JSON.stringify(asked) ?? "its result";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** What the kernel says that the process does, such as ", S (sleeping)". */
function stateOf(pid: number | undefined): string {
  if (pid === undefined) return "";
  try {
    return `, ${/^State:\s*(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]}`;
  } catch {
    return ", its process is gone";
  }
}
