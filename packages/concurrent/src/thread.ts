import { Lock } from "@lockstep/sync";

import { launchWith } from "./brief.ts";
import { whoAmI } from "./identity.ts";
import { launchThread } from "./launch_thread.ts";
import { active, Party, type PartyOptions } from "./party.ts";
import type { Running } from "./running.ts";
import type { Task } from "./task.ts";

/** What a thread is started with. */
export type ThreadOptions<A extends readonly unknown[] = readonly unknown[]> = PartyOptions<A>;

/**
 * A thread with a JavaScript of its own (a worker) that calls one function, with the interface of `Process`.
 *
 * A thread that is no daemon keeps this thread's event loop alive; every thread ends with the process, at
 * `process.exit()` too. In Deno a thread in an endless loop cannot be ended.
 *
 * @example
 * ```ts
 * import { Thread } from "@lockstep/concurrent";
 *
 * const thread = new Thread((name: string) => console.log(`hello ${name}`), { args: ["bob"] }).start();
 * await thread.join();
 * ```
 */
export class Thread<A extends readonly unknown[] = readonly unknown[]> extends Party {
  /**
   * Describes a thread.
   * @throws {TypeError | RangeError} If the target is none that can be sent, or an option is not allowed.
   */
  constructor(target: Task<A>, options: ThreadOptions<A> = {}) {
    super("Thread", target, options);
  }

  /** Its number in this process; undefined before the start. */
  get threadId(): number | undefined {
    return active.has(this) || this.exitCode !== null ? this.started("read threadId of").id : undefined;
  }

  /** Ends it, in the middle of what it does; does nothing when it has ended. */
  override terminate(): void {
    this.started("terminate").stop("terminate");
  }

  /** As `terminate()`: threads know no other way. */
  override kill(): void {
    this.started("kill").stop("kill");
  }

  /** @ignore */
  protected override launch(): Running {
    const identity = { process: whoAmI().process, thread: { name: this.name, daemon: this.daemon } };
    const life = new Lock();
    return launchWith(
      { identity, target: this.target, args: this.args, life },
      (brief) => launchThread({ name: this.name, brief, life }),
    );
  }
}
