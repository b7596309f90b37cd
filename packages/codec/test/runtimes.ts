// Programs of this folder, run by each runtime that reads and writes values.
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

export const RUNTIMES = ["node20", "node22", "node24", "node26", "deno"] as const;
export type Runtime = typeof RUNTIMES[number];

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const LIMIT_MS = 60_000; // ends what hangs; judges no speed
const MODULES = ["--conditions=@lockstep/modules"];
const FLAGS: Record<Runtime, readonly string[]> = {
  node20: MODULES,
  node22: MODULES,
  node24: MODULES,
  node26: MODULES,
  deno: ["run", "--quiet", "--no-check", "--allow-all"],
};

/** Gives the program its input and resolves with its output; rejects if it fails. */
export function runIn(runtime: Runtime, stem: string, input: string): Promise<string> {
  const file = runtime === "deno" ? `test/${stem}.ts` : `dist-test/${stem}.js`;
  const command = [`${ROOT}tools/runtimes.sh`, runtime, ...FLAGS[runtime], `${ROOT}packages/codec/${file}`];
  const child = spawn("sh", command, {
    cwd: ROOT,
    env: { ...process.env, NODE_OPTIONS: "" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const watchdog = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  let output = "";
  child.stdout.on("data", (data) => output += data);
  child.stdin.on("error", () => {}); // it may fail before it has read all
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(watchdog);
      if (code === 0) resolve(output);
      else reject(new Error(`${runtime} ${file}: ${signal ?? `exit ${code}`}`));
    });
  });
}
