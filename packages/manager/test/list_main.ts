// What one of several participants does with the list of a test: `<segment> <task> [arguments]`.
import { deepStrictEqual, equal } from "node:assert/strict";
import process from "node:process";
import { SegmentFullError } from "@lockstep/contract";
import { SharedList } from "@lockstep/manager";
import { Barrier } from "@lockstep/sync";
import { VALUES } from "./samples.ts";
import { checkWhole, whole } from "./whole.ts";

type Task = (...args: string[]) => void;

/** How many elements come together, and go together. */
const GROUP = 50;

const [, , segment = "", task = "", ...args] = process.argv;
const list = new SharedList<unknown>({ name: "list", segment });

function meet(parties: string): void {
  new Barrier(Number(parties), { name: `start of ${parties}`, segment }).waitSync();
}

/** Elements side by side are of one group, all of it. */
function checkGroups(elements: readonly unknown[]): void {
  equal(elements.length % GROUP, 0);
  elements.forEach((element, index) => deepStrictEqual(element, elements[index - index % GROUP]));
}

const tasks: Record<string, Task> = {
  push(parties = "", times = "", me = "") {
    meet(parties);
    for (let index = 0; index < Number(times); index++) {
      if (index % 3 === 0) list.unshift(`${me} ${index}`);
      else if (index % 3 === 1) list.push(`${me} ${index}`);
      else list.insert(list.length >> 1, `${me} ${index}`);
    }
  },

  /** Takes elements as long as there are any, and says what it has taken. */
  take(parties = "", me = "") {
    meet(parties);
    const taken: unknown[] = [];
    for (let element = list.pop(); element !== undefined; element = list.length % 2 === 0 ? list.shift() : list.pop()) {
      taken.push(element);
    }
    new SharedList<unknown>({ name: `taken by ${me}`, segment }).extend(taken);
  },

  write() {
    list.extend(Object.values(VALUES).map((make) => make()));
  },

  compare() {
    for (const [index, make] of Object.values(VALUES).entries()) {
      deepStrictEqual(list.at(index), structuredClone(make()), Object.keys(VALUES)[index]);
    }
    deepStrictEqual(list.length, Object.keys(VALUES).length);
  },

  /** Changes the list in every way until it is killed; all that it finds must be whole. */
  storm() {
    console.log("begins");
    for (let index = 0;; index++) {
      try {
        stormOnce(index);
      } catch (error) {
        if (!(error instanceof SegmentFullError)) throw error;
        list.clear();
      }
    }
  },
};

// In front, at the end, or in place of all: where it is sure that no group is broken.
function stormOnce(index: number): void {
  const group = new Array<unknown>(GROUP).fill(index % 8 === 0 ? whole(index % 20) : index);
  if (index % 4 === 0) list.push(...group);
  if (index % 4 === 1) list.unshift(...group);
  if (index % 4 === 2) checkGroups(list.splice(0, GROUP, ...group));
  if (index % 4 === 3) checkGroups(list.splice(-GROUP, GROUP));
  if (index % 10 === 0) list.reverse();
  if (index % 20 === 0) checkGroups(list.toArray());
  if (index % 100 === 99) list.clear();
  checkWhole(list.at(-1));
  equal(list.length % GROUP, 0);
}

tasks[task]!(...args);
