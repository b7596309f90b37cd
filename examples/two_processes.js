// Unrelated processes, started by hand, by pm2 or by cluster, with Node or Deno, share a semaphore by its name.
// Start it as often as you like: three run at a time. Kill one with kill -9: another goes on at once.
//
//   node examples/two_processes.js [name] [milliseconds]        deno run -A examples/two_processes.js
import process from "node:process";
import { BoundedSemaphore } from "lockstep";

const [name = "database connections", milliseconds = "2000"] = process.argv.slice(2);

const pool = new BoundedSemaphore(3, { name });
console.log("waiting; free:", pool.value);
const permit = await pool.acquire();
console.log(permit.ownerDied ? "connected, in place of a process that died" : "connected");
await new Promise((resolve) => setTimeout(resolve, Number(milliseconds)));
permit.release();
console.log("done");
