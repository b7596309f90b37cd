// The program of a new user, run by check_package.ts from an installed tarball: JavaScript that is TypeScript too.
import { Lock, Semaphore } from "lockstep";

const semaphore = new Semaphore(2, { name: "lockstep-smoke" });
const permit = semaphore.acquireSync();
permit.release();
semaphore.destroy();

const lock = new Lock();
const guard = await lock.acquire({ timeout: 1000 });
if (lock.tryAcquire() !== undefined) throw new Error("A held lock was taken again");
guard.release();
