// Takes and gives back what its first handle names, as fast as it can, until the event of its second handle is set.
import process from "node:process";
import type { LockLike } from "@lockstep/contract";
import { attach, Event, RWLock } from "@lockstep/sync";

const TIMEOUT_MS = 20_000;

function hammer(handle: string, stop: string): void {
  const object = attach(handle);
  const target = (object instanceof RWLock ? object.write : object) as LockLike;
  const stopped = Event.from(stop);
  while (!stopped.isSet) target.acquireSync({ timeout: TIMEOUT_MS }).release();
}

hammer(process.argv[2] ?? "", process.argv[3] ?? "");
