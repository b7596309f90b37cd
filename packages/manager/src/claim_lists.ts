import { checkTimeout, InvalidStateError, show, type SyncWaitOptions, type WaitOptions } from "@lockstep/contract";
import { COMPUTE, type DictKey, FRESH, OK, type Status, TIMED_OUT } from "@lockstep/native";
import { type Closable, inSlices, type ObjectState, timedOut, type Waitable, WaitList } from "@lockstep/segment";

import { errorOf } from "./container_failure.ts";

const CLAIM_BYTES = 56; // node, key and owner

/** The promises of this thread that wait for the claim of one key. */
class KeyClaim implements Waitable<DictKey, void> {
  readonly where: string;
  readonly #state: ObjectState;
  readonly #held: Set<DictKey>;

  constructor(state: ObjectState, key: DictKey, held: Set<DictKey>) {
    this.#state = state;
    this.#held = held;
    this.where = `compute key ${show(key)} of ${state.label}`;
  }

  arm(key: DictKey): Status {
    return this.#state.binding.claimArm(this.#state.native, key, COMPUTE);
  }

  attempt(key: DictKey): Status {
    return this.#state.binding.claimTry(this.#state.native, key, COMPUTE);
  }

  disarm(): void {
    this.#state.binding.claimDisarm(this.#state.native);
  }

  /** Notes it at once: the dict may be disposed before the promise tells anybody. */
  grant(key: DictKey): void {
    this.#held.add(key);
  }

  expire(_key: DictKey, timeout: number): never {
    throw timedOut(this.where, timeout);
  }
}

/**
 * Claims on the keys of a dict: who has one is alone at work on its key, among all threads of all processes. Protocol:
 * `native/core/claim.cpp`.
 */
export class ClaimLists implements Iterable<Closable> {
  readonly #state: ObjectState;
  readonly #lists = new Map<DictKey, WaitList<DictKey, void>>();
  readonly #held = new Map<number, Set<DictKey>>();
  #all: WaitList<DictKey, void>[] = [];

  constructor(state: ObjectState) {
    this.#state = state;
  }

  /** Waits for the claim to compute a key, without blocking the thread. */
  async acquire(key: DictKey, options: WaitOptions | undefined): Promise<void> {
    const list = this.#listOf(key);
    try {
      await list.start(key, options);
    } finally {
      if (list.length === 0) this.#drop(key, list);
    }
  }

  /**
   * Waits for a claim, blocking the thread.
   * @throws {InvalidStateError} If this thread has it already, and so would wait for itself.
   * @throws {TimeoutError} If the timeout passes first.
   */
  acquireSync(key: DictKey, purpose: number, options: SyncWaitOptions | undefined): void {
    const { binding, native, label } = this.#state;
    const verb = purpose === COMPUTE ? "compute" : "modify";
    const where = `${verb} key ${show(key)} of ${label}`;
    const timeout = checkTimeout(options, where);
    if (this.#heldFor(purpose).has(key)) {
      throw new InvalidStateError(`Cannot ${where}: this thread is doing so already, and would wait for itself`);
    }
    let status = binding.claimTry(native, key, purpose);
    if (status > OK) {
      const deadline = binding.now() + timeout;
      status = inSlices(() => binding.claimAcquire(native, key, purpose, deadline));
    }
    if (status === TIMED_OUT) throw timedOut(where, timeout);
    if (status < OK) throw errorOf(status, { state: this.#state, action: `${verb} value in`, key, bytes: CLAIM_BYTES });
    this.#heldFor(purpose).add(key);
  }

  /** Gives it back; all who wait for claims of this dict try again. */
  release(key: DictKey, purpose: number): void {
    this.#heldFor(purpose).delete(key);
    this.#state.binding.claimRelease(this.#state.native, key, purpose);
    for (const list of this.#all) if (list.length > 0) list.look(FRESH);
  }

  /** Whether this thread has any claim. */
  get isHolding(): boolean {
    return [...this.#held.values()].some((keys) => keys.size > 0);
  }

  [Symbol.iterator](): Iterator<Closable> {
    return this.#all[Symbol.iterator]();
  }

  #heldFor(purpose: number): Set<DictKey> {
    let held = this.#held.get(purpose);
    if (held === undefined) this.#held.set(purpose, held = new Set());
    return held;
  }

  #listOf(key: DictKey): WaitList<DictKey, void> {
    let list = this.#lists.get(key);
    if (list !== undefined) return list;
    list = new WaitList(new KeyClaim(this.#state, key, this.#heldFor(COMPUTE)), this.#state);
    this.#lists.set(key, list);
    this.#renew();
    return list;
  }

  #drop(key: DictKey, list: WaitList<DictKey, void>): void {
    if (this.#lists.get(key) !== list) return;
    this.#lists.delete(key);
    this.#renew();
  }

  /** All share the bell of the dict, so each has to know the others. */
  #renew(): void {
    this.#all = [...this.#lists.values()];
    for (const list of this.#all) list.siblings = this.#all.filter((other) => other !== list);
  }
}
