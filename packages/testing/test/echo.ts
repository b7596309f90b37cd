// An object for peers to attach: it answers, fails, waits and blocks as it is asked.
export class Echo {
  readonly handle: string;

  constructor(name: string) {
    this.handle = name;
  }

  static from(handle: string): Echo {
    return new Echo(handle);
  }

  say(word: unknown): string {
    return `${this.handle} says ${word}`;
  }

  fail(): never {
    throw Object.assign(new RangeError("as asked"), { code: "ERR_ECHO" });
  }

  async wait(milliseconds: number): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return "waited";
  }

  waitSync(milliseconds: number): string {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
    return "blocked";
  }

  /** Waits until the signal aborts. */
  waitUntil({ signal }: { signal: AbortSignal }): Promise<string> {
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason.message)));
  }

  hold(): { ownerDied: boolean; release(): void } {
    return { ownerDied: true, release: () => this.fail() };
  }
}
