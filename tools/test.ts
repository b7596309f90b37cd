/** `npm test`: the TypeScript tests on the Node that runs npm. What needs more tools than a build is in `ok.ts`. */
import process from "node:process";

import { runSteps } from "./steps.ts";
import { nodeTests } from "./test_steps.ts";

const node = process.env.npm_node_execpath ?? "node";
Deno.exit(await runSteps([nodeTests("tests on this Node", [node])]));
