// A module that starts a process as soon as it is imported, and forgets that the process imports it too.
import { Process } from "@lockstep/concurrent";

const child = new Process({ module: import.meta.url, name: "work" }).start();
await child.join();
console.error(`child ended with ${child.exitCode}`);

export function work(): void {
  console.log("must not be reached");
}
