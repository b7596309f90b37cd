// The program of a new user, run by check_package.ts from an installed tarball: JavaScript that is TypeScript too.
import { Lock, ProcessPoolExecutor, Semaphore, SharedDict, ThreadPoolExecutor } from "lockstep";

const semaphore = new Semaphore(2, { name: "lockstep-smoke" });
const permit = semaphore.acquireSync();
permit.release();
semaphore.destroy();

const lock = new Lock();
const guard = await lock.acquire({ timeout: 1000 });
if (lock.tryAcquire() !== undefined) throw new Error("A held lock was taken again");
guard.release();

const dict = new SharedDict();
for (const Executor of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  const executor = new Executor({ maxWorkers: 1 });
  await executor.submit((shared, name) => void shared.set(name, true), dict, Executor.name);
  await executor.shutdown();
}
if (dict.size !== 2) throw new Error(`Two tasks were run, found ${[...dict.keys()]}`);
