import { InvalidStateError } from "@lockstep/contract";
import { Queue } from "@lockstep/manager";
import { Mailbox, type Message } from "@lockstep/manager/mailbox";

import { type BrokenDetails, brokenError, howItEnded } from "./broken.ts";
import { Crew, type CrewEvents, type CrewMember } from "./crew.ts";
import { thrownOf } from "./failure.ts";
import { atExit, whenDropped } from "./endings.ts";
import type { Future } from "./future.ts";
import { Inbox } from "./inbox.ts";
import { Jobs, type Submission } from "./jobs.ts";
import { ABOUT_WORKER, type WorkerMessage, type WorkerSetup } from "./messages.ts";
import type { Parcel } from "./parcel.ts";
import type { Party } from "./party.ts";
import type { Tally } from "./tally.ts";
import type { Target } from "./task.ts";

const LOOK_MS = 20; // so late a blocked thread learns that a worker has died
const LONGEST_RETURN_MS = 1000;
const MOST_STILLBORN = 10;

/** What engines are made with. */
export interface EngineOptions {
  /** What people call it, in messages. */
  readonly label: string;
  /** Starts a worker. */
  readonly start: (setup: WorkerSetup) => Party;
  /** Moves a parcel to a worker, where that can be. */
  readonly send?: (worker: Party, parcel: Parcel) => void;
  /** How many workers there can be. */
  readonly maxWorkers: number;
  readonly initializer: Target | undefined;
  readonly initArgs: readonly unknown[];
  readonly maxTasksPerWorker: number;
  /** Whether a worker that dies is replaced, instead of breaking the whole. */
  readonly replaceWorkers: boolean;
  /** Whether there are always as many workers as there can be, instead of as many as have been needed. */
  readonly isFixed: boolean;
}

/**
 * What executors and pools have in common: tasks go to the workers through one queue, what comes of them comes back
 * through another, and the states of tasks are words that both sides change (`task_words.ts`).
 */
export class Engine {
  /** How many workers there can be. */
  readonly maxWorkers: number;
  readonly #options: EngineOptions;
  readonly #tasks: Mailbox;
  readonly #results: Queue<never>;
  readonly #inbox: Inbox;
  readonly #jobs: Jobs;
  readonly #crew: Crew;
  #broken: (() => Error) | undefined;
  #isShutDown = false;
  #ending: Promise<void> | undefined;

