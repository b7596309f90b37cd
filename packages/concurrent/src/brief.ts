import { Queue } from "@lockstep/manager";
import type { Lock } from "@lockstep/sync";

import { placed } from "./failure.ts";
import type { Identity } from "./identity.ts";
import type { Running } from "./running.ts";
import type { Target } from "./task.ts";

/**
 * What a child is told, through a queue of its own: the handle of that queue is all that it is started with. It says
 * that it has been told by ending the item.
 */
export interface Brief {
  readonly identity: Identity;
  readonly target: Target;
  readonly args: readonly unknown[];
  /** For a thread: it holds the lock as long as it lives. */
  readonly life: Lock | undefined;
}

/** The queue of a brief. */
export type BriefQueue = Queue<Brief>;

/** Launches what will get the brief; nothing of it stays in shared memory if that fails. */
export function launchWith(brief: Brief, launch: (queue: BriefQueue) => Running): Running {
  const queue: BriefQueue = new Queue<Brief>();
  try {
    queue.putSync(brief);
    return launch(queue);
  } catch (error) {
    queue[Symbol.dispose]();
    brief.life?.[Symbol.dispose]();
    throw placed(error, [/\$\.args(?:\[0\]\.initArgs)?\[(\d+)\]/, "argument $1"]);
  }
}
