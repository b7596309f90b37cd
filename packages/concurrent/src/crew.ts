import { SharedArray } from "@lockstep/memory";
import { holdLoop } from "@lockstep/segment";
import { Event, Lock } from "@lockstep/sync";

import type { WorkerSetup } from "./messages.ts";
import { type ParkingWords, starting, wakeUpTo } from "./parking.ts";
import type { Party } from "./party.ts";

const MOST_LEFT_MS = 1000; // for a thread that was ended, on Deno, to come out of what it is in; if it ever does

/** A worker of an executor, as that knows it. */
export interface CrewMember {
  /** Tells it from the others. */
  readonly index: number;
  /** Its process or thread. */
  readonly party: Party;
  /** Held by it as long as it lives: a runtime may say of a thread that it has ended while that takes another task. */
  readonly life: Lock;
  /** What wakes it. */
  readonly event: Event;
  /** It has said that it is made ready. */
  isReady: boolean;
  /** It has said that it leaves. */
  hasLeft: boolean;
  /** It has ended, and that was told. */
  hasEnded: boolean;
  /** Resolves then. */
  gone: Promise<void>;
}

/** What happens to a crew. */
export interface CrewEvents {
  /** Starts a worker of that index, which holds the lock as long as it lives, or leaves where it cannot have it. */
  start(place: Pick<WorkerSetup, "index" | "life" | "event" | "parking">): Party;
  /** A worker has ended; once for each, while its index is still its own. */
  ended(member: CrewMember): void;
  /** After that: its place can be another's. */
  left(): void;
}

/** The workers of an executor. */
export class Crew {
  readonly #most: number;
  readonly #events: CrewEvents;
  readonly #members: Map<number, CrewMember> = new Map();
  readonly #parking: ParkingWords;
  #stillborn = 0;

  /** At most so many; none is started yet. */
  constructor(most: number, events: CrewEvents) {
    this.#most = most;
    this.#events = events;
    this.#parking = new SharedArray("u32", most);
  }

  /** How many there are. */
  get size(): number {
    return this.#members.size;
  }

  /** Those that there are. */
  get members(): ReadonlyMap<number, CrewMember> {
    return this.#members;
  }

  /** What a worker says. */
  hear(index: number, news: "ready" | "leaves"): void {
    const member = this.#members.get(index);
    if (news === "ready") this.thrives();
    if (member !== undefined) member[news === "ready" ? "isReady" : "hasLeft"] = true;
  }

  /** One of them has become ready, or has done a task. */
  thrives(): void {
    this.#stillborn = 0;
  }

  /** Counts one that has ended. @returns How many were never ready since `thrives()`, this one being the last. */
  stillborn({ isReady }: CrewMember): number {
    return isReady ? 0 : ++this.#stillborn;
  }

  /** Starts workers until there are so many, or as many as there can be. @throws What keeps one from being started. */
  growTo(count: number): void {
    while (this.size < Math.min(count, this.#most)) this.#add();
  }

  /** Wakes workers until so many look for tasks, or all. */
  wakeUpTo(count: number): void {
    if (this.size > 0) wakeUpTo(count, this.#parking, this.#members);
  }

  /** Looks whether some have ended, for whoever blocks the event loop that would tell. */
  look(): void {
    for (const member of [...this.#members.values()]) {
      if (!member.party.alive && member.life.tryAcquire() !== undefined) this.#remove(member);
    }
  }

  /** Waits until all have ended, without blocking the thread. */
  async join(): Promise<void> {
    holdLoop(1);
    while (this.size > 0) await Promise.all([...this.#members.values()].map(({ gone }) => gone));
    holdLoop(-1);
  }

  #add(): void {
    let index = 0;
    while (this.#members.has(index)) index++;
    const [life, event] = [new Lock(), new Event()];
    starting(this.#parking, index);
    const party = this.#events.start({ index, life, event, parking: this.#parking });
    const member = {
      index,
      party,
      life,
      event,
      isReady: false,
      hasLeft: false,
      hasEnded: false,
      gone: Promise.resolve(),
    };
    this.#members.set(index, member);
    member.gone = party.ended.then(() => this.#outlive(member));
  }

  async #outlive(member: CrewMember): Promise<void> {
    if (member.hasEnded) return;
    try {
      await member.life.acquire({ timeout: MOST_LEFT_MS });
    } catch { /* it cannot be ended, or is gone as others have seen */ }
    this.#remove(member);
  }

  #remove(member: CrewMember): void {
    if (member.hasEnded) return;
    member.hasEnded = true;
    this.#events.ended(member);
    this.#members.delete(member.index);
    member.party[Symbol.dispose]();
    member.life[Symbol.dispose]();
    member.event[Symbol.dispose]();
    this.#events.left();
  }

  /** Gives the memory back, when all have ended. */
  [Symbol.dispose](): void {
    this.#parking[Symbol.dispose]();
  }
}
