import { equal } from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, it } from "node:test";
import { endOwner, isOwner, OwnerContext, THREAD_OWNER } from "@lockstep/contract";

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const inFreshContext = AsyncLocalStorage.snapshot();

/** What an acquire() does with the context, without a lock. */
function acquire(): Promise<OwnerContext> {
  const context = OwnerContext.enter();
  return context.deliver(Promise.resolve(context));
}

/** Each test as a task that no other has started. */
function itInTask(title: string, task: () => Promise<void>): void {
  it(title, () => inFreshContext(() => nextTurn().then(task)));
}

describe("OwnerContext", () => {
  itInTask("is the task that awaited it, from then until the end", async () => {
    const pending = acquire();
    const { owner } = await pending;
    equal(isOwner(owner), true);
    await nextTurn();
    equal(isOwner(owner), true);
    endOwner(owner);
    equal(isOwner(owner), false);
  });

  itInTask("owns nothing in the turn of the call", async () => {
    const pending = acquire();
    const context = OwnerContext.enter();
    equal(isOwner(context.owner), false);
    const { owner } = await pending;
    equal(isOwner(owner), false); // the later context is the one that went through the await
    endOwner(owner);
  });

  itInTask("passes to what the task calls", async () => {
    const { owner } = await acquire();
    const nested = async (): Promise<boolean> => {
      await nextTurn();
      return isOwner(owner);
    };
    equal(await nested(), true);
    endOwner(owner);
  });

  itInTask("keeps what the task owned before", async () => {
    const outer = await acquire();
    const inner = await acquire();
    equal(isOwner(outer.owner), true);
    equal(isOwner(inner.owner), true);
    endOwner(outer.owner);
    equal(isOwner(outer.owner), false);
    equal(isOwner(inner.owner), true);
    endOwner(inner.owner);
  });

  itInTask("is another for each of two tasks that start side by side", async () => {
    const seen: boolean[] = [];
    const task = async (): Promise<number> => {
      const { owner } = await acquire();
      await nextTurn();
      seen.push(isOwner(owner));
      return owner;
    };
    const owners = await Promise.all([task(), task()]);
    equal(seen.join(), "true,true");
    equal(owners[0] === owners[1], false);
    owners.forEach(endOwner);
  });

  itInTask("leaves who started the task, once the task has claimed it", async () => {
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => finish = resolve);
    let owner = 0;
    const seen: boolean[] = [];
    const task = async (): Promise<void> => {
      const context = await acquire();
      context.claim();
      owner = context.owner;
      await finished;
      seen.push(isOwner(owner));
    };
    const running = task();
    await nextTurn();
    equal(isOwner(owner), false);
    finish();
    await running;
    equal(seen.join(), "true");
    equal(isOwner(owner), false);
    endOwner(owner);
  });

  itInTask("claims once", async () => {
    const context = await acquire();
    context.claim();
    context.claim();
    equal(isOwner(context.owner), true);
    endOwner(context.owner);
    context.claim();
    equal(isOwner(context.owner), false);
  });

  itInTask("forgets owners that are over, so that a loop does not grow it", async () => {
    const outer = await acquire();
    for (let round = 0; round < 1000; round++) endOwner((await acquire()).owner);
    const { owner } = await acquire();
    equal(OwnerContext.enter().owners().join(), [owner, outer.owner].join());
    endOwner(owner);
    endOwner(outer.owner);
  });

  itInTask("is not asked where the thread owns", async () => {
    equal(isOwner(THREAD_OWNER), true);
    await nextTurn();
    equal(isOwner(THREAD_OWNER), true);
  });
});
