import { deepEqual, equal, ok } from "node:assert/strict";
import { describe } from "node:test";
import { attach, Manager } from "@lockstep/manager";
import { SharedArray, SharedMemory, SharedValue } from "@lockstep/memory";
import { it } from "@lockstep/testing";
import { start } from "./child.ts";
import { ownSegment } from "./place.ts";

const segment = ownSegment("memory");
const manager = Manager.open(segment.name);

describe("Manager", () => {
  it("makes and finds memory, arrays and values", () => {
    const memory = manager.memory("bytes", 100);
    const array = manager.array("numbers", "f64", [1, 2, 3]);
    const value = manager.value("count", "i64", 5n);
    equal(manager.memory("bytes", 100).buffer, memory.buffer);
    equal(manager.array("numbers", "f64", 3).view, array.view);
    equal(manager.value("count", "i64").value, value.value);
    ok(manager.array(undefined, "f64", 3).view !== array.view);
  });
});

describe("Memory, arrays and values", () => {
  const memory = manager.memory(undefined, 100);
  const array = manager.array(undefined, "i32", [1, 2, 3]);
  const value = manager.value(undefined, "f64", 1.5);

  it("arrive as the same objects when they are stored in a dict", () => {
    const dict = manager.dict("objects");
    dict.set("all", { memory, array, value });
    const found = dict.get("all") as { memory: SharedMemory; array: SharedArray<"i32">; value: SharedValue<"f64"> };
    ok(
      found.memory instanceof SharedMemory && found.array instanceof SharedArray && found.value instanceof SharedValue,
    );
    equal(found.memory.buffer, memory.buffer);
    equal(found.array.view, array.view);
    equal(found.value.add(1), 2.5);
    equal(value.value, 2.5);
  });

  it("are attached by their handles", () => {
    for (const object of [memory, array, value]) {
      const attached = attach(object.handle) as SharedMemory | SharedArray | SharedValue;
      equal(attached.constructor, object.constructor);
      equal(attached.handle, object.handle);
    }
  });

  it("go from one process to another in a dict", async () => {
    manager.dict("objects").set("array", array);
    equal(await start("process", "memory_main", [segment.name]).ended, "exit 0");
    deepEqual([...array], [10, 20, 30]);
  });
});
