// Stops a process without its knowing, as a debugger or an overloaded machine does.
import { readFileSync } from "node:fs";
import process from "node:process";
import type { Peer } from "../peer.ts";
import { until } from "../scene.ts";

/** Resolves when every step of the process has come to a halt. */
export async function stopped(peer: Peer): Promise<void> {
  process.kill(peer.pid!, "SIGSTOP");
  await until(() => /^State:\s+T/m.test(readFileSync(`${peer.thread}/status`, "utf8")));
}
