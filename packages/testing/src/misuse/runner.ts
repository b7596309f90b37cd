// Tries every misuse of one class and tells what went wrong.
import type { Primitives } from "../implementation.ts";
import { impostorsOf, membersOf } from "./receivers.ts";
import { MISUSED, type Misused, type MisusedClass } from "./trials.ts";
import { complaint, isCorrect, isTyped, VALUES } from "./values.ts";

/** What is told of a try: first that it begins, then what was wrong with it, if anything. */
export type Tell = (message: { begins: string } | { wrong: string } | { done: number }) => void;

const PENDING_MS = 2000;

/** Runs all tries of the class. A crash ends the process meanwhile, which is for the parent to see. */
export async function tryMisuse(name: MisusedClass, primitives: Primitives, tell: Tell): Promise<void> {
  const misused = MISUSED[name](primitives);
  let before = JSON.stringify(misused.state());
  let tries = 0;
  const attempt = async (title: string, act: () => Promise<string | undefined>): Promise<void> => {
    tell({ begins: title });
    tries++;
    const wrong = await act();
    if (wrong !== undefined) tell({ wrong: `${title}: ${wrong}` });
    const after = JSON.stringify(misused.state());
    if (after !== before) tell({ wrong: `${title}: the state was ${before} and is ${after}` });
    before = after;
  };
  await tryValues(misused, attempt);
  await tryReceivers(misused, name === "Event" ? new primitives.Lock() : new primitives.Event(), attempt);
  await tryDisposed(MISUSED[name](primitives), attempt);
  tell({ done: tries });
}

type Attempt = (title: string, act: () => Promise<string | undefined>) => Promise<void>;

async function tryValues({ trials, foreign }: Misused, attempt: Attempt): Promise<void> {
  for (const [title, call] of foreign) {
    await attempt(title, async () => {
      const outcome = await outcomeOf(call);
      return "error" in outcome && isTyped(outcome.error) ? undefined : "was accepted, or refused without saying why";
    });
  }
  for (const [title, parameter, call] of trials) {
    for (const [label, value] of Object.entries(VALUES)) {
      if (isCorrect(parameter, value)) continue;
      await attempt(`${title} with ${label}`, async () => {
        const outcome = await outcomeOf(() => call(value as never));
        return "error" in outcome ? complaint(parameter, value, outcome.error) : "was accepted";
      });
    }
  }
}

async function tryReceivers({ subject }: Misused, other: object, attempt: Attempt): Promise<void> {
  for (const { title, prototype, call } of membersOf(subject)) {
    for (const [label, receiver] of impostorsOf(subject, other)) {
      if (receiver === other && Object.prototype.isPrototypeOf.call(prototype, other)) continue; // a common base
      await attempt(`${title} called on ${label}`, async () => {
        const outcome = await outcomeOf(() => call(receiver));
        if ("value" in outcome) return "was accepted";
        return outcome.error instanceof TypeError ? undefined : `threw ${String(outcome.error)} instead of TypeError`;
      });
    }
  }
}

/** What a disposed object still does is its own affair, as long as it ends well or with an error of the contract's. */
async function tryDisposed({ subject }: Misused, attempt: Attempt): Promise<void> {
  const dispose = (subject as Partial<Disposable>)[Symbol.dispose]?.bind(subject);
  if (dispose === undefined) return;
  dispose();
  dispose();
  const options = { timeout: 0 };
  for (const [title, key] of methodsOf(subject)) {
    await attempt(`${title} after dispose`, async () => {
      const argument = key.startsWith("waitFor") ? [() => false, options] : [key === "release" ? undefined : options];
      const outcome = await outcomeOf(() =>
        (subject as Record<string, (...args: unknown[]) => unknown>)[key]!(...argument)
      );
      return "error" in outcome && !isTyped(outcome.error) ? `threw ${String(outcome.error)}` : undefined;
    });
  }
}

function methodsOf(subject: object): [title: string, key: string][] {
  const prototype: object = Object.getPrototypeOf(subject);
  const keys = Object.getOwnPropertyNames(prototype).filter((key) => key !== "constructor");
  return keys.filter((key) => typeof Object.getOwnPropertyDescriptor(prototype, key)?.value === "function")
    .map((key) => [`${prototype.constructor.name}.${key}()`, key]);
}

async function outcomeOf(act: () => unknown): Promise<{ value: unknown } | { error: unknown }> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject("nothing: it still waits"), PENDING_MS);
  });
  try {
    return { value: await Promise.race([act(), late]) };
  } catch (error) {
    return { error };
  } finally {
    clearTimeout(timer);
  }
}
