// A worker of an executor: gets tasks from its queue, runs them one after the other, posts what comes of them.
import { once } from "node:events";
import { setImmediate, setTimeout } from "node:timers/promises";
import { parentPort } from "node:worker_threads";

import { QueueShutDownError, SegmentFullError } from "@lockstep/contract";
import { Mailbox, type Message } from "@lockstep/manager/mailbox";

import { bare, failureOf, placed } from "./failure.ts";
import { leave } from "./leave.ts";
import { isThenable, load } from "./load.ts";
import { ABOUT_WORKER, type Outcome, type TaskMessage, type WorkerMessage, type WorkerSetup } from "./messages.ts";
import { unpack } from "./parcel.ts";
import { Parking } from "./parking.ts";
import { Patience } from "./patience.ts";
import type { Target } from "./task.ts";
import { BegunTasks } from "./task_words.ts";

const TURN_MS = 10; // after which the event loop gets its turn, however many tasks wait
const ROOM_TRIES = 100; // for a result that finds the segment full, 10 ms apart
const ROOM_PAUSE_MS = 10;

/** What runs in the workers of executors: the target of their processes and threads. */
export async function serve(setup: WorkerSetup): Promise<void> {
  if (setup.life.tryAcquire() === undefined) return leave(0); // it counts as dead already
  const worker = new Worker(setup);
  await worker.initialize();
  await worker.run();
  leave(0); // whatever the tasks have left open
}

class Worker {
  readonly #setup: WorkerSetup;
  readonly #tasks: Mailbox;
  readonly #results: Mailbox;
  readonly #begun: BegunTasks;
  readonly #parking: Parking;
  readonly #patience = new Patience();
  #turnEnds = performance.now() + TURN_MS;
  #message: Message | undefined;

  constructor(setup: WorkerSetup) {
    this.#setup = setup;
    this.#results = new Mailbox(setup.results);
    this.#parking = new Parking(setup.parking, setup.index, setup.event);
    this.#begun = new BegunTasks(setup.pages, setup.index);
    this.#tasks = new Mailbox(setup.tasks, this.#begun);
  }

  async initialize(): Promise<void> {
    const { initializer, initArgs } = this.#setup;
    try {
      if (initializer !== undefined) await (await load(initializer))(...initArgs);
    } catch (error) {
      this.#tell(failureOf(error));
      throw error;
    }
    this.#tell("ready");
  }

  /** Until it has run as many tasks as it should, or the queue is shut down and empty. */
  async run(): Promise<void> {
    try {
      await this.#runTasks();
      this.#tell("leaves");
    } catch (error) {
      if (!(error instanceof QueueShutDownError)) throw error;
    }
  }

  async #runTasks(): Promise<void> {
    const { maxTasks } = this.#setup;
    this.#parking.arrive();
    for (let done = 0; done < maxTasks;) {
      if (!this.#take()) await this.#wait();
      const message = this.#message!;
      this.#tasks.end(message);
      if (!message.isBegun) continue;
      done++;
      const promised = this.#outcomeOf(message);
      const outcome = isThenable(promised) ? await promised : promised;
      if (!this.#begun.finish(message.stamp)) return;
      await this.#post(message.stamp, outcome);
      if (performance.now() > this.#turnEnds) await this.#giveTurn();
    }
  }

  // --- getting tasks ------------------------------------------------------------------------------------------------

  readonly #receive = ([message]: readonly Message[]): void => {
    this.#message = message;
  };

  /** @throws {QueueShutDownError} If there will be none any more. */
  readonly #look = (): boolean => this.#tasks.tryTake(1, this.#receive);

  /** False if there is none for a while. */
  #take(): boolean {
    if (this.#look()) return true;
    this.#patience.renew(performance.now());
    while (this.#patience.has(performance.now())) {
      if (!this.#look()) continue;
      this.#patience.pays(performance.now());
      return true;
    }
    this.#patience.fails();
    return false;
  }

  async #wait(): Promise<void> {
    while (!await this.#parking.park(this.#look) && !this.#take());
    this.#turnEnds = performance.now() + TURN_MS;
  }

  async #giveTurn(): Promise<void> {
    await setImmediate();
    this.#turnEnds = performance.now() + TURN_MS;
  }

  // --- running them -------------------------------------------------------------------------------------------------

  #outcomeOf(message: Message): Outcome | Promise<Outcome> {
    if ("error" in message) return [true, failureOf(message.error)];
    const call = message.value as TaskMessage;
    if (call.length === 0) return this.#outcomeOfParcel(message.stamp);
    const [target, args, isChunk] = call;
    return isChunk ? outcomesOf(target, args as unknown[][]) : outcomeOf(target, args);
  }

  async #outcomeOfParcel(stamp: number): Promise<Outcome> {
    try {
      this.#tell(stamp);
      const [parcel] = await once(parentPort!, "message"); // no message comes in before this thread waits for one
      const [target, args] = unpack(parcel) as [Target, unknown[]];
      return await outcomeOf(target, args);
    } catch (error) {
      return [true, failureOf(error)];
    }
  }

  // --- posting what came of them ------------------------------------------------------------------------------------

  /** What cannot be posted is a failure of the task. */
  async #post(stamp: number, outcome: Outcome): Promise<void> {
    let left = outcome;
    for (let tries = 1;; tries++) {
      try {
        return this.#results.post(stamp, left);
      } catch (error) {
        if (error instanceof QueueShutDownError) return; // nobody wants to know
        if (left === outcome) {
          left = [true, outcome[0] ? bare(outcome[1]) : failureOf(placed(error, [/\$\[1\]/, "the result"]))];
        } else if (!(error instanceof SegmentFullError) || tries > ROOM_TRIES) throw error;
        else await setTimeout(ROOM_PAUSE_MS);
      }
    }
  }

  #tell(news: WorkerMessage[1]): void {
    const { index } = this.#setup;
    try {
      this.#results.post(ABOUT_WORKER, [index, news]);
    } catch (error) {
      if (error instanceof QueueShutDownError) return;
      if (typeof news === "number") throw error; // the task fails, instead of waiting for ever
      if (typeof news === "object") this.#results.post(ABOUT_WORKER, [index, bare(news)]);
    }
  }
}

/** Not an async function, as a task that gives no promise is to cost none. */
function outcomeOf(target: Target, args: readonly unknown[]): Outcome | Promise<Outcome> {
  try {
    const run = load(target);
    if (typeof run !== "function") return outcomeOfPromise(run.then((loaded) => loaded(...args)));
    const value = run(...args);
    return isThenable(value) ? outcomeOfPromise(value) : [false, value];
  } catch (error) {
    return [true, failureOf(error)];
  }
}

async function outcomeOfPromise(promise: PromiseLike<unknown>): Promise<Outcome> {
  try {
    return [false, await promise];
  } catch (error) {
    return [true, failureOf(error)];
  }
}

async function outcomesOf(target: Target, argLists: readonly (readonly unknown[])[]): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  for (const args of argLists) {
    const outcome = outcomeOf(target, args);
    outcomes.push(isThenable(outcome) ? await outcome : outcome);
  }
  return [false, outcomes];
}
