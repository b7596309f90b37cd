// Lines of JSON to whoever started this process.
import { writeSync } from "node:fs";

const STDOUT = 1;
const LINE_MS = 1;

/** Writes the message at once, even when the thread blocks in the next statement. */
export function writeLine(message: unknown): void {
  const bytes = new TextEncoder().encode(`${JSON.stringify(message)}\n`);
  for (let written = 0; written < bytes.length;) written += writeSome(bytes.subarray(written));
}

function writeSome(bytes: Uint8Array): number {
  try {
    return writeSync(STDOUT, bytes);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "EAGAIN") throw error;
    // The reader is behind, and this end of the pipe may not block.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LINE_MS);
    return 0;
  }
}
