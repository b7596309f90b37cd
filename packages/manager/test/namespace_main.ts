// Reads what another process has put into a namespace, and changes it: `<segment>`.
import { deepStrictEqual, equal } from "node:assert/strict";
import process from "node:process";
import { namespace } from "@lockstep/manager";

interface Settings {
  x: number;
  y: unknown;
  late: string;
}

const shared = namespace<Settings>({ name: "settings", segment: process.argv[2] ?? "" });
equal(shared.x, 0);
deepStrictEqual(shared.y, { list: [1, "é", "中"] });
shared.x = 1;
delete shared.y;
shared.late = "from elsewhere";
