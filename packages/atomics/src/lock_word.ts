// The word of Lock and RLock: 0, or the thread that holds; bits as in `word.ts`.
//
//     step                     word                     partner
//     take                     0 -> ME                  give back
//     take, having slept       0 -> ME | ASLEEP         the next giving back, which wakes the next sleeper
//     give back                ME -> 0                  take
//     give back with waiters   ME | bits -> 0, wake     sleepUntil, WaitList
//
// HOLD is the number of the present hold, written by its holder alone. A guard gives back only the hold of its number,
// so that it stays harmless after `lock.release()`, whoever holds the lock by then.
import { ME, THREAD_BITS } from "./thread_number.ts";
import { OWN, wake, type Want, WORD } from "./word.ts";

/** Index of the number of the present, or of the last, hold. */
export const HOLD: number = OWN;
/** Index of the last number given out; another than HOLD while a Condition has suspended the hold. */
export const LAST_HOLD: number = OWN + 1;
/** Index of the first word after those of the lock word. */
export const OWN_OF_LOCK: number = OWN + 2;

/** Wants to be the holder. */
export const EXCLUSIVE: Want = {
  take: (seen) => (seen & THREAD_BITS) === 0 ? seen | ME : undefined,
  bits: 0,
  isSingle: true,
};

/** Numbers the hold that this thread has just got. */
export function startHold(words: Int32Array): number {
  return words[HOLD] = words[LAST_HOLD] = (words[LAST_HOLD]! + 1) | 0;
}

/** The thread that holds, 0 for none. */
export function holderOf(words: Int32Array): number {
  return Atomics.load(words, WORD) & THREAD_BITS;
}

/** Gives the word back if the predicate likes its holder, and wakes a waiter. */
export function giveBackSlow(words: Int32Array, mayRelease: (holder: number) => boolean): boolean {
  for (;;) {
    const seen = Atomics.load(words, WORD);
    if (!mayRelease(seen & THREAD_BITS)) return false;
    if (Atomics.compareExchange(words, WORD, seen, 0) !== seen) continue;
    wake(words, seen, 1);
    return true;
  }
}

/** This thread. */
export function isMe(holder: number): boolean {
  return holder === ME;
}

/** Any thread, but not none. */
export function isAnybody(holder: number): boolean {
  return holder !== 0;
}
