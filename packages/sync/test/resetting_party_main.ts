// The last party of a barrier, which resets it instead of letting the other one go, and then meets a third.
import { throws } from "node:assert/strict";
import process from "node:process";
import { BrokenBarrierError } from "@lockstep/contract";
import { Barrier, Event } from "@lockstep/sync";

const ASLEEP_MS = 20; // about when the third has gone to sleep; earlier is as good, it only shows less

const [segment = ""] = process.argv.slice(2);
const [full, entering, never] = ["full", "entering", "never"].map((name) => new Event({ segment, name }));
const barrier = new Barrier(2, {
  segment,
  name: "two",
  action() {
    full!.set();
    entering!.waitSync();
    never!.waitSync({ timeout: ASLEEP_MS });
    barrier.reset();
  },
});
throws(() => barrier.waitSync(), BrokenBarrierError);
Barrier.from(barrier.handle).waitSync();
