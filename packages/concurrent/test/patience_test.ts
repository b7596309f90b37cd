// How long those who wait for each other look before they sleep, in times that are made up.
import { equal, ok } from "node:assert/strict";
import { describe, it } from "node:test";

import { Patience } from "#src/patience.ts";

const MS = 0.001; // between looks
const MOST_MS = 1;

/** How long it looks in a wait of so many milliseconds. */
function wait(patience: Patience, ms: number): number {
  patience.renew(0);
  let now = 0;
  for (; patience.has(now) && now < MOST_MS; now += MS) {
    if (now < ms) continue;
    patience.pays(now);
    return now;
  }
  patience.fails();
  return now;
}

const waits = (patience: Patience, count: number, ms: number): number[] =>
  Array.from({ length: count }, () => wait(patience, ms));
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const looked = (values: readonly number[]): number => values.filter((value) => value > 0).length;

describe("Patience", () => {
  it("looks in each wait that is short", () => {
    equal(looked(waits(new Patience(2), 1000, 0.05)), 1000);
  });

  it("does not give up for some long waits", () => {
    const patience = new Patience(2);
    waits(patience, 20, 10);
    equal(looked(waits(patience, 100, 0.05)), 100);
  });

  it("gives up where waits are long, but for a few probes", () => {
    const patience = new Patience(2);
    waits(patience, 100, 10);
    const probes = waits(patience, 1000, 10);
    ok(looked(probes) >= 30 && looked(probes) <= 32, `${looked(probes)}`);
    ok(sum(probes) < 15, `${sum(probes)} ms`);
  });

  it("finds out that waits are short again", () => {
    const patience = new Patience(2);
    waits(patience, 100, 10);
    waits(patience, 32, 0.05);
    equal(looked(waits(patience, 100, 0.05)), 100);
  });

  it("of two that make each other's waits long by their sleep, one sees it and both look again", () => {
    const sides = [new Patience(2), new Patience(2)] as const;
    for (const side of sides) waits(side, 100, 10);
    const asleep = { 0: true, 1: true };
    let trips = 0;
    for (; trips < 200 && (asleep[0] || asleep[1]); trips++) {
      for (const index of [0, 1] as const) {
        const ms = asleep[index === 0 ? 1 : 0] ? 0.15 : 0.01;
        asleep[index] = wait(sides[index], ms) < ms;
      }
    }
    ok(trips < 100, `${trips} trips`);
  });

  it("wastes little where waits are only a bit too long", () => {
    const patience = new Patience(2);
    waits(patience, 100, 0.3);
    ok(sum(waits(patience, 1000, 0.3)) < 0.15 * 1000 * 0.3);
  });

  it("never looks where there is one processor", () => {
    equal(looked(waits(new Patience(1), 100, 0.05)), 0);
  });
});
