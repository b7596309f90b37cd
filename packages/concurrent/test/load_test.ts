import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { isLoading } from "#src/identity.ts";
import { load, type Runnable } from "#src/load.ts";
import { targetOf } from "#src/task.ts";

const loaded = async (task: unknown): Promise<Runnable> => await load(targetOf(task, "test"));
const run = async (task: unknown, ...args: unknown[]): Promise<unknown> => await (await loaded(task))(...args);
const BOTH_WAYS_OUT = /pass it what it needs as arguments, or export it from a module and give \{ module/;
// As text, so that no compiler makes something else of the import.
const importing = new Function("return import('./no_such_file.mjs')") as () => unknown;

describe("a function that is sent as source", () => {
  it("runs: arrow functions, functions, methods, async ones", async () => {
    const methods = {
      add(a: number, b: number) {
        return a + b;
      },
      async later(a: number) {
        return await Promise.resolve(a);
      },
    };
    assert.equal(await run((a: number, b: number) => a + b, 1, 2), 3);
    assert.equal(await run(methods.add, 1, 2), 3);
    assert.equal(await run(methods.later, 1), 1);
    assert.equal(
      await run(async function named(a: number) {
        return await Promise.resolve(a);
      }, 1),
      1,
    );
  });

  it("runs as tsx has compiled it, with its calls of a helper that is elsewhere", async () => {
    const compile = (source: string): unknown => new Function("__name", `return ${source}`)((named: unknown) => named);
    assert.equal(await run(compile('(n) => { const twice = __name((n) => 2 * n, "twice"); return twice(n); }'), 3), 6);
    assert.equal(await run(compile('({ f(n) { return __name((n) => 2 * n, "twice")(n); } }).f'), 3), 6);
  });

  const cases: [string, () => unknown, ErrorConstructor, RegExp][] = [
    ["wants a variable of where it was written", () => cases, ReferenceError, /^cases is not defined: a function /],
    ["wants that behind an await", async () => await Promise.resolve() ?? cases, ReferenceError, /^cases is not def/],
    ["uses import.meta", () => import.meta.url, SyntaxError, /import\.meta.*: a function .* no function by itself/],
    ["imports what is not there", importing, Error, /as from a file of Lockstep/],
  ];
  for (const [title, task, errorClass, message] of cases) {
    it(`${title}: the error says what to do`, async () => {
      await assert.rejects(() => run(task), (error: Error) => {
        assert.ok(error instanceof errorClass);
        assert.match(error.message, message);
        assert.match(error.message, BOTH_WAYS_OUT);
        assert.ok(error.cause instanceof Error);
        return true;
      });
    });
  }

  it("keeps the code of an import that fails", async () => {
    await assert.rejects(() => run(importing), { code: "ERR_MODULE_NOT_FOUND" });
  });

  it("throws its own errors as they are", async () => {
    const mine = await run(() => Object.assign(new Error("mine"), { code: "MINE" })) as Error;
    const rethrow = (error: Error) => {
      throw error;
    };
    await assert.rejects(() => run(rethrow, mine), (error) => error === mine);
  });
});

describe("an exported function", () => {
  it("is imported while the thread knows that it loads, so that nothing can start itself without end", async () => {
    Object.assign(globalThis, { isLoadingInTest: isLoading });
    const source = "const seen = isLoadingInTest(); export default () => seen;";
    assert.equal(await run({ module: `data:text/javascript,${encodeURIComponent(source)}` }), true);
    assert.equal(isLoading(), false);
  });

  it("that is not there: the error says what is", async () => {
    const module = `data:text/javascript,${encodeURIComponent("export const a = 1; export function b() {}")}`;
    await assert.rejects(() => run({ module, name: "c" }), { name: "TypeError", message: /no function "c".* a, b$/ });
  });

  it("of a module that is no URL: the error says how to make one", () => {
    const message = /got "work\.mjs"; new URL\("work\.mjs", import\.meta\.url\) is the file beside yours/;
    assert.throws(() => targetOf({ module: "work.mjs" }, "test"), { name: "RangeError", message });
  });
});
