import { beginPending, endPending } from "./event_loop.ts";
import { Limit, type Limits } from "./limit.ts";
import { BELL } from "./word.ts";

/** What a promise waits for, and what becomes of it. */
export interface Wish<T> extends Limits {
  /** Takes it if possible; else makes sure that whoever gives it back rings the bell. */
  attempt(): boolean;
  /** What the promise resolves with, made at the moment of the grant; what this throws, it rejects with. */
  grant(): T | PromiseLike<T>;
  /** What it resolves with when time runs out; what this throws, it rejects with. */
  expire(): T | PromiseLike<T>;
  /** The promise is about to be rejected before its time: gives up what the wish had. */
  abandon?(): void;
}

interface Ticket {
  attempt(): boolean;
  grant(): void;
  limit?: Limit;
}

/**
 * The promises of this thread that wait for one object, first come, first served.
 *
 * One `Atomics.waitAsync` on the object's BELL word serves them all: it cannot be cancelled, so one for each promise
 * would pile up behind every abort. The bell rings for everybody, and whoever hears it tries: no ring is lost with the
 * thread that it reached. Threads sleep on WORD instead, where they are woken one at a time, so that no wake-up of
 * theirs goes to a promise whose thread is busy.
 *
 * WHY NO RING IS LOST. The list reads BELL, then tries, which sets PENDING in WORD, then listens for a change of BELL
 * since that reading. Whoever gives back after the try sees PENDING, and changes BELL before it notifies.
 */
export class WaitList {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #tickets = new Set<Ticket>();
  #isListening = false;

  constructor(words: Int32Array<SharedArrayBuffer>) {
    this.#words = words;
  }

  /** Whether a newcomer that tries passes nobody. */
  get isEmpty(): boolean {
    return this.#tickets.size === 0;
  }

  /** Waits until the wish comes true, the time is over, or the signal aborts. Keeps the event loop alive meanwhile. */
  async wait<T>(wish: Wish<T>): Promise<T> {
    if (wish.signal?.aborted) {
      wish.abandon?.();
      throw wish.signal.reason;
    }
    if (this.isEmpty && wish.attempt()) return wish.grant();
    if (wish.timeout === 0) return wish.expire();
    return await new Promise<T>((resolve, reject) => this.#add(wish, resolve, reject));
  }

  /**
   * Grants from the oldest on; when one must wait, listens for the bell. To be called where this thread itself has
   * changed what they wait for and may block before it hears the bell.
   */
  look(): void {
    while (!this.isEmpty) {
      const rung = Atomics.load(this.#words, BELL);
      this.#grant();
      if (this.isEmpty || this.#isListening) return;
      const ring = Atomics.waitAsync(this.#words, BELL, rung);
      if (ring.async) return this.#listen(ring.value);
    }
  }

  #add<T>(wish: Wish<T>, resolve: (value: T | PromiseLike<T>) => void, reject: (reason: unknown) => void): void {
    const settle = (outcome: () => T | PromiseLike<T>): void => {
      try {
        resolve(outcome());
      } catch (error) {
        reject(error);
      }
    };
    const ticket: Ticket = { attempt: () => wish.attempt(), grant: () => settle(() => wish.grant()) };
    const leave = (end: () => void): void => {
      if (!this.#remove(ticket)) return;
      end();
      this.look(); // the next one may wish for less
    };
    const expire = (): void => {
      this.look(); // this thread may have been busy since the bell rang
      leave(() => settle(() => wish.expire()));
    };
    const abort = (reason: unknown): void =>
      leave(() => {
        wish.abandon?.();
        reject(reason);
      });
    ticket.limit = new Limit(wish, expire, abort);
    this.#tickets.add(ticket);
    if (this.#tickets.size > 1) return;
    beginPending();
    this.look();
  }

  #remove(ticket: Ticket): boolean {
    if (!this.#tickets.delete(ticket)) return false;
    ticket.limit?.end();
    if (this.isEmpty) endPending();
    return true;
  }

  #grant(): void {
    for (const ticket of this.#tickets) {
      if (!ticket.attempt()) return;
      this.#remove(ticket);
      ticket.grant();
    }
  }

  #listen(ring: Promise<unknown>): void {
    this.#isListening = true;
    void ring.then(() => {
      this.#isListening = false;
      this.look();
    });
  }
}
