// A program for watchdog_test: blocks its own thread in a scenario, for ever.
import { Watchdog } from "#src/watchdog.ts";

const watchdog = new Watchdog(50);
await watchdog.watch(() => new Promise((resolve) => setTimeout(resolve, 10)));
await watchdog.watch(() => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
