// How long do the import, the first lock and the opening of a named lock take in a new process?
import { execFileSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Segment } from "@lockstep/segment";
import type { Roles } from "./parties.ts";
import { question, TWIN } from "./question.ts";
import { type Reference, type Row, row } from "./rows.ts";
import type { StartUp } from "./start_up_child.ts";

const child: string = fileURLToPath(new URL("./start_up_child.ts", import.meta.url));
const isDeno = process.versions["deno"] !== undefined;

/** As an application runs it: Node loads what was built, Deno the sources. */
function startOnce(specifier: string, ...place: readonly string[]): StartUp {
  const args = [...(isDeno ? ["run", "-A"] : []), child, specifier, ...place];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8", env: environment }));
}

const { NODE_COMPILE_CACHE: _, ...environment } = process.env; // applications have none

interface Figures {
  readonly ours: readonly StartUp[];
  readonly twin: readonly StartUp[];
}

/** Starts of ours and of the twin in turn; ours open a lock by its name, which is there already. */
async function startInTurn(starts: number): Promise<Figures> {
  const { Lock } = await import("@lockstep/sync");
  const segment = Segment.open(`bench-${process.pid}`); // nobody else's, whatever version others use
  const name = "opened by each child";
  const ours: StartUp[] = [];
  const twin: StartUp[] = [];
  try {
    new Lock({ name, segment });
    for (let start = 0; start < starts; start++) {
      ours.push(startOnce("@lockstep/sync", name, segment.name));
      twin.push(startOnce("@lockstep/atomics"));
    }
  } finally {
    segment.unlink();
  }
  return { ours, twin };
}

function rowsOf({ ours, twin }: Figures): Row[] {
  const compare = (title: string, figure: keyof StartUp, beside = true): Row => {
    const reference: Reference = { name: TWIN, rounds: twin.map((each) => each[figure] ?? NaN) };
    const own = ours.map((each) => each[figure] ?? NaN);
    return row({ name: title, unit: "ns", better: "lower" }, own, beside ? reference : undefined);
  };
  return [
    compare("import", "imported"),
    compare("first Lock, made and taken", "first"),
    compare("next Lock, made and taken", "next"),
    compare("segment and a Lock in it, opened by name and taken", "named", false),
  ];
}

export const roles: Roles = {
  run: question(async ({ quick }) => rowsOf(await startInTurn(quick ? 2 : 5))),
};
