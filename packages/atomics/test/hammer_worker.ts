import { parentPort, workerData } from "node:worker_threads";
import { type Order, tasks } from "./hammer_tasks.ts";

async function obey(order: Order): Promise<string> {
  try {
    await tasks[order.task]!(order);
    return "done";
  } catch (error) {
    return String((error as Error).stack);
  }
}

void obey(workerData as Order).then((ending) => parentPort?.postMessage(ending));
