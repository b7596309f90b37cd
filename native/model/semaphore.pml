/* Semaphore: a number of units and an eventcount. Units belong to nobody; what a dead participant held is gone.
 *
 * MODELLED. Takers 1 to 3 take their units and release them again. WANTS_TWO names a taker that wants two at once. With
 * RELEASER participant 3 instead releases a single unit twice in a row, and the takers keep what they get. Units at the
 * start: UNITS. Isolates (FIRST_ISOLATE and up) wait by bell.
 *
 * ASSERTED. Nobody alive waits at rest while its units are there; units are neither made nor lost, but by death.
 *
 * MUST FAIL. MUTATION_RELEASE_READS_W_FIRST, NO_LOOK_AFTER_W, TAKER_KEEPS_REST (units left over, and nobody woken for
 * them), RUNG_KEEPS_BATON (an isolate takes its bell back and leaves W as it is), LEAVER_KEEPS_BATON (the same of a sleeper),
 * WANTS_TWO_WITHOUT_M, BELL_BEFORE_M and RELEASE_LOOKS_AT_M_ONCE (the bell rung for one unit is answered by one that
 * needs two), HOT_AFTER_LOOK, BELL_AFTER_LOOK, SCAN_LEAVES_NUMBER, SCAN_WAKES_NOBODY, SCAN_RINGS_NOBODY.
 */
#ifndef UNITS
#define UNITS 1
#endif
#ifndef WANTS_TWO
#define WANTS_TWO 0
#endif
#include "participants.pml"
#include "bells.pml"
#include "eventcount.pml"

byte units = UNITS;
byte held[4];

#define DIES(k) skip
#define WANT(k) (1 + (k == WANTS_TWO))

#ifdef MUTATION_WANTS_TWO_WITHOUT_M
#define WAITING_BITS EC_W
#else
#define WAITING_BITS (EC_W | EC_M * (me == WANTS_TWO))
#endif

inline mark_hot() {
  if :: !hot -> hot = 1 :: else fi
}

#define TRY(otherwise) \
  atomic { if :: units >= WANT(me) -> units = units - WANT(me); held[me] = WANT(me); goto taken :: else -> otherwise fi }

#define BY_BELL (me >= FIRST_ISOLATE)

inline release(n) {
#ifdef MUTATION_RELEASE_READS_W_FIRST
  seen = eventcount & EC_W;
  atomic { units = units + n; held[me] = 0 };
  if :: seen -> seen = 0; wake_waiters(n) :: else fi
#else
  atomic { units = units + n; held[me] = 0 };
  wake_waiters(n)
#endif
}

proctype Taker(byte me) MORTAL {
  byte round, seen, rung;

  {
    do
    :: round < ROUNDS ->
      round++;
      atomic { if :: units >= WANT(me) -> units = units - WANT(me); held[me] = WANT(me); goto inside :: else fi };
again:
#ifndef MUTATION_HOT_AFTER_LOOK
      mark_hot();
#endif
#ifndef MUTATION_BELL_AFTER_LOOK
#if WANTS_TWO && !defined(MUTATION_BELL_BEFORE_M)
      if :: BY_BELL && me == WANTS_TWO -> atomic { eventcount = eventcount | WAITING_BITS } :: else fi;
#endif
      if :: BY_BELL -> arm() :: else fi;
#endif
      atomic { eventcount = eventcount | WAITING_BITS; seen = eventcount };
#ifndef MUTATION_NO_LOOK_AFTER_W
      TRY(skip);
#endif
#ifdef MUTATION_HOT_AFTER_LOOK
      mark_hot();
#endif
#ifdef MUTATION_BELL_AFTER_LOOK
      if :: BY_BELL -> arm() :: else fi;
#endif
      if
      :: BY_BELL -> seen = 0
      :: !BY_BELL -> eventcount_sleep()
      fi;
      if
      :: atomic { BY_BELL && dirty[me] -> dirty[me] = 0; goto again }
      :: !BY_BELL && !asleep[me] -> goto again
      :: atomic { me == GIVES_UP -> asleep[me] = 0 }
      fi;
leave:
      if
      :: BY_BELL -> eventcount_disarm(); if :: units -> goto pass_on :: else -> goto next fi
      :: !BY_BELL
      fi;
#ifndef MUTATION_LEAVER_KEEPS_BATON
      atomic { eventcount = eventcount | EC_W };
#endif
      TRY(if :: units -> goto pass_on :: else -> goto next fi);
taken:
      if :: BY_BELL -> eventcount_disarm() :: else fi;
#ifndef MUTATION_TAKER_KEEPS_REST
      if :: units -> wake_waiters(1) :: else fi;
#endif
      goto inside;
pass_on:
      wake_waiters(1);
      goto next;
inside:
#ifndef RELEASER
      release(WANT(me));
#endif
next:
      skip
    :: else -> break
    od;
    done[me] = 1
  } unless DEATH(round = 0; seen = 0; rung = 0)
}

proctype Releaser(byte me) MORTAL {
  byte seen, rung;

  {
    release(1);
    release(1);
    done[me] = 1
  } unless DEATH(seen = 0; rung = 0)
}

#define SCAN(k) \
  scrub_bell(k); \
  wake_all_waiters(); \
  ring_everybody()

/* At rest a live taker may wait only for units that are not there. */
#define MAY_REST(k) (AT_REST(k) || units < WANT(k))

KILLER
WATCHER
active proctype Monitor() {
  timeout ->
  assert(MAY_REST(1) && MAY_REST(2) && MAY_REST(3));
#ifndef RELEASER
  assert(units + held[1] + held[2] + held[3] == UNITS)
#endif
}

init {
  atomic {
    run Taker(1);
    run Taker(2);
#ifdef RELEASER
    run Releaser(3)
#else
    run Taker(3)
#endif
  }
}
