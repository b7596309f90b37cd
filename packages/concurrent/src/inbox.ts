import { QueueEmptyError, QueueShutDownError } from "@lockstep/contract";
import type { Mailbox, Message } from "@lockstep/manager/mailbox";

import { Patience } from "./patience.ts";

const AT_ONCE = 256;

/** Who gets the messages. */
export interface InboxEvents {
  /** Whether some are to come. */
  isWaiting(): boolean;
  /** One of them. It may wait for others, blocking the thread. */
  receive(message: Message): void;
  /** All that were there have been received. */
  received(): void;
}

/**
 * What workers tell an executor. A blocked thread finds in it all that a promise has got and not yet handed on.
 */
export class Inbox {
  readonly #mailbox: Mailbox;
  readonly #events: InboxEvents;
  readonly #messages: Message[] = [];
  readonly #patience = new Patience();
  #isListening = false;

  /** What comes through the mailbox. */
  constructor(mailbox: Mailbox, events: InboxEvents) {
    this.#mailbox = mailbox;
    this.#events = events;
    mailbox.letLoopEnd();
  }

  /** While some are to come: looks for them as long as that pays, then waits to be woken. */
  listen(): void {
    if (this.#isListening || !this.#events.isWaiting()) return;
    this.#isListening = true;
    this.#patience.renew(performance.now());
    setImmediate(this.#look);
  }

  readonly #look = (): void => {
    if (this.#events.isWaiting() && this.takeAll()) {
      const now = performance.now();
      this.#patience.pays(now);
      this.#patience.renew(now);
    }
    this.#isListening = this.#events.isWaiting(); // without any to come there may be no queue any more
    if (!this.#isListening) return;
    if (this.#patience.has(performance.now())) setImmediate(this.#look);
    else void this.#wait();
  };

  async #wait(): Promise<void> {
    this.#patience.fails();
    try {
      await this.#mailbox.take(AT_ONCE, this.#keep);
    } catch (error) {
      if (!(error instanceof QueueShutDownError)) throw error;
    }
    this.#isListening = false;
    this.read();
    this.listen();
  }

  readonly #keep = (messages: readonly Message[]): void => {
    this.#messages.push(...messages);
  };

  /** Receives what was got, one after the other: what one waits for may be in the next. @returns False if none was. */
  read(): boolean {
    if (this.#messages.length === 0) return false;
    for (let message = this.#messages.shift(); message !== undefined; message = this.#messages.shift()) {
      this.#events.receive(message);
    }
    this.#events.received();
    return true;
  }

  /** Receives what is there. @returns False if nothing is. */
  takeAll(): boolean {
    try {
      while (this.#mailbox.tryTake(AT_ONCE, this.#keep));
    } catch (error) {
      if (!(error instanceof QueueShutDownError)) throw error;
    }
    return this.read();
  }

  /** The same, blocking the thread until there is something or so many milliseconds have passed. */
  takeSync(timeout: number): void {
    try {
      this.#mailbox.takeSync(AT_ONCE, this.#keep, { timeout });
    } catch (error) {
      if (!(error instanceof QueueEmptyError || error instanceof QueueShutDownError)) throw error;
    }
    this.read();
  }

  /** Gives the memory back. */
  [Symbol.dispose](): void {
    this.takeAll();
    this.#mailbox.queue.shutdown({ immediate: true });
    this.#mailbox.queue[Symbol.dispose]();
  }
}
