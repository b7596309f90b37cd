/**
 * Messages between the two ends of something, through a queue: what executors use.
 *
 * @module
 */
import type { SharedReferences } from "@lockstep/codec";
import type { SyncWaitOptions, WaitOptions } from "@lockstep/contract";

import { type Queue, queueStateOf } from "./queue.ts";
import type { QueueState } from "./queue_state.ts";
import type { Request } from "./queue_waits.ts";
import type { Begin, Message } from "./taken_items.ts";
import { payloadKind, references, stampedPayloadOf } from "./values.ts";

export type { Begin, Message };

/** How shared objects are in the values of containers, for a codec of one's own. */
export const sharedReferences: SharedReferences = references;

const NO_PRIORITY = 0;

/** What is done with messages at the moment when they are got. */
export type Receive = (messages: readonly Message[]) => void;

/**
 * A queue of messages with a number each, the stamp, which can be read where the message itself cannot be decoded: so
 * whoever gets one knows what it was about, and nobody waits for an answer that never comes. Nothing else may be put
 * into the queue or got from it.
 *
 * Messages are handed over at the moment when they are got, so that none is on its way in a promise while somebody
 * blocks the thread to wait for it.
 */
export class Mailbox {
  /** The queue. */
  readonly queue: Queue<never>;
  readonly #state: QueueState;
  readonly #begin: Begin | undefined;

  /** Messages through this queue, which has no `maxSize`. With `begin` they come one at a time. */
  constructor(queue: Queue<never>, begin?: Begin) {
    this.queue = queue;
    this.#begin = begin;
    this.#state = queueStateOf(queue);
  }

  /**
   * Puts a message.
   * @throws {SegmentFullError} If the segment has no room for it.
   * @throws {QueueShutDownError} If the queue is shut down.
   * @throws {DOMException} Of name `DataCloneError`, if something in the value cannot be copied.
   */
  post(stamp: number, value: unknown): void {
    const payload = stampedPayloadOf(value, stamp, this.#state.segment);
    this.#state.tryPutItem({ value: payload, kind: payloadKind, priority: NO_PRIORITY });
  }

  /**
   * Receives what is there, up to `count` and 256.
   * @returns False if nothing is.
   * @throws {QueueShutDownError} If the queue is shut down and empty.
   */
  tryTake(count: number, receive: Receive): boolean {
    return this.#state.tryGet(this.#requestOf(count, receive)) ?? false;
  }

  /** As `tryTake()`, waiting without blocking the thread until there is something; as `get()` of a queue else. */
  take(count: number, receive: Receive, options?: WaitOptions): Promise<boolean> {
    return this.#state.get(this.#requestOf(count, receive), options);
  }

  /** The same, blocking the thread. */
  takeSync(count: number, receive: Receive, options?: SyncWaitOptions): boolean {
    return this.#state.getSync(this.#requestOf(count, receive), options);
  }

  /** From now on the event loop does not stay alive for `take()`; to be called while it does not wait. */
  letLoopEnd(): void {
    this.#state.letLoopEnd();
  }

  /** Ends a message of a queue that redelivers, so that it does not come back. */
  end(message: Message): void {
    this.#state.end(message.item);
  }

  #requestOf(count: number, receive: Receive): Request<boolean> {
    return {
      count: this.#begin === undefined ? Math.min(count, 256) : 1,
      make: (items) => {
        receive(items.messages(this.#begin));
        return true;
      },
    };
  }
}
