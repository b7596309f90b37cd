import { AGAIN, failure, FRESH, RUNG, STARVING, type Status, UNAVAILABLE, type Urgency } from "@lockstep/native";

import { dispatcher, type Looking, type Site } from "./dispatcher.ts";
import { Limit, type Limits } from "./limit.ts";

/** A chance that promises wait for. `R` is what each of them wants, `T` what it gets. */
export interface Waitable<R, T> {
  /** Tries for the request. UNAVAILABLE has armed the bell; every other outcome has disarmed it. */
  arm(request: R, urgency: Urgency): Status;
  /** Takes the bell back, and passes on what it may have rung for. */
  disarm(): void;
  /** What the promise resolves with, made at the moment of the grant; what it throws, the promise rejects with. */
  grant(request: R, status: Status): T;
  /** The promise is about to be rejected before its time: gives up what the request had. */
  abandon?(request: R): void;
  /** What fails in messages, such as "acquire Lock". */
  readonly where: string;
}

/** A promise that waits. Settled exactly once, by whoever takes it out of the list; all on this thread. */
interface Ticket<R, T> {
  readonly request: R;
  readonly sinceMs: number;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (reason: unknown) => void;
  limit: Limit | undefined;
  next: Ticket<R, T> | undefined;
  previous: Ticket<R, T> | undefined;
}

// Then the releaser lets go for everybody: first come, first served in a thread, in turns among threads.
const MOST_TURNS = 8;
// As long as the core waits before it makes a release hand over, kStarvationNs.
const STARVATION_MS = 1;

/**
 * The promises of this thread that wait for one chance, first come, first served.
 *
 * The bell of this thread is armed while the list is not empty, so that the next release anywhere rings; the dispatcher
 * then calls `look`. One arming serves the whole list: only its head tries.
 */
export class WaitList<R, T> implements Looking {
  /** Promises that wait. */
  length = 0;
  /** Another list that shares the object's bell: when this one takes the bell back, that one must arm again. */
  sibling: (Looking & { readonly length: number }) | undefined;
  #head: Ticket<R, T> | undefined;
  #tail: Ticket<R, T> | undefined;
  #turns = 0;
  readonly #waitable: Waitable<R, T>;
  readonly #site: Site;

  constructor(waitable: Waitable<R, T>, site: Site) {
    this.#waitable = waitable;
    this.#site = site;
  }

  /** Waits, without trying first where others wait already. */
  wait(request: R, limits: Limits<T>): Promise<T> {
    if (limits.signal?.aborted) {
      this.#waitable.abandon?.(request);
      return Promise.reject(limits.signal.reason);
    }
    return new Promise<T>((resolve, reject) => {
      const sinceMs = this.#site.binding.now();
      const ticket: Ticket<R, T> = {
        request,
        sinceMs,
        resolve,
        reject,
        limit: undefined,
        next: undefined,
        previous: this.#tail,
      };
      this.#append(ticket);
      if (this.length === 1) this.look(FRESH);
      if (this.#has(ticket) && limits.isLimited) ticket.limit = this.#startLimit(ticket, limits);
    });
  }

  /** Grants from the head on, until the next one has to wait. */
  look(urgency: Urgency): void {
    let granted = false;
    for (let head = this.#head; head !== undefined; head = this.#head) {
      const status = this.#waitable.arm(head.request, urgency === FRESH ? FRESH : this.#urgencyOf(head));
      if (status === UNAVAILABLE) break;
      granted = true;
      this.#remove(head);
      settle(head, () => this.#grant(head, status));
    }
    if (granted) this.#lookAtSibling();
  }

  /**
   * Gives what this thread would release to the head instead, if `fits` says so, at most 8 times in a row.
   * @returns False if it is to be released.
   */
  handOver(status: Status, fits?: (request: R) => boolean): boolean {
    const head = this.#head;
    if (head === undefined || this.#turns === MOST_TURNS || fits?.(head.request) === false) {
      this.#turns = 0;
      return false;
    }
    this.#turns++;
    this.#remove(head);
    if (this.length === 0) this.#disarm();
    settle(head, () => this.#grant(head, status));
    return true;
  }

  /** Rejects all. */
  close(reason: Error): void {
    if (this.length === 0) return;
    for (let head = this.#head; head !== undefined; head = this.#head) {
      this.#remove(head);
      this.#waitable.abandon?.(head.request);
      head.reject(reason);
    }
    this.#disarm();
  }

  #grant(ticket: Ticket<R, T>, status: Status): T {
    if (status < 0) throw failure(status, this.#waitable.where);
    return this.#waitable.grant(ticket.request, status);
  }

  #startLimit(ticket: Ticket<R, T>, limits: Limits<T>): Limit {
    return new Limit(limits, {
      now: () => this.#site.binding.now(),
      expire: () => {
        // A thread that was busy finds the time over and the lock free.
        this.look(FRESH);
        if (this.#drop(ticket)) settle(ticket, limits.expire);
      },
      abort: (reason) => {
        if (!this.#drop(ticket)) return;
        this.#waitable.abandon?.(ticket.request);
        ticket.reject(reason);
      },
    });
  }

  /** False when it was settled before. */
  #drop(ticket: Ticket<R, T>): boolean {
    if (!this.#has(ticket)) return false;
    const wasHead = this.#head === ticket;
    this.#remove(ticket);
    if (this.length === 0) this.#disarm();
    else if (wasHead) this.look(FRESH); // the next one may want less
    return true;
  }

  #disarm(): void {
    this.#waitable.disarm();
    this.#lookAtSibling();
  }

  #lookAtSibling(): void {
    if (this.sibling !== undefined && this.sibling.length > 0) this.sibling.look(FRESH);
  }

  #urgencyOf(ticket: Ticket<R, T>): Urgency {
    return this.#site.binding.now() - ticket.sinceMs > STARVATION_MS ? STARVING : RUNG;
  }

  #has(ticket: Ticket<R, T>): boolean {
    return this.#head === ticket || ticket.previous !== undefined;
  }

  #append(ticket: Ticket<R, T>): void {
    if (this.#tail === undefined) this.#head = ticket;
    else this.#tail.next = ticket;
    this.#tail = ticket;
    if (++this.length === 1) dispatcher.add(this, this.#site);
  }

  #remove(ticket: Ticket<R, T>): void {
    const { next, previous } = ticket;
    if (previous === undefined) this.#head = next;
    else previous.next = next;
    if (next === undefined) this.#tail = previous;
    else next.previous = previous;
    ticket.previous = undefined;
    ticket.next = undefined;
    ticket.limit?.end();
    if (--this.length === 0) dispatcher.remove(this, this.#site);
  }
}

function settle<R, T>(ticket: Ticket<R, T>, outcome: () => T | PromiseLike<T>): void {
  try {
    ticket.resolve(outcome());
  } catch (error) {
    ticket.reject(error);
  }
}

/** Blocks the thread in slices, between which a worker can be terminated. */
export function inSlices(wait: () => Status): Status {
  let status = wait();
  while (status === AGAIN) status = wait();
  return status;
}
