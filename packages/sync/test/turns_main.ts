// Takes and gives back the lock of its first handle so many times, blocking its thread, then sets the event.
import process from "node:process";
import { Event, Lock } from "@lockstep/sync";

const TIMEOUT_MS = 20_000;
const lock = Lock.from(process.argv[2] ?? "");
for (let left = Number(process.argv[3]); left > 0; left--) lock.acquireSync({ timeout: TIMEOUT_MS }).release();
Event.from(process.argv[4] ?? "").set();
