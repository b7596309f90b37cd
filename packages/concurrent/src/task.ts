import { pathToFileURL } from "node:url";

import { show } from "@lockstep/contract";

/**
 * What to run in another thread or process: an exported function of a module, or a function that is sent as its source
 * and sees its arguments and nothing else.
 *
 * `module` is a URL, such as `new URL("./work.ts", import.meta.url)`, as an object or a string, or a path, which is
 * taken relative to the current directory. `name` is `"default"` when absent.
 */
export type Task<A extends readonly unknown[] = never, R = unknown> =
  | { readonly module: string | URL; readonly name?: string | undefined }
  | ((...args: A) => R | PromiseLike<R>);

/** A task as it travels: `source:` and the text of a function, or `module:`, the name, a space and the URL. */
export type Target = string;

/** What a `Target` of a module begins with. */
export const MODULE = "module:";
/** What a `Target` of a function begins with. */
export const SOURCE = "source:";

let last: { task: unknown; target: Target } = { task: undefined, target: "" };

/**
 * The task as it travels.
 * @throws {TypeError} If it is no task, or a function that has no source of its own.
 * @throws {RangeError} If the module is no URL and no path.
 */
export function targetOf(task: unknown, where: string): Target {
  if (typeof task === "function") {
    if (last.task !== task) last = { task, target: sourceOf(task, where) };
    return last.target;
  }
  if (typeof task === "object" && task !== null && "module" in task) return moduleOf(task, where);
  throw new TypeError(
    `Cannot ${where}: a task is a function, or an object { module, name } that names one, got ${show(task)}`,
  );
}

/** What a person calls it. */
export function nameOfTarget(target: Target): string {
  if (target.startsWith(MODULE)) return target.slice(MODULE.length);
  const [, name] = /^source:(?:async\s+)?(?:function\b\s*\*?\s*)?([\w$]+)\s*\(/.exec(target) ?? [];
  return name === undefined || name === "function" || name === "async" ? "a function" : `function ${name}`;
}

function sourceOf(task: object, where: string): Target {
  const source = Function.prototype.toString.call(task);
  if (source.endsWith("{ [native code] }")) {
    throw new TypeError(`Cannot ${where}: a bound or built-in function has no source to send, ${WAYS_OUT}`);
  }
  if (source.startsWith("class") && /^class\b/.test(source)) {
    throw new TypeError(`Cannot ${where}: a class is no function to call`);
  }
  return SOURCE + source;
}

/** What to do about a function that cannot be sent. */
export const WAYS_OUT =
  "so pass it what it needs as arguments, or export it from a module and give { module: new URL(...), name } instead";

function moduleOf({ module, name = "default" }: { module?: unknown; name?: unknown }, where: string): Target {
  if (typeof name !== "string" || name === "") {
    throw new TypeError(`Cannot ${where}: name must be that of an export, got ${show(name)}`);
  }
  if (module instanceof URL) return `${MODULE}${name} ${module.href}`;
  if (typeof module !== "string") {
    throw new TypeError(`Cannot ${where}: module must be a URL or the path of a file, got ${show(module)}`);
  }
  if (/^[a-z][a-z+.-]+:/i.test(module)) return `${MODULE}${name} ${module}`;
  if (/^\.{0,2}\//.test(module)) return `${MODULE}${name} ${pathToFileURL(module).href}`;
  const shown = show(module);
  throw new RangeError(
    `Cannot ${where}: module must be a URL or begin with "/", "./" or "../", got ${shown}; ` +
      `new URL(${shown}, import.meta.url) is the file beside yours, import.meta.resolve(${shown}) a package`,
  );
}
