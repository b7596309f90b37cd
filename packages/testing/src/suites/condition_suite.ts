// Condition: section 4 of the behaviours. As an RLock of its own it is played in rlock_suite.
import { conditionAlone } from "./condition_alone.ts";
import { conditionBlocking } from "./condition_blocking.ts";
import { conditionTogether } from "./condition_together.ts";
import { exclusiveAlone } from "./exclusive_alone.ts";
import { exclusiveBlocking, exclusiveTogether } from "./exclusive_together.ts";
import type { Suite } from "./suite.ts";
import { CONDITION_OF_LOCK } from "./subjects.ts";

/** The suites of Condition. */
export const conditionSuites: readonly Suite[] = [
  {
    title: CONDITION_OF_LOCK.title,
    alone: exclusiveAlone(CONDITION_OF_LOCK),
    together: exclusiveTogether(CONDITION_OF_LOCK),
    blocking: exclusiveBlocking(CONDITION_OF_LOCK),
  },
  { title: "Condition", alone: conditionAlone, together: conditionTogether, blocking: conditionBlocking },
];
