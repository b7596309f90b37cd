// Every test of this folder ends with a look at the segments that it has used, and that look sees what is wrong.
import { equal, match, throws } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { it as plainIt } from "node:test";
import { SharedDict } from "@lockstep/manager";
import { SegmentState } from "@lockstep/segment";
import { checkSegments, it } from "@lockstep/testing";
import { ownSegment } from "./place.ts";

const OBJECT_COUNT = 12; // word of the header: see docs/memory-format.md

it("verify() counts what is there", () => {
  const segment = ownSegment("sound");
  equal(segment.verify().objects, 0);
  const dict = new SharedDict<unknown>({ name: "dict", segment });
  for (let index = 0; index < 1000; index++) dict.set(index, "x".repeat(index));
  const { findings, objects, containers, entries, blocks, used, free, tables, reserved } = segment.verify();
  equal(findings.join("\n"), "");
  equal(`${objects} ${containers} ${entries}`, "1 1 1000");
  equal(blocks > 1000, true);
  equal(used + free + tables, reserved);
  const stats = segment.stats();
  equal(`${used} ${reserved}`, `${stats.used} ${stats.reserved}`);
});

it("a wrong word fails the test that ends with it", () => {
  const segment = ownSegment("broken");
  const state = SegmentState.joined().find(({ name }) => name === segment.name)!;
  const words = state.words(0)!;
  words[OBJECT_COUNT]! += 3;
  match(segment.verify().findings.join("\n"), /^0 objects, 3 counted$/);
  throws(checkSegments, { message: /is not sound:\n0 objects, 3 counted$/ });
  words[OBJECT_COUNT]! -= 3;
});

plainIt("no test of this folder is without it", () => {
  const folder = new URL(".", import.meta.url);
  const tests = readdirSync(folder).filter((file) => /_test\.[jt]s$/.test(file) && !file.startsWith("sound_test"));
  equal(tests.length > 5, true);
  for (const file of tests) {
    const text = readFileSync(new URL(file, folder), "utf8");
    match(text, /import \{[^}]*\bit\b[^}]*\} from "@lockstep\/testing"/, file);
    equal(/import \{[^}]*\b(it|test)\b[^}]*\} from "node:test"/.test(text), false, file);
  }
});
