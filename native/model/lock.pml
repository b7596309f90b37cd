/* The lock word: Lock, RLock, the turnstile of RWLock, internal locks. Synchronous waiters only; lock_bell.pml mixes in the
 * others.
 *
 * MODELLED. Acquire (the fast and the slow path are the same swaps), release, the waiters bit W that a release takes away
 * and the woken one sets again, hand-over by S and GRANT, ABANDONED, leaving by time-out, release by a stranger, the
 * death scan.
 *
 * ASSERTED. Who is inside owns the word and is alone. Nobody alive waits for ever. At rest the word is free or abandoned.
 * Each death inside a hold is reported once, or still stands as ABANDONED.
 *
 * SWITCHES. STARVE: a waiter that has slept may set S. STRANGER: participant 3 does not acquire; once, it releases
 * whatever owner it sees, so nobody is alone and a report may be lost.
 *
 * MUST FAIL. MUTATION_TAKER_LEAVES_NO_W, LEAVER_KEEPS_BATON, RELEASE_READS_W_FIRST, GRANT_UNRESOLVED (nobody was woken and
 * GRANT stays), GRANT_W_UNRESOLVED (the same, only where a newcomer sleeps on it), SCAN_LEAVES_WORD, SCAN_LEAVES_GRANT,
 * SCAN_WAKES_FIRST (before it changes the word), SCAN_WAKES_NOBODY.
 */
#include "participants.pml"
#include "lock_word.pml"

bit hot;    /* somebody has slept here, ever */
byte inside; /* live participants between acquire and release */

#define DIES(k) if :: ID(word) == k -> deaths++; inside = 0 :: else fi

/* Takes the lock once, with everything it may meet on the way. */
proctype Participant(byte me) provided (!dead[me]) {
  byte round, seen, woken;
  bit waited, granted;

  do
  :: round < ROUNDS ->
    round++;
#ifdef STRANGER
    if :: me == 3 -> goto release :: else fi;
#endif
acquire:
    atomic {
      if
      TAKE
      :: ID(word) == GRANT && !waited -> word = word | W
      :: NAMES_OWNER(word) -> word = word | W
#ifdef STARVE
      :: NAMES_OWNER(word) && waited -> word = word | W | S
#endif
      fi;
      seen = word
    };
    if :: !hot -> hot = 1 :: else fi;
    atomic { /* futex_wait: the kernel compares and queues in one step */
      if :: word == seen -> asleep[me] = 1 :: else fi;
      seen = 0;
      waited = 1
    };
    if
    :: !asleep[me] -> goto acquire
    :: atomic { me == GIVES_UP -> asleep[me] = 0 }
    fi;
leave:
    atomic {
      if
      TAKE
      :: NAMES_OWNER(word) -> word = BATON_PASSED; goto next
      fi
    };
held:
#ifndef STRANGER
    atomic { assert(ID(word) == me && inside == 0); inside = 1; waited = 0 };
#endif
release:
#ifdef MUTATION_RELEASE_READS_W_FIRST
    seen = word;
    atomic {
      inside = 0;
      word = FREE;
      if :: seen == me -> goto next :: else fi
    };
#else
    atomic {
      inside = 0;
      if
      :: ID(word) == me || (me == 3 && NAMES_OWNER(word)) -> if RELEASE fi
      :: else -> goto next
      fi
    };
#endif
wake:
    atomic { futex_wake_one(woken) };
    atomic {
      if
#ifndef MUTATION_GRANT_UNRESOLVED
      :: granted && !woken && word == GRANT -> word = FREE
#ifndef MUTATION_GRANT_W_UNRESOLVED
      :: granted && !woken && word == (GRANT | W) -> word = FREE; granted = 0; goto wake
#endif
#endif
      :: else
      fi
    };
next:
    atomic { seen = 0; woken = 0; waited = 0; granted = 0 }
  :: else -> break
  od;
  done[me] = 1
}

inline wake_everybody() {
  if
  :: hot -> atomic { futex_wake_all() }
  :: else
  fi
}

#if defined(MUTATION_SCAN_LEAVES_WORD)
#define SCAN(k) wake_everybody()
#elif defined(MUTATION_SCAN_WAKES_NOBODY)
#define SCAN(k) change_word(k)
#elif defined(MUTATION_SCAN_WAKES_FIRST)
#define SCAN(k) wake_everybody(); change_word(k)
#else
#define SCAN(k) change_word(k); wake_everybody()
#endif

#ifdef STRANGER
#define REST_HOLDS ((word == FREE || word == ABANDONED) && reported + (word == ABANDONED) <= deaths)
#else
#define REST_HOLDS ((word == FREE || word == ABANDONED) && reported + (word == ABANDONED) == deaths)
#endif

KILLER
WATCHER
MONITOR
init { atomic { run Participant(1); run Participant(2); run Participant(3) } }
