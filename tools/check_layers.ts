/** Imports point one way: a room uses only the rooms that are named for it here. */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import ts from "typescript";

import { report, someFiles } from "./files.ts";

const PACKAGES: Record<string, string[]> = {
  contract: [],
  native: ["contract"],
  segment: ["contract", "native"],
  sync: ["contract", "native", "segment"],
  atomics: ["contract"],
  codec: ["contract"],
  memory: ["contract", "native", "segment", "sync"],
  manager: ["contract", "native", "segment", "sync", "memory", "codec"],
  concurrent: ["contract", "native", "segment", "sync", "memory", "codec", "manager"],
  lockstep: ["contract", "native", "segment", "sync", "memory", "manager", "concurrent"],
  testing: ["contract", "native", "segment", "sync", "atomics"], // never shipped, so nothing shipped may use it
};

/** Lowest first. A file of the core, named by its stem, includes headers of its own floor or of lower ones. */
const CORE_FLOORS = [
  ["word", "deadline", "status", "thread", "per_process", "memory_layout", "fresh_memory"],
  ["layout", "futex", "spin", "child"],
  ["segment", "segment_file", "segment_list", "owner", "held_objects"],
  ["bell"],
  ["lock_word", "event_count"],
  ["transaction", "object"],
  ["pages"],
  [
    "heap",
    "stripe",
    "semaphore",
    "bounded_semaphore",
    "condition",
    "condition_queue",
    "event",
    "barrier",
    "barrier_places",
    "rwlock",
  ],
  ["blocks", "slab", "hash", "value", "value_list", "value_objects"],
  ["dict", "dict_index"],
  ["dict_bucket", "dict_time", "dict_condition", "dict_changes"],
  ["dict_entry", "dict_renewal", "dict_index.cpp"],
  ["dict.cpp", "dict_read", "dict_reap", "dict_walk"],
  ["queue", "queue_items", "queue_heap", "queue_holders", "queue_recovery", "queue_sites", "queue_wait"],
  ["storage"],
  ["list"],
  ["list_node"],
  ["list_value"],
  ["list_tree", "list_insert", "list_find"],
  ["list_plan", "list_reap"],
  ["list_hold", "list_read", "list.cpp"],
  ["object_list", "value_objects.cpp"],
  ["reap", "stripe.cpp"],
  ["attachments"],
  ["directory", "directory_names", "held_objects.cpp"],
  ["claim", "memory"],
  ["object.cpp"], // which tells the kinds of objects apart, for the primitives that use object.hpp
  [
    "verify",
    "verify_state",
    "verify_pages",
    "verify_stripes",
    "verify_objects",
    "verify_object",
    "verify_dict",
    "verify_queue",
    "verify_memory",
    "verify_list",
  ],
  ["recovery", "robust_list"],
  ["watcher", "watcher_requests"],
  ["runtime", "bell_thread", "bell_delivery", "bell_listeners"],
  ["parent"],
];

const problems: string[] = [];
let checked = 0;

function packageProblem(file: string, specifier: string): string | undefined {
  const room = file.split("/")[1] ?? "";
  const allowed = PACKAGES[room];
  if (!allowed) return `package ${room} has no place among the layers`;
  if (specifier.startsWith("node:") || specifier.startsWith("#src/")) return undefined;
  if (specifier.startsWith(".")) {
    const inside = join(dirname(file), specifier).startsWith(`packages/${room}/src/`);
    return inside ? undefined : `imports ${specifier}, outside its package`;
  }
  const used = specifier.match(/^@lockstep\/(\w+)(?:\/\w+)?$/)?.[1] ?? "";
  return allowed.includes(used) ? undefined : `imports ${specifier}, but ${room} may use only ${allowed.join(", ")}`;
}

function floorOf(file: string): number {
  const name = basename(file);
  const own = CORE_FLOORS.findIndex((names) => names.includes(name));
  return own >= 0 ? own : CORE_FLOORS.findIndex((names) => names.includes(name.replace(/\.[ch]pp$/, "")));
}

function coreProblem(file: string, header: string): string | undefined {
  if (floorOf(file) < 0) return `core file without a floor`;
  if (/^(napi|node|uv|v8|js_native)/.test(header)) return `includes ${header}: the core knows no runtime`;
  if (!header.endsWith(".hpp")) return undefined; // of the system
  if (floorOf(header) < 0) return `includes ${header}, which has no floor in the core`;
  return floorOf(header) <= floorOf(file) ? undefined : `includes ${header}, which lies above it`;
}

function addonProblem(file: string, header: string): string | undefined {
  if (!header.endsWith(".hpp")) return undefined;
  const found = [join(dirname(file), header), join("native", header)].find((path) => existsSync(path));
  return found?.match(/^native\/(core|addon)\//) ? undefined : `includes ${header}: the addon uses the core and itself`;
}

function importsOf(text: string): string[] {
  return ts.preProcessFile(text).importedFiles.map((imported) => imported.fileName);
}

function includesOf(text: string): string[] {
  return [...text.matchAll(/^#include ["<]([^">]+)[">]/gm)].map(([, header = ""]) => header);
}

type Rule = (file: string, used: string) => string | undefined;

function checkFiles(files: string[], usedBy: (text: string) => string[], rule: Rule): void {
  for (const file of files) {
    for (const used of usedBy(readFileSync(file, "utf8"))) {
      const problem = rule(file, used);
      checked++;
      if (problem) problems.push(`${file}: ${problem}`);
    }
  }
}

checkFiles(someFiles("packages", /^packages\/\w+\/src\/.*\.ts$/), importsOf, packageProblem);
checkFiles(someFiles("native/core", /\.[ch]pp$/), includesOf, coreProblem);
checkFiles(someFiles("native/addon", /\.[ch]pp$/), includesOf, addonProblem);
report("imports", checked, problems);
