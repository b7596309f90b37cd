// The watched dict of a storm: what players do with it, and one who survives and must have been told of all.
import type { DictChange, DictKey, SharedDict } from "@lockstep/manager";

const KEYS = Array.from({ length: 20 }, (_, index) => `key ${index}`);
const MANY_CHANGES = 3_000; // more than are kept for who is slow
const PATIENCE_MS = 5;
const below = (bound: number): number => Math.floor(Math.random() * bound);
const anyKey = (): string => KEYS[below(KEYS.length)]!;

interface Containers {
  readonly watched: SharedDict<number>;
}

/** One change, or now and then so many that watchers fall behind. */
export function changeWatched({ watched }: Containers): void {
  const way = below(40);
  if (way === 0) watched.clear();
  else if (way === 1) { for (let i = 0; i < MANY_CHANGES; i++) watched.set(anyKey(), i); }
  else if (way < 8) watched.delete(anyKey());
  else if (way < 16) watched.increment(anyKey());
  else watched.set(anyKey(), below(1000), way < 20 ? { ttl: 1 + below(3) } : undefined);
}

/** Watches all or one key until the next change, or for a moment. */
export async function watchForAMoment({ watched }: Containers): Promise<void> {
  const signal = AbortSignal.timeout(below(PATIENCE_MS));
  const changes = watched.watch(below(2) === 0 ? undefined : anyKey(), { signal });
  try {
    await changes.next();
  } catch (error) {
    if (error !== signal.reason) throw error;
  }
  await changes.return?.();
}

/** Watches for as long as the thread lives. */
export async function watchOn({ watched }: Containers, report: (violation: string) => void): Promise<void> {
  for await (const change of watched.watch()) {
    if (change.type === "set" && typeof change.value !== "number") report(`watched: ${change.key} is ${change.value}`);
  }
}

/** What the watched dict has, known from what its watcher was told alone. */
export class Mirror {
  readonly #dict: SharedDict<number>;
  readonly #told = new Map<DictKey, number | undefined>();
  readonly #changes: AsyncIterableIterator<DictChange<number>>;
  /** Changes that it was told of. */
  changes = 0;

  /** From now on. */
  constructor({ watched }: Containers) {
    this.#dict = watched;
    this.#changes = watched.watch();
    this.#lookAnew();
    void this.#follow();
  }

  #lookAnew(): void {
    for (const key of KEYS) this.#told.set(key, this.#dict.get(key));
  }

  async #follow(): Promise<void> {
    for await (const change of this.#changes) {
      this.changes++;
      if (change.type === "reset") this.#lookAnew();
      else this.#told.set(change.key, change.type === "set" ? change.value : undefined);
    }
  }

  /** What it was not told, all being at rest. To ask for the size frees entries whose time is over, which is told. */
  missing(): string[] {
    void this.#dict.size;
    return KEYS.filter((key) => this.#dict.get(key) !== this.#told.get(key))
      .map((key) => `watcher: ${key} is ${this.#dict.get(key)}, it was told ${this.#told.get(key)}`);
  }

  /** Watches no more. */
  async end(): Promise<void> {
    await this.#changes.return?.();
  }
}
