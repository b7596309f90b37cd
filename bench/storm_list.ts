// The list of a storm: whole values and, in anonymous dicts that only its elements name, others.
import { SharedDict, type SharedList } from "@lockstep/manager";
import type { Semaphore } from "@lockstep/sync";

/** The list, and the semaphores that count what came and went. */
export interface ListOfStorm {
  readonly segment: string;
  readonly list: SharedList<unknown>;
  readonly listGrown: Semaphore;
  readonly listShrunk: Semaphore;
}

const MANY_ELEMENTS = 2000;
const MOST_AT_ONCE = 50;
export const below = (bound: number): number => Math.floor(Math.random() * bound);

/** A value of which no half could pass for a whole one. */
export const whole = (seed: number): [number, string, number] => [seed, "w".repeat(seed % 700), -seed];

export function isWhole(value: unknown): boolean {
  if (value === undefined) return true;
  const [seed, text, minus] = value as [number, string, number];
  return minus === -seed && text === "w".repeat(seed % 700);
}

/** The same of an element, which is let go of. */
function isWholeElement(element: unknown): boolean {
  if (!(element instanceof SharedDict)) return isWhole(element);
  using inner = element;
  return inner.has("whole") && isWhole(inner.get("whole"));
}

function makeElement(segment: string, seed: number): unknown {
  if (below(4) > 0) return whole(seed);
  const inner = new SharedDict<unknown>({ segment });
  inner.set("whole", whole(seed));
  return inner;
}

/** In the middle and at the ends, one or several at once; its length is what was put in less what was taken. */
export function changeList(storm: ListOfStorm, { report }: { report(violation: string): void }): void {
  const { list, listShrunk } = storm;
  if (list.length < MANY_ELEMENTS) growList(storm);
  const taken = below(2) === 0
    ? list.splice(below(100), below(MOST_AT_ONCE))
    : below(2) === 0
    ? [list.pop()]
    : [list.shift()];
  const real = taken.filter((element) => element !== undefined);
  if (real.length > 0) listShrunk.release(real.length);
  const areWhole = [...real, list.at(below(50))].map(isWholeElement);
  if (areWhole.includes(false)) report("an element of the list is not whole");
  if (below(20) === 0) list.reverse();
}

function growList({ segment, list, listGrown }: ListOfStorm): void {
  const element = makeElement(segment, below(10_000));
  const count = below(2) === 0 ? 1 : MOST_AT_ONCE;
  if (count > 1) list.splice(below(100), 0, ...Array.from({ length: count }, () => element));
  else if (below(2) === 0) list.push(element);
  else list.unshift(element);
  listGrown.release(count);
  if (element instanceof SharedDict) element[Symbol.dispose]();
}

/** All being at rest: what is wrong, when so many threads have died. */
export function auditList({ list, listGrown, listShrunk }: ListOfStorm, deaths: number): string[] {
  const extra = list.length - (listGrown.value - listShrunk.value);
  const wrong = Math.abs(extra) > deaths * MOST_AT_ONCE
    ? [`list: ${extra} elements too many, ${deaths} threads died`]
    : [];
  const areWhole = list.toArray().map(isWholeElement);
  return areWhole.includes(false) ? [...wrong, "list: not all elements are whole"] : wrong;
}
