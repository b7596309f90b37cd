// Barrier: section 6 of the behaviours.
import type { Suite } from "./suite.ts";
import { barrierAction } from "./barrier_action.ts";
import { barrierAlone } from "./barrier_alone.ts";
import { barrierBlocking, barrierTogether } from "./barrier_together.ts";

/** The suite of Barrier. */
export const barrierSuite: Suite = {
  title: "Barrier",
  alone: barrierAlone,
  together: { ...barrierTogether, ...barrierAction },
  blocking: barrierBlocking,
};
