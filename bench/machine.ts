// What the figures were measured on.
import { execFileSync, spawnSync } from "node:child_process";
import { cpus, loadavg, release, totalmem, type } from "node:os";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import process from "node:process";

export interface Machine {
  readonly date: string;
  readonly runtime: string;
  readonly v8: string;
  readonly cpu: string;
  readonly cpus: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly lockstep: string;
  /** Of npm, with their versions: those that are compared, and the one that times the short calls. */
  readonly packages: string;
  readonly compiler: string;
  readonly python: string;
  /** Runnable threads of the whole machine over the minute before; near 0 when nothing else ran. */
  readonly loadBefore: number;
}

const PACKAGES = ["tinybench", "fs-native-extensions", "proper-lockfile", "atomics-sync"];

export function describeMachine(): Machine {
  const deno = process.versions["deno"];
  return {
    date: new Date().toISOString(),
    runtime: deno === undefined ? `Node ${process.versions.node}` : `Deno ${deno}`,
    v8: process.versions.v8,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cpus: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
    lockstep: versionOf("@lockstep/sync"),
    packages: PACKAGES.map((name) => `${name} ${versionOf(name)}`).join(", "),
    compiler: firstLine("g++", ["--version"]),
    python: firstLine("python3", ["--version"]),
    loadBefore: loadavg()[0] ?? 0,
  };
}

function versionOf(name: string): string {
  const manifest = new URL(`../node_modules/${name}/package.json`, import.meta.url);
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")).version : "not installed";
}

function firstLine(command: string, args: string[]): string {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).split("\n")[0] ?? "";
  } catch {
    return "none";
  }
}

/** Keeps all threads of this process on one CPU; false where `taskset` is missing or refuses. */
export function pinProcess(cpu: number): boolean {
  return taskset(["-a", "-c", "-p", String(cpu), String(process.pid)]);
}

/** Keeps the calling thread alone on one CPU. */
export function pinThread(cpu: number): boolean {
  const thread = readlinkSync("/proc/thread-self").split("/").at(-1) ?? "";
  return taskset(["-c", "-p", String(cpu), thread]);
}

function taskset(args: string[]): boolean {
  return spawnSync("taskset", args, { stdio: "ignore" }).status === 0;
}
