import process from "node:process";

interface DenoPermissions {
  querySync(descriptor: { name: "env"; variable: string }): { state: string };
}

/** A variable of this process and of all that it starts; undefined too where Deno was not allowed to read it. */
export function environmentVariable(name: string): string | undefined {
  return mayUse(name) ? process.env[name] : undefined;
}

/** Sets it for this thread and the threads and processes that it starts; does nothing where Deno was not allowed to. */
export function setEnvironmentVariable(name: string, value: string): void {
  if (mayUse(name)) process.env[name] = value;
}

/** Asks Deno without making it ask the user. */
function mayUse(variable: string): boolean {
  const { Deno } = globalThis as { Deno?: { permissions: DenoPermissions } };
  return Deno === undefined || Deno.permissions.querySync({ name: "env", variable }).state === "granted";
}
