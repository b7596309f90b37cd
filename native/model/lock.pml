/* The lock word: Lock, RLock, internal locks. Synchronous waiters only; lock_bell.pml mixes in the others.
 *
 * MODELLED. Acquire (the fast and the slow path are the same swaps), release, the waiters bit W that a release takes away
 * and the woken one sets again, hand-over by S and GRANT, ABANDONED, leaving by time-out with the baton passed on, release
 * by a stranger, the death scan.
 *
 * ASSERTED. Who is inside owns the word and is alone. Nobody alive waits for ever. At rest the word is free or abandoned.
 * Each death inside a hold is reported once, or still stands as ABANDONED.
 *
 * SWITCHES. STARVE: lock_word.pml. STRANGER: participant 3 does not acquire; once, it releases whatever owner it sees, so
 * nobody is alone and a report may be lost.
 *
 * MUST FAIL. MUTATION_TAKER_LEAVES_NO_W, MUTATION_LEAVER_KEEPS_BATON, MUTATION_RELEASE_READS_W_FIRST,
 * MUTATION_GRANT_UNRESOLVED (nobody was woken and GRANT stays), MUTATION_GRANT_W_UNRESOLVED (the same, only where a newcomer
 * sleeps on it), MUTATION_SCAN_LEAVES_WORD, MUTATION_SCAN_LEAVES_GRANT, MUTATION_SCAN_WITHDRAWS_GRANT_FIRST
 * (while the dead may still take the wake-up of a hand-over), MUTATION_SCAN_WAKES_FIRST (before it changes the word),
 * MUTATION_SCAN_WAKES_NOBODY.
 */
#ifdef STRANGER
#define MAY_RELEASE ID(word) == me || (me == 3 && NAMES_OWNER(word))
#endif
#define AT_RELEASE inside = 0
#include "participants.pml"
#include "bells.pml"
#include "lock_word.pml"

byte inside; /* live participants between acquire and release */

#define DIES(k) if :: ID(word) == k -> deaths++; inside = 0 :: else fi

proctype Sleeper(byte me) MORTAL {
  byte round, seen, woken, rung;
  bit waited, granted;

  {
    do
    :: round < ROUNDS ->
      round++;
#ifdef STRANGER
      if :: me == 3 -> goto release :: else fi;
#endif
acquire:
      acquire_asleep();
pass_on:
      pass_baton_on();
held:
#ifndef STRANGER
      atomic { assert(ID(word) == me && inside == 0); inside = 1; waited = 0 };
#endif
release:
      release_word()
    :: else -> break
    od;
    done[me] = 1
  } unless DEATH(round = 0; seen = 0; woken = 0; rung = 0; waited = 0; granted = 0)
}

#if FIRST_ISOLATE < 4
proctype Isolate(byte me) MORTAL {
  byte round, seen, woken, rung;
  bit waited, granted;

  {
    do
    :: round < ROUNDS ->
      round++;
      acquire_by_bell();
pass_on:
      pass_baton_on();
held:
      disarm(bells);
      atomic { assert(ID(word) == me && inside == 0); inside = 1; waited = 0 };
release:
      release_word()
    :: else -> break
    od;
    done[me] = 1
  } unless DEATH(round = 0; seen = 0; woken = 0; rung = 0; waited = 0; granted = 0)
}
#define START(k) if :: IS_ISOLATE(k) -> run Isolate(k) :: else -> run Sleeper(k) fi
#else
#define START(k) run Sleeper(k)
#endif

#define SCAN(k) scrub_bell(bells, k); scan_word(k); ring_everybody()
#define REPORTED_AT_REST (reported + (word == ABANDONED))
#ifdef STRANGER
#define REST_HOLDS ((word == FREE || word == ABANDONED) && REPORTED_AT_REST <= deaths)
#else
#define REST_HOLDS ((word == FREE || word == ABANDONED) && REPORTED_AT_REST == deaths)
#endif

KILLER
WATCHER
MONITOR
init { atomic { START(1); START(2); START(3) } }
