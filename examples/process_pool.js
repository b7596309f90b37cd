// Counts the words of all files of a directory, in as many processes as there are processors. The task is an exported
// function, so that it may use the imports of its module. Each process imports this module for it: what only the
// program itself should do stands behind `parentProcess() === null`.
//
//   node examples/process_pool.js [directory]        deno run -A examples/process_pool.js [directory]
import { readFile } from "node:fs/promises";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parentProcess, Pool, SharedDict } from "lockstep";

/** Runs in the processes. All of them count in the same dict. */
export async function countWords(file, total) {
  const words = (await readFile(file, "utf8")).match(/\p{L}+/gu) ?? [];
  for (const word of words) total.increment(word.toLowerCase());
  return words.length;
}

async function main(directory) {
  const files = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(directory, entry.name));
  const total = new SharedDict();
  const pool = new Pool();
  try {
    const calls = files.map((file) => [file, total]);
    const counts = await pool.starmap({ module: import.meta.url, name: "countWords" }, calls);
    files.forEach((file, i) => console.log(basename(file), counts[i]));
  } finally {
    pool.close();
    await pool.join(); // which in `await using pool = new Pool()` happens by itself
  }
  console.log("different words:", total.size);
}

if (parentProcess() === null) await main(process.argv[2] ?? fileURLToPath(new URL(".", import.meta.url)));
