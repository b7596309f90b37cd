import { Event } from "@lockstep/sync";

import type { Party } from "./party.ts";

/** A worker of an executor, as that knows it. */
export interface CrewMember {
  /** Tells it from the others. */
  readonly index: number;
  /** Its process or thread. */
  readonly party: Party;
  /** What wakes it. */
  readonly event: Event;
  /** It has said that it leaves. */
  hasLeft: boolean;
}

/** What happens to a crew. */
export interface CrewEvents {
  /** Starts a worker of that index. */
  start(index: number, event: Event): Party;
  /** A worker has ended; once for each. */
  ended(member: CrewMember): void;
}

/** The workers of an executor. */
export class Crew {
  readonly #most: number;
  readonly #events: CrewEvents;
  readonly #members: Map<number, CrewMember> = new Map();

  /** At most so many; none is started yet. */
  constructor(most: number, events: CrewEvents) {
    this.#most = most;
    this.#events = events;
  }

  /** How many there are. */
  get size(): number {
    return this.#members.size;
  }

  /** Those that there are. */
  get members(): ReadonlyMap<number, CrewMember> {
    return this.#members;
  }

  /** Starts workers until there are so many, or as many as there can be. */
  growTo(count: number): void {
    while (this.size < Math.min(count, this.#most)) this.#add();
  }

  /** Looks whether some have ended, for whoever blocks the event loop that would tell. */
  look(): void {
    for (const member of [...this.#members.values()]) if (!member.party.alive) this.#remove(member);
  }

  /** Waits until all have ended, without blocking the thread. */
  async join(): Promise<void> {
    while (this.size > 0) {
      const [member] = this.#members.values();
      await member!.party.join();
      this.#remove(member!);
    }
  }

  #add(): void {
    let index = 0;
    while (this.#members.has(index)) index++;
    const event = new Event();
    const party = this.#events.start(index, event);
    const member = { index, party, event, hasLeft: false };
    this.#members.set(index, member);
    void party.ended.then(() => this.#remove(member));
  }

  #remove(member: CrewMember): void {
    if (this.#members.get(member.index) !== member) return;
    this.#members.delete(member.index);
    this.#events.ended(member);
    member.party[Symbol.dispose]();
    member.event[Symbol.dispose]();
  }
}
