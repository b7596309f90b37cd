import process from "node:process";
import { fileURLToPath } from "node:url";

import { UnsupportedPlatformError } from "@lockstep/contract";

import { layoutDifference } from "./layout.ts";
import type { NativeBinding } from "./native.ts";

const ARCHITECTURES: readonly string[] = ["x64", "arm64"];

let loaded: NativeBinding | undefined;

/**
 * The functions of the addon, which is loaded at the first call. Blocks for some milliseconds then.
 * @throws {UnsupportedPlatformError} If this machine, kernel or runtime cannot run it, or does not allow to.
 */
export function nativeBinding(): NativeBinding {
  return loaded ??= load();
}

function load(): NativeBinding {
  const { platform, arch } = process;
  if (platform !== "linux" || !ARCHITECTURES.includes(arch)) {
    throw unsupported(`Linux on ${ARCHITECTURES.join(" or ")} is needed, this is ${platform} on ${arch}`);
  }
  const binding = open(addonPath(arch));
  const reason = binding.unsupportedReason();
  if (reason !== undefined) throw unsupported(`${reason} (found ${platform} on ${arch}, ${runtime()})`);
  const difference = layoutDifference(binding.layout());
  if (difference !== undefined) throw unsupported(`the addon belongs to another version: ${difference}`);
  return binding;
}

/** The same from `src` and `dist`. Only dlopen takes the path, so that Deno needs no permission to read. */
function addonPath(arch: string): string {
  return fileURLToPath(new URL(`../prebuilds/linux-${arch}/lockstep.glibc.node`, import.meta.url));
}

function open(path: string): NativeBinding {
  const module = { exports: {} };
  try {
    process.dlopen(module, path);
  } catch (error) {
    throw unsupported(explain(error, path), { cause: error });
  }
  return module.exports as NativeBinding;
}

/** Why dlopen failed, and what to do about it. Exported for its test. */
export function explain(error: unknown, path: string): string {
  const { message, name, code } = error as Error & { code?: string };
  if (name === "NotCapable" || name === "PermissionDenied") {
    return `the addon may not be loaded, run with --allow-ffi or --allow-ffi=${path}: ${message}`;
  }
  if (code === "ERR_DLOPEN_DISABLED" || code === "ERR_ACCESS_DENIED") {
    return `the addon may not be loaded, run with --allow-addons: ${message}`;
  }
  if (/No such file/.test(message) && message.includes(path)) {
    return `the addon is missing, build it with npm run build:native: ${message}`;
  }
  return `the addon at ${path} cannot be loaded (glibc 2.34 or later is needed): ${message}`;
}

function unsupported(reason: string, options?: ErrorOptions): UnsupportedPlatformError {
  return new UnsupportedPlatformError(`Cannot use shared memory: ${reason}`, options);
}

function runtime(): string {
  const { deno, node } = process.versions;
  return deno === undefined ? `Node ${node}` : `Deno ${deno}`;
}
