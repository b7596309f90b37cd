// The other end of parties.ts: what runs in each started thread or process.
import process from "node:process";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { keepCompiled } from "./compiled.ts";
import type { Answer, Handler, Roles, Task } from "./parties.ts";

interface Message {
  readonly task?: Task;
  readonly command?: unknown;
}

let handler: Handler<never, unknown> | undefined;

async function start(task: Task): Promise<undefined> {
  const { roles }: { roles: Roles } = await import(`./${task.question}.ts`);
  const role = roles[task.role];
  if (role === undefined) throw new Error(`${task.question} has no role ${task.role}`);
  handler = await role(task.data as never);
  keepCompiled();
}

async function answer(work: () => unknown): Promise<Answer> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: error instanceof Error ? error.stack ?? error.message : String(error) };
  }
}

function receive(message: Message): Promise<Answer> {
  const { task, command } = message;
  return task === undefined ? answer(() => handler?.(command as never)) : answer(() => start(task));
}

if (isMainThread) {
  process.on("message", async (message: Message) => {
    process.send?.(await receive(message));
  });
  process.on("disconnect", () => process.exit(0)); // whoever started us is gone
} else {
  parentPort?.on("message", async (message: Message) => {
    parentPort?.postMessage(await receive(message));
  });
  parentPort?.postMessage(await receive({ task: workerData as Task }));
}
