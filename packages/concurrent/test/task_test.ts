// What a task may be, how it travels, and what it says when it cannot.
import { deepStrictEqual, equal, match, rejects, throws } from "node:assert/strict";
import { relative } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

import { Process, type Task, Thread } from "@lockstep/concurrent";
import { Queue } from "@lockstep/manager";
import { load, type Runnable } from "#src/load.ts";
import { nameOfTarget, targetOf } from "#src/task.ts";

import { PATIENCE } from "./party_cases.ts";
import { runProgram } from "./program.ts";
import { moduleBeside, target } from "./targets.ts";

const WHERE = "try a task";

/** What a child would run. */
function travelled(task: unknown): Runnable | Promise<Runnable> {
  return load(targetOf(task, WHERE));
}

/** What comes of it in a child. */
async function result(task: unknown, ...args: unknown[]): Promise<unknown> {
  return await (await travelled(task))(...args);
}

const holder = {
  method(a: number) {
    return a + 1;
  },
  async later(a: number) {
    await undefined;
    return a + 2;
  },
  "with a name"(a: number) {
    return a + 3;
  },
  [`computed`](a: number) {
    return a + 4;
  },
};

class Holder {
  static double(a: number): number {
    return a * 2;
  }
  triple(a: number): number {
    return a * 3;
  }
}

describe("a function as a task", () => {
  const outer = 5;
  function usesOuter(a: number): number {
    return a + outer;
  }
  async function usesOuterLater(): Promise<number> {
    await undefined;
    return outer;
  }

  it("is an arrow, a function or a method, async or not", async () => {
    const tasks: [unknown, number][] = [
      [(a: number) => a + 1, 8],
      [(a: number) => ({ a }).a, 7],
      [async (a: number) => await Promise.resolve(a), 7],
      [function (a: number) {
        return a - 1;
      }, 6],
      [function named(a: number): number {
        return a === 0 ? 0 : named(a - 1);
      }, 0],
      [async function (a: number) {
        return await a;
      }, 7],
      [holder.method, 8],
      [holder.later, 9],
      [holder["with a name"], 10],
      [holder["computed"], 11],
      [Holder.double, 14],
      [new Holder().triple, 21],
      [({ length }: { length: number } = { length: 3 }, ...rest: number[]) => (length ?? 0) + rest.length, 0],
    ];
    for (const [task, expected] of tasks) equal(await result(task, 7), expected, String(task));
  });

  it("sees nothing of where it was written: the error shows both ways out", async () => {
    const waysOut = (name: string) => ({
      name: "ReferenceError",
      message: new RegExp(
        `^outer is not defined: ${name} was sent as source .*as arguments, or export it from a module and give { module`,
      ),
    });
    throws(() => (travelled(usesOuter) as Runnable)(1), waysOut("function usesOuter"));
    await rejects(result(usesOuterLater), waysOut("function usesOuterLater"));
    await rejects(result(() => outer), waysOut("a function"));
  });

  it("keeps errors that are not about that", async () => {
    const own = () => {
      throw new ReferenceError("of its own");
    };
    await rejects(result(own), { message: "of its own" });
    await rejects(result(() => Promise.reject(new TypeError("later"))), { message: "later" });
  });

  it("has a name for messages", () => {
    const names = [
      usesOuter,
      usesOuterLater,
      holder.method,
      holder.later,
      () => 1,
      async () => await 1,
      function () {},
    ];
    deepStrictEqual(names.map((task) => nameOfTarget(targetOf(task, WHERE))), [
      "function usesOuter",
      "function usesOuterLater",
      "function method",
      "function later",
      "a function",
      "a function",
      "a function",
    ]);
  });

  it("is refused where it has no source, or is a class", () => {
    for (const task of [usesOuter.bind(null), Math.max, Array.prototype.map]) {
      throws(() => targetOf(task, WHERE), {
        name: "TypeError",
        message: /a bound or built-in function has no source to send, so pass it .* or export it from a module/,
      });
    }
    throws(() => targetOf(Holder, WHERE), { name: "TypeError", message: /a class is no function to call/ });
  });
});

describe("a module as a task", () => {
  const path = fileURLToPath(moduleBeside("targets"));

  it("is a URL, the text of one, or a path, absolute or relative to the current directory", () => {
    const { href } = moduleBeside("targets");
    const below = relative(process.cwd(), path);
    const forms = [new URL(href), href, path, below.startsWith("..") ? below : `./${below}`];
    for (const module of forms) equal(targetOf({ module, name: "put" }, WHERE), `module:put ${href}`);
    equal(targetOf({ module: href }, WHERE), `module:default ${href}`);
    equal(nameOfTarget(targetOf({ module: href }, WHERE)), `default ${href}`);
  });

  it("is refused as a package, and with what is no name", () => {
    throws(() => targetOf({ module: "lockstep" }, WHERE), {
      name: "RangeError",
      message: /begin with "\/", ".\/" or "..\/", got "lockstep"; .*import.meta.resolve\("lockstep"\) a package/,
    });
    throws(() => targetOf({ module: "" }, WHERE), RangeError);
    for (const module of [undefined, 5, null]) {
      throws(() => targetOf({ module }, WHERE), { name: "TypeError", message: /module must be a URL or the path/ });
    }
    for (const name of ["", 5, null]) {
      throws(() => targetOf({ module: path, name }, WHERE), { name: "TypeError", message: /name must be that of an/ });
    }
    for (const task of [undefined, null, 5, "work", {}]) {
      throws(() => targetOf(task, WHERE), { name: "TypeError", message: /a task is a function, or an object/ });
    }
  });

  it("says what a module exports that has no such function", async () => {
    await rejects(result(target("missing")), {
      name: "TypeError",
      message: /targets\.[jt]s exports no function "missing"; it exports .*put/,
    });
  });

  it("rejects with what the import throws", async () => {
    const module = moduleBeside("throwing_module");
    await rejects(result({ module, name: "never" }), { name: "RangeError", message: "this module is of no use" });
    await rejects(result({ module: "./there/is/none.ts" }), (error) => error instanceof Error);
  });
});

describe("a child", () => {
  for (const [kind, Party] of [["process", Process], ["thread", Thread]] as const) {
    it(`gets every form of a task: ${kind}`, async () => {
      const queue = new Queue<unknown>();
      const tasks: Task<never>[] = [
        (queue: Queue<unknown>) => queue.putSync("function"),
        { module: moduleBeside("targets").href },
        target("put"),
      ];
      const started = tasks.map((task) => new Party(task as Task<readonly unknown[]>, { args: [queue] }).start());
      for (const party of started) await party.join(PATIENCE);
      deepStrictEqual(started.map(({ exitCode }) => exitCode), [0, 0, 0]);
      const seen = tasks.map(() => JSON.stringify(queue.getSync(PATIENCE)));
      deepStrictEqual(seen.sort(), ['"default"', '"function"', "[]"]);
    });
  }

  it("says on stderr what is wrong with its task, and ends with 1", async () => {
    const { stdout, stderr, ending } = await runProgram("parent_main", ["wrongTasks"]);
    equal(ending, "exit 0");
    match(stdout, /^exit codes 1 1 1$/m);
    match(stderr, /^Process Process-1 \(pid \d+\):\nReferenceError: outer is not defined: .*export it from a module/m);
    match(stderr, /^Process Process-2 \(pid \d+\):\nTypeError: .* exports no function "missing"/m);
    match(stderr, /^Process Process-3 \(pid \d+\):\nRangeError: this module is of no use/m);
  });
});
