// Takes the lock whose handle is its argument, says so, and keeps it until it is killed.
import process from "node:process";
import { Lock } from "@lockstep/sync";

const guard = Lock.from(process.argv[2] ?? "").acquireSync();
setInterval(() => guard, 2 ** 30); // stays, and nobody collects the guard
process.stdout.write("held\n");
