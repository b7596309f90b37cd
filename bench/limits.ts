// What C reaches on this machine: compiles limits.cpp once and drives it in slices between our own.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { CommandServer, type Limits, none } from "./command_server.ts";

const sources = ["./limits.cpp", "./limits.hpp"].map((file) => fileURLToPath(new URL(file, import.meta.url)));
const folder: string = fileURLToPath(new URL("../build/bench", import.meta.url));
const program = `${folder}/limits`;

export function startLimits(): Limits {
  const reason = compile();
  if (reason !== undefined) return none(reason);
  const server = new CommandServer(program);
  return { measure: (command) => server.measure(command), reason: undefined };
}

/** Returns why it could not compile. */
export function compile(): string | undefined {
  const newest = Math.max(...sources.map((file) => statSync(file).mtimeMs));
  if (existsSync(program) && statSync(program).mtimeMs >= newest) return undefined;
  mkdirSync(folder, { recursive: true });
  const result = spawnSync("g++", ["-O2", "-std=c++20", "-pthread", "-o", program, ...sources.slice(0, 1)], {
    encoding: "utf8",
  });
  if (result.error !== undefined) return "g++ is not installed";
  return result.status === 0 ? undefined : `g++ failed: ${result.stderr.split("\n")[0]}`;
}
