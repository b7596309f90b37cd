// How long do the import, the first lock and the opening of a named lock take in a new process?
import { execFileSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Roles } from "./parties.ts";
import { question, TWIN } from "./question.ts";
import { type Reference, type Row, row } from "./rows.ts";
import type { StartUp } from "./start_up_child.ts";

const child: string = fileURLToPath(new URL("./start_up_child.ts", import.meta.url));
const isDeno = process.versions["deno"] !== undefined;

/** As an application runs it: Node loads what was built, Deno the sources. */
function startOnce(specifier: string, name?: string): StartUp {
  const args = [...(isDeno ? ["run", "-A"] : []), child, specifier, ...(name === undefined ? [] : [name])];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", env: environment }));
}

const { NODE_COMPILE_CACHE: _, ...environment } = process.env; // applications have none

interface NamedLock {
  destroy(): void;
}

async function measure(starts: number): Promise<Row[]> {
  const name = `bench-${process.pid}`;
  const { Lock } = await import("@lockstep/sync") as unknown as { Lock: new (options: { name: string }) => NamedLock };
  const lock = new Lock({ name }); // there already when the children open it
  const ours: StartUp[] = [];
  const twin: StartUp[] = [];
  for (let start = 0; start < starts; start++) {
    ours.push(startOnce("@lockstep/sync", name));
    twin.push(startOnce("@lockstep/atomics"));
  }
  lock.destroy();
  const compare = (title: string, figure: keyof StartUp, beside = true): Row => {
    const reference: Reference = { name: TWIN, rounds: twin.map((each) => each[figure] ?? NaN) };
    const own = ours.map((each) => each[figure] ?? NaN);
    return row({ name: title, unit: "ns", better: "lower" }, own, beside ? reference : undefined);
  };
  return [
    compare("import", "imported"),
    compare("first Lock, made and taken", "first"),
    compare("next Lock, made and taken", "next"),
    compare("Lock opened by name and taken", "named", false),
  ];
}

export const roles: Roles = {
  run: question(({ quick }) => measure(quick ? 5 : 15)),
};
