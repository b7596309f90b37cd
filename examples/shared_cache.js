// Processes share a cache. What one has computed is there for all until its time is over, and of those that want it at
// the same moment only one computes it. Run with an argument it is one such process; without, it starts four.
//
//   node examples/shared_cache.js        deno run -A examples/shared_cache.js
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Manager } from "lockstep";

const PROCESSES = 4;
const TTL = 60_000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const manager = Manager.open("shared-cache-example");
const cache = manager.dict("cache", { maxEntries: 10_000, evict: "lru" });

async function load(city) {
  console.log("loading", city);
  await sleep(500); // a slow service
  return { city, degrees: city.length };
}

if (process.argv.length > 2) {
  const { city, degrees } = await cache.getOrInsertComputed(process.argv[2], load, { ttl: TTL });
  console.log(`${city}: ${degrees} degrees`);
} else {
  cache.clear();
  const program = [...process.execArgv, fileURLToPath(import.meta.url), "Oslo"];
  const children = Array.from({ length: PROCESSES }, () => {
    const child = spawn(process.execPath, program, { stdio: "inherit" });
    return new Promise((resolve) => child.on("exit", resolve));
  });
  await Promise.all(children);
  console.log("entries in the cache:", cache.size);
  manager.segment.unlink(); // a real program leaves it to the others
}
