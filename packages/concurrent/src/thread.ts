import { Lock } from "@lockstep/sync";

import { launchWith } from "./brief.ts";
import { placed } from "./failure.ts";
import { whoAmI } from "./identity.ts";
import { launchThread, type RunningThread } from "./launch_thread.ts";
import { active, Party, type PartyOptions } from "./party.ts";
import { pack, type Parcel, transferOf } from "./parcel.ts";
import type { Running } from "./running.ts";
import type { Task } from "./task.ts";

/** What a thread is started with. */
export interface ThreadOptions<A extends readonly unknown[] = readonly unknown[]> extends PartyOptions<A> {
  /**
   * What `start()` moves to the thread instead of copying it, as `postMessage()` does: an `ArrayBuffer` that is in
   * `args`, or is that of a view in them, or a `MessagePort`. It is nothing here from then on.
   */
  transfer?: readonly object[] | undefined;
}

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
  readonly #transfer: readonly object[] | undefined;

  /**
   * Describes a thread.
   * @throws {TypeError | RangeError} If the target is none that can be sent, or an option is not allowed.
   */
  constructor(target: Task<A>, options: ThreadOptions<A> = {}) {
    super("Thread", target, options);
    this.#transfer = transferOf(options, "make Thread");
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
    const parcel = this.#parcel();
    const life = new Lock();
    return launchWith(
      { identity, target: this.target, args: parcel === undefined ? this.args : [], life },
      (brief) => launchThread({ name: this.name, brief, life, parcel }),
    );
  }

  #parcel(): Parcel | undefined {
    try {
      return this.#transfer && pack(this.args, this.#transfer);
    } catch (error) {
      throw placed(error, [/\$\[(\d+)\]/, "argument $1"]);
    }
  }

  /**
   * Moves a parcel to a worker of an executor.
   * @ignore
   */
  send(parcel: Parcel): void {
    (this.started("send to") as RunningThread).post(parcel);
  }
}
