// Notifies so many waiters of the condition of its first handle, then sets the event of its last one.
import process from "node:process";
import { Condition, Event } from "@lockstep/sync";

const condition = Condition.from(process.argv[2] ?? "");
const guard = condition.acquireSync();
condition.notify(Number(process.argv[3]));
guard.release();
Event.from(process.argv[4] ?? "").set();
