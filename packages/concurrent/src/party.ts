import {
  checkName,
  checkOptions,
  checkTimeout,
  InvalidStateError,
  show,
  type SyncWaitOptions,
  type WaitOptions,
} from "@lockstep/contract";
import { limitsOf } from "@lockstep/segment";

import { isLoading, nextName, whoAmI } from "./identity.ts";
import type { Running } from "./running.ts";
import { type Target, targetOf } from "./task.ts";
import { settledWithin } from "./within.ts";

/** What processes and threads are started with. */
export interface PartyOptions<A extends readonly unknown[] = readonly unknown[]> {
  /** What the target is called with: whatever the codec takes, shared objects as shared objects. */
  args?: A | undefined;
  /** What messages call it; `Process-1` and so on when absent. */
  name?: string | undefined;
  /**
   * Whether it ends with the thread that has started it, instead of being waited for. As the process that starts it
   * when absent.
   */
  daemon?: boolean | undefined;
}

/** The end of a process or thread, as an event. */
export interface Sentinel {
  /** Whether it has ended. */
  readonly isSet: boolean;
  /** Waits for the end, without blocking the thread. @returns False if the timeout passes first. */
  wait(options?: WaitOptions): Promise<boolean>;
  /** The same, blocking the thread. */
  waitSync(options?: SyncWaitOptions): boolean;
}

/** What was started here and has not ended. */
export const active: Set<Party> = new Set();

/** What processes and threads have in common. */
export abstract class Party implements Disposable {
  /** What messages call it. */
  readonly name: string;
  /** Whether it ends with the thread that has started it, instead of being waited for. */
  readonly daemon: boolean;
  /**
   * What it runs.
   * @ignore
   */
  protected readonly target: Target;
  /**
   * What the target is called with.
   * @ignore
   */
  protected readonly args: readonly unknown[];
  readonly #kind: string;
  #running: Running | undefined;
  #closed = false;
  #joins = 0;

  /** Describes it; `start()` starts it. */
  constructor(kind: string, target: unknown, options: PartyOptions) {
    const where = `make ${kind}`;
    this.#kind = kind;
    this.target = targetOf(target, where);
    checkOptions(options, where);
    const { args = [], name = nextName(kind), daemon = whoAmI()[kind === "Process" ? "process" : "thread"].daemon } =
      options;
    if (!Array.isArray(args)) throw new TypeError(`Cannot ${where}: options.args must be an array, got ${show(args)}`);
    if (typeof daemon !== "boolean") {
      throw new TypeError(`Cannot ${where}: options.daemon must be a boolean, got ${show(daemon)}`);
    }
    this.args = args;
    this.name = checkName(name, where);
    this.daemon = daemon;
  }

  /**
   * Starts it, as far as the runtime does that at once.
   * @ignore
   */
  protected abstract launch(where: string): Running;

  /**
   * Starts it and returns at once; what goes wrong in it from then on ends it with exit code 1 and a message on stderr.
   * @throws {InvalidStateError} If it was started before, or while the module of a child's target is being imported.
   * @throws {DOMException} Of name `DataCloneError`, if an argument cannot be copied.
   * @throws {SystemError} If the system starts no more.
   * @throws {UnsupportedPlatformError} If Deno may not start programs; the message names the flags.
   */
  start(): this {
    const where = `start ${this.#kind} ${this.name}`;
    this.#checkNotClosed(where);
    if (this.#running !== undefined) throw new InvalidStateError(`Cannot ${where}: it was started before`);
    if (isLoading()) {
      throw new InvalidStateError(
        `Cannot ${where}: its module is just being imported by a child, which would start another, and so on; ` +
          "start it in a function that only the main program calls, or if isMainThread && parentProcess() === null",
      );
    }
    this.checkStart(where);
    const running = this.#running = this.launch(where);
    running.hold(!this.daemon);
    active.add(this);
    void running.ended.then(() => active.delete(this));
    return this;
  }

  /**
   * What else has to hold when it is started.
   * @ignore
   */
  protected checkStart(_where: string): void {}

  /**
   * Waits until it has ended, without blocking the thread. Rejects with the signal's reason if that is aborted.
   * @returns False if the timeout passes first.
   */
  async join(options: WaitOptions = {}): Promise<boolean> {
    const running = this.started("join");
    const limits = limitsOf(options, this.#where("join"));
    if (limits.timeout === 0) return !running.isAlive();
    const expired = new Error();
    this.#hold(running, 1);
    try {
      await settledWithin(running.ended, limits, () => expired);
      return true;
    } catch (error) {
      if (error !== expired) throw error;
      return !running.isAlive();
    } finally {
      this.#hold(running, -1);
    }
  }

  /** A pending wait keeps the event loop alive, for a daemon too. */
  #hold(running: Running, change: 1 | -1): void {
    this.#joins += change;
    running.hold(!this.daemon || this.#joins > 0);
  }

  /** As `join()`, blocking the thread. @returns False if the timeout passes first. */
  joinSync(options?: SyncWaitOptions): boolean {
    return this.started("join").waitSync(checkTimeout(options, this.#where("join")));
  }

  /** Whether it was started and has not ended. */
  get alive(): boolean {
    this.#checkNotClosed(this.#where("read alive of"));
    return this.#running?.isAlive() ?? false;
  }

  /**
   * How it has ended: null before; 0; 1 after an uncaught error; what it gave `process.exit()`; for a process that a
   * signal has ended the negative number of that.
   */
  get exitCode(): number | null {
    this.#checkNotClosed(this.#where("read exitCode of"));
    return this.#running?.exitCode() ?? null;
  }

  /** Its end, as an event that can be waited for. @throws {InvalidStateError} Before it was started. */
  get sentinel(): Sentinel {
    const running = this.started("read sentinel of");
    return {
      get isSet() {
        return !running.isAlive();
      },
      wait: (options) => this.join(options),
      waitSync: (options) => this.joinSync(options),
    };
  }

  /**
   * Gives back what this thread has of it; nothing else can be done with it then.
   * @throws {InvalidStateError} While it runs.
   */
  close(): void {
    if (this.#running?.isAlive()) throw new InvalidStateError(`Cannot ${this.#where("close")}: it is running`);
    this.#closed = true;
    this.#running?.release();
  }

  /** As `close()`; does nothing while it runs. */
  [Symbol.dispose](): void {
    if (!this.#running?.isAlive()) this.close();
  }

  /**
   * Resolves with the exit code when it has ended; keeps nothing alive.
   * @ignore
   */
  get ended(): Promise<number> {
    return this.started("join").ended;
  }

  /** Asks it to end. */
  abstract terminate(): void;

  /** Ends it at once. */
  abstract kill(): void;

  /**
   * What runs. @throws {InvalidStateError} Before the start and after `close()`.
   * @ignore
   */
  protected started(action: string): Running {
    const where = this.#where(action);
    this.#checkNotClosed(where);
    if (this.#running === undefined) throw new InvalidStateError(`Cannot ${where}: it was not started`);
    return this.#running;
  }

  #where(action: string): string {
    return `${action} ${this.#kind} ${this.name}`;
  }

  #checkNotClosed(where: string): void {
    if (this.#closed) throw new InvalidStateError(`Cannot ${where}: it was closed`);
  }

  /** Kind, name and state, for people. */
  toString(): string {
    if (this.#closed) return `${this.#kind}(${this.name}: closed)`;
    if (this.#running === undefined) return `${this.#kind}(${this.name}: not started)`;
    const { exitCode } = this;
    return `${this.#kind}(${this.name}: ${exitCode === null ? "running" : `ended with ${exitCode}`})`;
  }
}
