// Counts in what a manager gives by name: `[segment]`, the common one when absent. Prints which it was.
import process from "node:process";
import { Manager } from "@lockstep/manager";

const manager = Manager.open(process.argv[2]);
manager.dict<number>("hits").increment("from a child");
manager.namespace<{ seen: boolean }>("state").seen = true;
manager.semaphore("signals", 0).release();
console.log(manager.segment.name);
