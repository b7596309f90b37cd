// What Python's multiprocessing reaches on this machine: drives python_limits.py in slices between our own.
import { fileURLToPath } from "node:url";
import { CommandServer, type Limits, none } from "./command_server.ts";

export async function startPython(): Promise<Limits> {
  const server = new CommandServer("python3", [fileURLToPath(new URL("./python_limits.py", import.meta.url))]);
  try {
    await server.measure("ready");
  } catch {
    return none("no python3 with multiprocessing");
  }
  return { measure: (command) => server.measure(command), reason: undefined };
}
