// Takes the lock whose handle is its argument, says so, and keeps it until it is killed.
import process from "node:process";
import { keepCompiled } from "./compiled.ts";
import { load } from "./implementations.ts";

const { Lock } = await load("sync");
const guard = Lock.from(process.argv[2] ?? "").acquireSync();
setInterval(() => guard, 2 ** 30); // stays, and nobody collects the guard
keepCompiled();
process.stdout.write("held\n");
