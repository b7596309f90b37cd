// Who owns an RLock that was taken by a Promise: the async task that awaited it.
//
// JavaScript has no name for a task, so `acquire()` gives its caller one: a number, entered into the AsyncLocalStorage
// at the call. What runs after the `await`, and all that is called from there, finds the number again.
//
//     number       may use the hold        from                                to
//     pending      nobody                  the call of acquire()               the reaction of its Promise
//     live         contexts that have it   the reaction                        the last release
//     over         nobody                  the last release                    -
//
// Two tasks that one function starts side by side, `first(); second();`, call acquire() in one turn: the number of the
// first is still pending then, so the second gets its own and waits.
//
// What cannot be told apart: a function that starts a task and goes on without awaiting it has, from then on, the
// task's number too, because an `await` inside the called task has no way to end the context of the caller. Reading
// `guard[Symbol.dispose]`, which `using` does at its declaration, tells who the task is: the number then moves to a
// context of its own and the starter no longer has it.
import { AsyncLocalStorage } from "node:async_hooks";

/** Owner of holds that `acquireSync()` took: all code of the thread. */
export const THREAD_OWNER = 0;

const LARGEST_OWNER = 0x3fffffff; // a small integer in every V8

const contexts = new AsyncLocalStorage<OwnerContext>();
const live = new Set<number>();
let lastOwner = 0;

/**
 * Whether the code that runs now may use a hold of this owner. The thread's own holds are open to all that runs in it.
 */
export function isOwner(owner: number): boolean {
  return owner === THREAD_OWNER || (live.has(owner) && contexts.getStore()?.has(owner) === true);
}

/** The owner's last level was released: nobody has its number any more. */
export function endOwner(owner: number): void {
  live.delete(owner);
}

/** One call of `acquire()` that is no re-entry, and the context that it puts its caller in. */
export class OwnerContext {
  /** The number of this call. */
  readonly owner: number;
  readonly #outer: readonly number[];
  #isMoved = false;

  private constructor(owner: number, outer: readonly number[]) {
    this.owner = owner;
    this.#outer = outer;
  }

  /** Enters a new context; to be called synchronously by `acquire()`. */
  static enter(): OwnerContext {
    lastOwner = lastOwner % LARGEST_OWNER + 1;
    const context = new OwnerContext(lastOwner, contexts.getStore()?.owners() ?? []);
    contexts.enterWith(context);
    return context;
  }

  /** The Promise to give to the caller: by the time that the caller hears of its hold, it may use it. */
  deliver<T>(granted: Promise<T>): Promise<T> {
    return granted.then((hold) => {
      live.add(this.owner);
      return hold;
    });
  }

  /** Called by the code that has the guard: it is the task, and whoever else has this context is not. */
  claim(): void {
    if (this.#isMoved || !live.has(this.owner)) return;
    this.#isMoved = true;
    contexts.enterWith(new OwnerContext(this.owner, this.#outer));
  }

  /** Whether code in this context may use holds of the owner. */
  has(owner: number): boolean {
    return (owner === this.owner && !this.#isMoved) || this.#outer.includes(owner);
  }

  /** The owners of the context that still hold something: what contexts entered from here inherit. */
  owners(): readonly number[] {
    return (this.#isMoved ? this.#outer : [this.owner, ...this.#outer]).filter((owner) => live.has(owner));
  }
}
