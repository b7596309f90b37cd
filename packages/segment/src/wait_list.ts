import type { WaitOptions } from "@lockstep/contract";
import { AGAIN, check, FRESH, RUNG, STARVING, type Status, UNAVAILABLE, type Urgency } from "@lockstep/native";

import { dispatcher, type Looking, type Site } from "./dispatcher.ts";
import { Limit, type Limits, limitsOf } from "./limit.ts";

/** A chance that promises wait for. `R` is what each of them wants, `T` what it gets. */
export interface Waitable<R, T> {
  /** Tries for the request. UNAVAILABLE has armed the bell; every other outcome has disarmed it. */
  arm(request: R, urgency: Urgency): Status;
  /**
   * True if arm() would change nothing and fail: the bell and the waiters' bits stand, and after that the request had
   * no chance. It spares a native call for every list of a bucket in which another one was rung for.
   */
  isHopeless?(request: R): boolean;
  /** Tries for the request without arming the bell. */
  attempt(request: R): Status;
  /** Takes the bell back, and passes on what it may have rung for. */
  disarm(): void;
  /** What the promise resolves with, made at the moment of the grant; what it throws, the promise rejects with. */
  grant(request: R, status: Status): T | PromiseLike<T>;
  /** What the promise resolves with when its time has run out; what it throws, the promise rejects with. */
  expire(request: R, timeout: number): T | PromiseLike<T>;
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
const NO_SIBLINGS: readonly never[] = [];
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
  /** Whether the event loop stays alive for them; to be changed while none waits. */
  holdsLoop = true;
  /** Other lists that share the object's bell: when this one takes the bell back, they must arm again. */
  siblings: readonly (Looking & { readonly length: number })[] = NO_SIBLINGS;
  #head: Ticket<R, T> | undefined;
  #tail: Ticket<R, T> | undefined;
  #turns = 0;
  readonly #waitable: Waitable<R, T>;
  readonly #site: Site;

  /** An empty list; the bell rings at the site. */
  constructor(waitable: Waitable<R, T>, site: Site) {
    this.#waitable = waitable;
    this.#site = site;
  }

  /** A wait from its beginning: reads the options, tries where nobody waits yet, and waits if the options let it. */
  start(request: R, options: WaitOptions | undefined): Promise<T> {
    try {
      const limits = limitsOf(options, this.#waitable.where);
      const status = this.length === 0 ? this.#waitable.attempt(request) : UNAVAILABLE;
      if (status !== UNAVAILABLE) return Promise.resolve(this.#grant(request, status));
      return this.wait(request, limits);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Waits, behind those who wait already. */
  wait(request: R, limits: Limits): Promise<T> {
    if (limits.signal?.aborted) return this.#endAborted(request, limits.signal);
    return new Promise<T>((resolve, reject) => {
      const ticket: Ticket<R, T> = {
        request,
        sinceMs: this.#site.binding.now(),
        resolve,
        reject,
        limit: undefined,
        next: undefined,
        previous: this.#tail,
      };
      if (limits.timeout === 0) return settle(ticket, () => this.#waitable.expire(request, 0));
      this.#append(ticket);
      if (this.length === 1) this.look(FRESH);
      const isLimited = limits.timeout !== Infinity || limits.signal !== undefined;
      if (isLimited && this.#has(ticket)) ticket.limit = this.#startLimit(ticket, limits);
    });
  }

  #endAborted(request: R, signal: AbortSignal): Promise<T> {
    this.#waitable.abandon?.(request);
    return Promise.reject(signal.reason);
  }

  /** Grants from the head on, until the next one has to wait. */
  look(urgency: Urgency): void {
    let granted = false;
    for (let head = this.#head; head !== undefined; head = this.#head) {
      if (urgency === RUNG && this.#waitable.isHopeless?.(head.request)) break;
      const status = this.#waitable.arm(head.request, urgency === FRESH ? FRESH : this.#urgencyOf(head));
      if (status === UNAVAILABLE) break;
      granted = true;
      this.#remove(head);
      settle(head, () => this.#grant(head.request, status));
    }
    if (granted) this.#lookAtSiblings();
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
    settle(head, () => this.#grant(head.request, status));
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

  #grant(request: R, status: Status): T | PromiseLike<T> {
    return this.#waitable.grant(request, check(status, this.#waitable.where));
  }

  #startLimit(ticket: Ticket<R, T>, limits: Limits): Limit {
    return new Limit(limits, {
      now: () => this.#site.binding.now(),
      expire: () => {
        // A thread that was busy finds the time over and the lock free.
        this.look(FRESH);
        if (this.#drop(ticket)) settle(ticket, () => this.#waitable.expire(ticket.request, limits.timeout));
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
    this.#lookAtSiblings();
  }

  #lookAtSiblings(): void {
    for (const sibling of this.siblings) if (sibling.length > 0) sibling.look(FRESH);
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
