// What Python's multiprocessing reaches on this machine: drives python_limits.py in slices between our own.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { CommandServer, type Limits, none } from "./command_server.ts";

export function startPython(): Limits {
  if (spawnSync("python3", ["-c", "import multiprocessing.synchronize"]).status !== 0) return none("no python3");
  const server = new CommandServer("python3", [fileURLToPath(new URL("./python_limits.py", import.meta.url))]);
  return { measure: (command) => server.measure(command), reason: undefined, end: () => server.end() };
}
