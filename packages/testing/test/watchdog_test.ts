import { equal, match, rejects } from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Watchdog } from "#src/watchdog.ts";

const HANG = new URL(import.meta.url.endsWith(".ts") ? "./hang.ts" : "./hang.js", import.meta.url);

describe("Watchdog", () => {
  it("rejects when a scenario never ends", async () => {
    const watchdog = new Watchdog(50);
    await watchdog.watch(() => {});
    await rejects(watchdog.watch(() => new Promise(() => {})), { message: /^Hung/ });
    await watchdog.stop();
  });

  it("rejects with the scenario's own error", async () => {
    const watchdog = new Watchdog();
    await rejects(watchdog.watch(() => Promise.reject(new Error("no"))), { message: "no" });
    await watchdog.stop();
  });

  it("ends the run when a scenario blocks its thread", async () => {
    const child = spawn(process.execPath, [...process.execArgv, fileURLToPath(HANG)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (text) => said += text);
    const signal = await new Promise((resolve) => child.on("close", (_, signal) => resolve(signal)));
    equal(signal, "SIGKILL");
    match(said, /Hung: a scenario has blocked/);
  });
});
