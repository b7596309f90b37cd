// Notifies a condition and dies with its lock held.
import process from "node:process";
import { Condition } from "@lockstep/sync";

const condition = Condition.from(process.argv[2] ?? "");
condition.acquireSync();
condition.notify();
process.kill(process.pid, "SIGKILL");
