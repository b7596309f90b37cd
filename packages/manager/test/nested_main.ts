// Puts objects that it makes itself into what others share, and ends, or waits to be killed: `<segment> <how>`.
import process from "node:process";
import { namespace, SharedDict, SharedList } from "@lockstep/manager";
import { Segment } from "@lockstep/memory";
import { Lock } from "@lockstep/sync";

const [, , name = "", how] = process.argv;
const segment = Segment.open(name);
const outer = new SharedDict<unknown>({ name: "outer", segment });
const inner = new SharedDict<unknown>({ segment });
const settings = namespace<{ level: number; deep: unknown }>({ segment });
inner.set("settings", settings);
settings.level = 3;
settings.deep = { lock: new Lock({ segment }) };
outer.set("inner", { inner });
new SharedList<unknown>({ name: "list", segment }).push({ inner });
console.log("stored");
if (how === "wait") setInterval(() => {}, 1000);
else process.exit(0);
