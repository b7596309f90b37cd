// What one of several does with the dict of a test about watching: `<segment> <task> [arguments]`.
import process from "node:process";
import { SharedDict } from "@lockstep/manager";

const [, , segment = "", task = "", count = ""] = process.argv;
const dict = new SharedDict<unknown>({ name: "watched", segment });

const tasks: Record<string, () => void | Promise<void>> = {
  /** Mirrors the dict until it hears of the end, and then says what it has. */
  async mirror() {
    const mirror = new Map<unknown, unknown>();
    const changes = dict.watch();
    console.log("watches");
    for await (const change of changes) {
      if (change.type === "set") mirror.set(change.key, change.value);
      if (change.type === "delete") mirror.delete(change.key);
      if (change.type === "reset") {
        mirror.clear();
        for (const [key, value] of dict) mirror.set(key, value);
      }
      if (mirror.has("end")) break;
    }
    console.log(JSON.stringify([...mirror].sort()));
  },

  write() {
    for (let index = 0; index < Number(count); index++) {
      const key = `key ${index % 37}`;
      if (index % 5 === 0) dict.delete(key);
      else if (index % 7 === 0) dict.increment("number");
      else dict.set(key, index);
    }
  },

  /** Changes it until it is killed. */
  storm() {
    console.log("begins");
    for (let index = 0;; index++) dict.set(`key ${index % 37}`, index);
  },

  /** Watches, and awaits nothing. */
  idle() {
    dict.watch();
  },
};

await tasks[task]!();
