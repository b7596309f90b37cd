import { whileLoading } from "./identity.ts";
import { MODULE, nameOfTarget, SOURCE, type Target, WAYS_OUT } from "./task.ts";

/** A task in the thread that runs it. */
export type Runnable = (...args: unknown[]) => unknown;

const MOST_KEPT = 1000;
const kept = new Map<Target, Runnable>();

/** The function of that target; of a module, once that is imported. What the import throws, it rejects with. */
export function load(target: Target): Runnable | Promise<Runnable> {
  return kept.get(target) ?? (target.startsWith(MODULE) ? imported(target) : keep(target, compiled(target)));
}

function keep(target: Target, run: Runnable): Runnable {
  if (kept.size === MOST_KEPT) kept.clear();
  kept.set(target, run);
  return run;
}

async function imported(target: Target): Promise<Runnable> {
  const [name = "", url = ""] = target.slice(MODULE.length).split(/ (.*)/s);
  const module: Record<string, unknown> = await whileLoading(() => import(url));
  const run = module[name];
  if (typeof run === "function") return keep(target, run as Runnable);
  const exported = Object.keys(module).join(", ") || "nothing";
  throw new TypeError(`Cannot run task: ${url} exports no function ${JSON.stringify(name)}; it exports ${exported}`);
}

/** A function of its source: an expression, or else a method as an object literal has it. */
function compiled(target: Target): Runnable {
  const source = target.slice(SOURCE.length);
  const evaluate = globalThis.eval; // in the scope of no function: it sees the globals only
  let run: Runnable;
  try {
    run = evaluate(withName(`(${source}\n)`));
  } catch (error) {
    const asMethod = methodIn(source, evaluate);
    if (asMethod === undefined) throw noFunction(error, target);
    run = asMethod;
  }
  return explaining(run, target);
}

/** esbuild wraps inner functions into calls of `__name` where it keeps names, as it does for tsx. */
function withName(expression: string): string {
  return expression.includes("__name(") ? `((__name) => ${expression})((named) => named)` : expression;
}

function methodIn(source: string, evaluate: typeof globalThis.eval): Runnable | undefined {
  try {
    const holder: Record<string, Runnable> = evaluate(withName(`({${source}\n})`));
    return Object.values(holder).find((value) => typeof value === "function");
  } catch {
    return undefined;
  }
}

/** Of a function that uses `import.meta`, `super` or the private names of a class. */
function noFunction(error: unknown, target: Target): SyntaxError {
  const { message } = error as Error;
  return new SyntaxError(
    `${message}: ${nameOfTarget(target)} was sent as source and is no function by itself, ${WAYS_OUT}`,
    { cause: error },
  );
}

/** Says what is the matter where the function wants something of the place that it was written in. */
function explaining(run: Runnable, target: Target): Runnable {
  return (...args) => {
    try {
      const result = run(...args);
      return isThenable(result) ? Promise.resolve(result).catch((error) => explain(error, target)) : result;
    } catch (error) {
      explain(error, target);
    }
  };
}

function explain(error: unknown, target: Target): never {
  const why = whyOutOfPlace(error);
  if (why === undefined) throw error;
  const { message, constructor } = error as Error;
  const explained = new (constructor as ErrorConstructor)(
    `${message}: ${nameOfTarget(target)} was sent as source and ${why}, ${WAYS_OUT}`,
    { cause: error },
  );
  const { code } = error as { code?: unknown };
  throw code === undefined ? explained : Object.assign(explained, { code });
}

function whyOutOfPlace(error: unknown): string | undefined {
  if (error instanceof ReferenceError) {
    const [, name] = /^(\S+) is not defined$/.exec(error.message) ?? [];
    return name === undefined || name in globalThis ? undefined : "sees nothing of where it was written";
  }
  const isImport = error instanceof Error && (error as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND";
  return isImport ? "imports as from a file of Lockstep" : undefined;
}

/** Whether `await` would wait for it. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  return isObject && typeof (value as { then?: unknown }).then === "function";
}
