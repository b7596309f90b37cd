// One row of the printed table and of results.json.
import { pairwise, summarise, type Summary } from "./statistics.ts";

export type Better = "lower" | "higher";

/** What a figure has to reach: `limit` binds our own figure or its ratio to the reference. */
export interface Target {
  readonly of: "ours" | "ratio";
  readonly limit: number;
}

/** What is compared: how it is called, in which unit, which direction is good and what has to be reached. */
export interface Subject {
  readonly name: string;
  readonly unit: string;
  readonly better: Better;
  readonly target?: Target | undefined;
  readonly note?: string | undefined;
}

export interface Row extends Subject {
  readonly ours?: Summary;
  readonly reference?: { readonly name: string; readonly value: Summary };
  /** Ours divided by the reference, round by round. */
  readonly ratio?: Summary;
  readonly met?: boolean;
  /** Should have been measured but was not; `note` says what happened. */
  readonly failed?: true;
}

/** Measurements of a reference; `rounds` is missing where it could not run here, and `reason` says why. */
export interface Reference {
  readonly name: string;
  readonly rounds?: readonly number[] | undefined;
  readonly reason?: string | undefined;
}

/** A row of our rounds beside the reference's; rounds of one index were measured side by side. */
export function row(subject: Subject, ours: readonly number[], reference?: Reference): Row {
  const own = summarise(ours);
  if (reference === undefined) return judge({ ...subject, ours: own });
  if (reference.rounds === undefined || reference.rounds.length === 0) {
    const reason = `${reference.name}: ${reference.reason ?? "not measured"}`;
    return judge({ ...subject, ours: own, note: subject.note === undefined ? reason : `${subject.note}; ${reason}` });
  }
  const value = summarise(reference.rounds);
  const ratio = summarise(pairwise(ours, reference.rounds));
  return judge({ ...subject, ours: own, reference: { name: reference.name, value }, ratio });
}

/** A row that holds one number which is no median, such as a worst case, and perhaps that of a reference. */
export function single(subject: Subject, value: number, reference?: { name: string; value: number }): Row {
  const ours = summarise([value]);
  if (reference === undefined) return judge({ ...subject, ours });
  const ratio = summarise([value / reference.value]);
  return judge({ ...subject, ours, reference: { name: reference.name, value: summarise([reference.value]) }, ratio });
}

/** A row for what cannot be measured here. */
export function missing(name: string, reason: string): Row {
  return { name, unit: "", better: "lower", note: reason };
}

/** A row for what should have been measured; the first line of the error is its note. */
export function failure(name: string, error: unknown): Row {
  const message = error instanceof Error ? error.message : String(error);
  return { ...missing(name, message.split("\n")[0] ?? ""), failed: true };
}

function judge(row: Row): Row {
  const { target } = row;
  const figure = target?.of === "ratio" ? row.ratio : row.ours;
  if (target === undefined || figure === undefined) return row;
  const met = row.better === "lower" ? figure.median <= target.limit : figure.median >= target.limit;
  return { ...row, met };
}
