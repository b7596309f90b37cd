/* The lock word with both kinds of waiters: threads that sleep on the word, isolates that a bell tells to look again.
 *
 * MODELLED. All of lock.pml, and for isolates: arm (the bell's bit), try and else set W, ring, arm and try again when rung,
 * abort with the baton passed on, the scan that scrubs the bell of the dead and has every isolate look. A release wakes
 * one sleeper and rings one isolate. An isolate makes no last try when it aborts.
 *
 * ASSERTED. As in lock.pml.
 *
 * SWITCHES. STARVE: a waiter that has waited before may set S, and an isolate may take GRANT without having been rung.
 *
 * MUST FAIL. MUTATION_LEAVER_KEEPS_BATON, ABORT_KEEPS_FREE, ABORT_KEEPS_GRANT (the abort finds the lock available and goes),
 * ARM_AFTER_TRY, RUNG_IN_VAIN_DOES_NOT_ARM, RUNG_LEAVES_GRANT, RELEASE_RINGS_NOBODY, BELL_OF_THE_DEAD (neither scrubbed
 * nor skipped), SCAN_RINGS_NOBODY, SCAN_RINGS_STANDING_BELLS (so misses an isolate whose bell was taken and not rung).
 */
#include "participants.pml"
#include "bells.pml"
#include "lock_word.pml"

bit hot;
byte inside;

#define DIES(k) if :: ID(word) == k -> deaths++; inside = 0 :: else fi

inline enter() {
  atomic { assert(ID(word) == me && inside == 0); inside = 1; waited = 0 }
}

/* Also taken by an abort that found the lock available: it owes the wake-up it may have had. */
inline wake_and_ring() {
  atomic { futex_wake_one(woken) };
#ifdef MUTATION_RELEASE_RINGS_NOBODY
  skip
#else
  ring_one(rung)
#endif
}

#define RELEASE_LOCK \
release: \
  atomic { inside = 0; if RELEASE fi }; \
wake: \
  wake_and_ring(); \
  atomic { \
    if \
    :: granted && !woken && !rung && word == GRANT -> word = FREE \
    :: granted && !woken && !rung && word == (GRANT | W) -> word = FREE; granted = 0; goto wake \
    :: else \
    fi \
  }; \
next: \
  atomic { seen = 0; woken = 0; rung = 0; waited = 0; granted = 0 }

proctype Sleeper(byte me) provided (!dead[me]) {
  byte round, seen, woken, rung;
  bit waited, granted;

  do
  :: round < ROUNDS ->
    round++;
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
    atomic {
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
    enter();
    RELEASE_LOCK
  :: else -> break
  od;
  done[me] = 1
}

/* An isolate with one promise waiting at a time. `seen` says that it was rung for this promise. */
proctype Isolate(byte me) provided (!dead[me]) {
  byte round, seen, woken, rung;
  bit waited, granted;

  do
  :: round < ROUNDS ->
    round++;
    atomic { if :: word == FREE -> word = me; goto entered :: else fi };
    waited = 1;
    if :: !hot -> hot = 1 :: else fi;
again:
#ifdef MUTATION_RUNG_IN_VAIN_DOES_NOT_ARM
    if :: !seen -> arm() :: else fi;
#elif !defined(MUTATION_ARM_AFTER_TRY)
    arm();
#endif
    atomic {
      if
      :: word == FREE -> word = me | W; goto held
      :: word == ABANDONED -> word = me | W; reported++; goto held
      :: NAMES_OWNER(word) && dead[ID(word)] -> word = me | W; reported++; goto held
      :: NAMES_OWNER(word) -> word = word | W
#ifdef STARVE
      :: NAMES_OWNER(word) && seen -> word = word | W | S
      :: ID(word) == GRANT -> word = me | W; goto held
#endif
#ifdef MUTATION_RUNG_LEAVES_GRANT
      :: ID(word) == GRANT && seen -> word = word | W
#else
      :: ID(word) == GRANT && seen -> word = me | W; goto held
#endif
      :: ID(word) == GRANT && !seen -> word = word | W
      fi
    };
#ifdef MUTATION_ARM_AFTER_TRY
    arm();
#endif
    if
    :: atomic { dirty[me] -> dirty[me] = 0; seen = 1; goto again }
    :: me == GIVES_UP -> goto leave
    fi;
leave:
    disarm();
pass_on:
    atomic {
      if
      :: NAMES_OWNER(word) -> word = BATON_PASSED; goto next
#ifdef MUTATION_ABORT_KEEPS_FREE
      :: word == FREE || word == ABANDONED -> goto next
#else
      :: word == FREE || word == ABANDONED
#endif
#ifdef MUTATION_ABORT_KEEPS_GRANT
      :: ID(word) == GRANT -> goto next
#else
      :: ID(word) == GRANT -> word = FREE
#endif
      fi
    };
    goto wake;
held:
    disarm();
entered:
    enter();
    RELEASE_LOCK
  :: else -> break
  od;
  done[me] = 1
}

#define SCAN(k) \
  change_word(k); \
  scrub_bell(k); \
  if :: hot -> atomic { futex_wake_all() } :: else fi; \
  ring_everybody()

#define REST_HOLDS ((word == FREE || word == ABANDONED) && reported + (word == ABANDONED) == deaths)

KILLER
WATCHER
MONITOR
#define START(k) if :: k < FIRST_ISOLATE -> run Sleeper(k) :: else -> run Isolate(k) fi
init { atomic { START(1); START(2); START(3) } }