  /** With its workers, if it always has them all. @throws What keeps one of these from being started. */
  constructor(options: EngineOptions) {
    this.#options = options;
    this.maxWorkers = options.maxWorkers;
    this.#tasks = new Mailbox(new Queue({ redeliver: true }));
    this.#results = new Queue();
    this.#inbox = new Inbox(new Mailbox(this.#results), {
      isWaiting: () => this.#jobs.size > 0,
      receive: (message) => this.#receive(message),
      received: () => this.#jobs.turn(),
    });
    this.#crew = new Crew(options.maxWorkers, {
      start: (place) => this.#start(place),
      ended: (member) => this.#ended(member),
      left: () => this.#replace(),
    });
    this.#jobs = new Jobs({
      post: (stamp, message) => this.#tasks.post(stamp, message),
      kill: options.replaceWorkers ? (worker) => this.#crew.members.get(worker)?.party.kill() : undefined,
      waitSync: (condition, timeoutMs) => this.waitSync(condition, timeoutMs),
      label: options.label,
    }, () => this.#crew.size);
    atExit.add(this.#atExit);
    if (options.isFixed) this.#growAll();
  }

  /** Whether objects can be moved to its workers. */
  get canMove(): boolean {
    return this.#options.send !== undefined;
  }

  /** Shuts down when nobody has the owner any more. */
  shutDownWith(owner: object): void {
    whenDropped(owner, () => void this.shutDown(false));
  }

  /** What has been done so far. */
  get tally(): Tally {
    return this.#jobs.tally;
  }

  // --- tasks and what comes of them ---------------------------------------------------------------------------------

  /**
   * Gives the task to the workers. What is wrong with its arguments, its future fails with.
   * @throws As `checkOpen()`.
   */
  submit(submission: Submission): Future<unknown> {
    this.checkOpen();
    const future = this.#jobs.submit(submission);
    this.#grow();
    this.#inbox.listen();
    return future;
  }

  /** @throws {InvalidStateError} After it was shut down. @throws {BrokenExecutorError} When it is broken. */
  checkOpen(): void {
    if (this.#broken !== undefined) throw this.#broken();
    if (this.#isShutDown) throw new InvalidStateError(`Cannot submit task: ${this.#options.label} was shut down`);
  }

  #receive(message: Message): void {
    if (message.stamp === ABOUT_WORKER) return this.#hear(message);
    this.#crew.thrives();
    this.#jobs.finish(message.stamp, message);
  }

  #hear(message: Message): void {
    if ("error" in message) return this.#break("the initializer of a worker has thrown", { cause: message.error });
    const [index, news] = message.value as WorkerMessage;
    if (typeof news === "number") this.#send(index, news);
    else if (news === "leaves" || news === "ready") this.#crew.hear(index, news);
    else this.#break("the initializer of a worker has thrown", { cause: thrownOf(news) });
  }

  #send(index: number, stamp: number): void {
    const [worker, parcel] = [this.#crew.members.get(index), this.#jobs.parcelOf(stamp)];
    if (worker !== undefined && parcel !== undefined) this.#options.send!(worker.party, parcel);
  }

  /** Blocks the thread until the condition holds or so many milliseconds have passed. */
  waitSync(condition: () => boolean, timeoutMs: number): void {
    const deadline = performance.now() + timeoutMs;
    this.#inbox.read();
    while (!condition()) {
      const left = deadline - performance.now();
      this.#inbox.takeSync(Math.max(0, Math.min(left, LOOK_MS)));
      if (!condition()) this.#crew.look();
      this.#crew.wakeUpTo(this.#jobs.size);
      if (left <= 0) return;
    }
  }

  // --- workers ------------------------------------------------------------------------------------------------------

  /** Without any worker no task is ever done. */
  #grow(): void {
    if (this.#broken !== undefined) return;
    const isFixed = this.#options.isFixed && !this.#isShutDown;
    try {
      this.#crew.growTo(isFixed ? this.maxWorkers : this.#jobs.size);
    } catch (error) {
      if (this.#crew.size === 0) this.#break("no worker can be started", { cause: error });
    }
    this.#crew.wakeUpTo(this.#jobs.size);
  }

  #growAll(): void {
    try {
      this.#crew.growTo(this.maxWorkers);
    } catch (error) {
      this.terminate("not all of its workers could be started");
      void this.shutDown(true);
      throw error;
    }
  }

  /** What a dead worker had got and not begun comes back to the queue within moments, and wakes nobody there. */
  #wakeAgain(delayMs: number): void {
    if (this.#jobs.size === 0 || delayMs > LONGEST_RETURN_MS) return;
    setTimeout(() => {
      if (this.#jobs.size > 0) this.#crew.wakeUpTo(this.#jobs.size);
      this.#wakeAgain(2 * delayMs);
    }, delayMs);
  }

  #start(place: Parameters<CrewEvents["start"]>[0]): Party {
    const { start, initializer, initArgs, maxTasksPerWorker: maxTasks } = this.#options;
    const [tasks, results, pages] = [this.#tasks.queue, this.#results, this.#jobs.words.shared];
    return start({ ...place, tasks, results, pages, initializer, initArgs, maxTasks });
  }

  #ended(member: CrewMember): void {
    this.#inbox.takeAll();
    const { index, isReady, hasLeft, party: { exitCode } } = member; // as they are now
    const how = howItEnded(exitCode);
    const lost = this.#jobs.fail(() => this.#error(`the worker that ran it ${how}`, { exitCode }), index);
    this.tally.progress.tell();
    const stillborn = this.#crew.stillborn(member);
    if (hasLeft || (this.#isShutDown && isReady && lost === 0)) return; // as it was meant to
    if (!this.#options.replaceWorkers) this.#break(`a worker ${how}`, { exitCode });
    else if (stillborn >= MOST_STILLBORN) {
      this.#break(`${stillborn} workers in a row have ended before they were ready, the last one ${how}`, {
        exitCode,
      });
    }
  }

  #replace(): void {
    this.#grow();
    this.#wakeAgain(1);
  }

  /** No task is run any more; every future that is not done fails. */
  #break(why: string, details: BrokenDetails = {}): void {
    this.#broken ??= () => this.#error(why, details);
    this.#close(true);
    this.#jobs.fail(this.#broken);
    for (const { party } of this.#crew.members.values()) party.terminate();
  }

  #error(why: string, details: BrokenDetails): Error {
    return brokenError(this.#options.label, why, details);
  }

  // --- the end ------------------------------------------------------------------------------------------------------

  /** Takes no more tasks; resolves when all workers have ended. */
  shutDown(cancelFutures: boolean): Promise<void> {
    if (cancelFutures) this.#jobs.cancelAll();
    this.#close(false);
    return this.#ending ??= this.#end();
  }

  /** Ends the workers, in the middle of what they do. */
  terminate(why: string): void {
    this.#break(why);
    for (const { party } of this.#crew.members.values()) party.kill();
  }

  #close(immediate: boolean): void {
    if (this.#isShutDown) return;
    this.#isShutDown = true;
    this.#tasks.queue.shutdown({ immediate });
    this.#crew.wakeUpTo(Infinity);
  }

  async #end(): Promise<void> {
    await this.#crew.join();
    atExit.delete(this.#atExit);
    this.#inbox.takeAll();
    this.#tasks.queue[Symbol.dispose]();
    this.#inbox[Symbol.dispose]();
    this.#jobs.words[Symbol.dispose]();
    this.#crew[Symbol.dispose]();
  }
  /** Workers that wait leave by themselves, with their exit handlers; the others are terminated as daemons are. */
  readonly #atExit = (): void => this.#close(true);
}
