import { type NativeBinding, nativeBinding, RUNG, type Urgency } from "@lockstep/native";

/** Where the words of a list's object are. */
export interface Site {
  /** The addon. */
  readonly binding: NativeBinding;
  /** Undefined for what is left of a disposed object. */
  readonly segment: { readonly handle: number } | undefined;
  /** Under which bit the bell rings for it. */
  readonly info: { readonly bucket: number };
}

/** A list of promises, as the doorbell sees it. */
export interface Looking {
  /** Whether the event loop stays alive for those who wait. */
  readonly holdsLoop: boolean;
  /** The bell has rung: tries for those who wait. */
  look(urgency: Urgency): void;
}

/**
 * The lists in which promises of this thread wait, by segment and by the bucket under which the bell rings for them.
 */
class Dispatcher {
  #isListening = false;
  #reasons = 0;
  readonly #known = new WeakMap<object, Waiting>();
  readonly #active = new Set<Waiting>();

  /** From now on the list looks when the bell rings, and keeps the event loop alive. */
  add(list: Looking, site: Site): void {
    const waiting = this.#waitingIn(site);
    waiting.bucket(site.info.bucket).add(list);
    if (++waiting.lists === 1) {
      this.#active.add(waiting);
      site.binding.setPending(waiting.segment, true);
    }
    if (list.holdsLoop) this.hold(site.binding, 1);
  }

  /** Nothing waits in the list any more. */
  remove(list: Looking, site: Site): void {
    const waiting = this.#waitingIn(site);
    waiting.bucket(site.info.bucket).delete(list);
    if (--waiting.lists === 0) {
      this.#active.delete(waiting);
      site.binding.setPending(waiting.segment, false);
    }
    if (list.holdsLoop) this.hold(site.binding, -1);
  }

  /** One reason more, or less, for the event loop to stay alive. */
  hold(binding: NativeBinding, change: 1 | -1): void {
    this.#listen(binding);
    this.#reasons += change;
    if (this.#reasons === 0) binding.unrefLoop();
    else if (this.#reasons === change) binding.refLoop();
  }

  #waitingIn({ binding, segment = NO_SEGMENT }: Site): Waiting {
    let waiting = this.#known.get(segment);
    if (waiting !== undefined) return waiting;
    this.#listen(binding);
    waiting = new Waiting(binding, segment.handle);
    this.#known.set(segment, waiting);
    return waiting;
  }

  #listen(binding: NativeBinding): void {
    if (!this.#isListening) binding.listen(() => this.#dispatch());
    this.#isListening = true;
  }

  #dispatch(): void {
    for (const waiting of this.#active) waiting.lookAtRung();
  }
}

class Waiting {
  readonly segment: number;
  lists = 0;
  readonly #binding: NativeBinding;
  readonly #buckets: (Set<Looking> | undefined)[] = [];

  constructor(binding: NativeBinding, segment: number) {
    this.#binding = binding;
    this.segment = segment;
  }

  bucket(bit: number): Set<Looking> {
    return this.#buckets[indexOf(bit)] ??= new Set();
  }

  lookAtRung(): void {
    let rung = this.#binding.takeRings(this.segment);
    while (rung !== 0) {
      const index = indexOf(rung);
      rung &= ~(1 << index);
      for (const list of this.#buckets[index] ?? []) list.look(RUNG);
    }
  }
}

/** Of the highest bit. */
function indexOf(bits: number): number {
  return 31 - Math.clz32(bits);
}

// Disposed objects have none; nothing ever waits for them for longer than native code takes to say so.
const NO_SEGMENT = { handle: 0 };

/** One per thread, as the doorbell is. */
export const dispatcher: Dispatcher = new Dispatcher();

/** One reason more, or less, for the event loop of this thread to stay alive. */
export function holdLoop(change: 1 | -1): void {
  dispatcher.hold(nativeBinding(), change);
}
