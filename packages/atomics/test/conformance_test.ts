import * as atomics from "@lockstep/atomics";
import { conformance, type Implementation, misuse, type Primitives } from "@lockstep/testing";

const implementation: Implementation = {
  name: "@lockstep/atomics",
  module: "@lockstep/atomics",
  primitives: atomics as unknown as Primitives, // whose options name segments, which these objects refuse
  peers: ["thread"],
  recovers: false,
};

conformance(implementation);
misuse(implementation);
