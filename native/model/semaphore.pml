/* Semaphore: a number of units and an event count. Units belong to nobody; what a dead participant held is gone.
 *
 * MODELLED. Takers 1 to 3 take their units and release them again. WANTS_TWO names a taker that wants two at once. With
 * RELEASES participant 3 instead releases a single unit that often, and the takers keep what they get. Units at the
 * start: UNITS. Isolates (FIRST_ISOLATE and up) wait by bell.
 *
 * ASSERTED. Nobody alive waits at rest while its units are there; units are neither made nor lost, but by death.
 *
 * MUST FAIL. MUTATION_RELEASE_READS_W_FIRST, MUTATION_NO_LOOK_AFTER_W, MUTATION_TAKER_KEEPS_REST (units left over, and
 * nobody woken for them), MUTATION_RUNG_KEEPS_BATON (an isolate takes its bell back and leaves W as it is),
 * MUTATION_LEAVER_KEEPS_BATON (a sleeper whose time is over goes without a last look), MUTATION_WANTS_TWO_WITHOUT_M,
 * MUTATION_BELL_BEFORE_M and MUTATION_RELEASE_LOOKS_AT_M_ONCE (the bell rung for one unit is answered by one that needs
 * two), MUTATION_HOT_AFTER_LOOK, MUTATION_BELL_AFTER_LOOK, MUTATION_SCAN_LEAVES_NUMBER, MUTATION_SCAN_WAKES_NOBODY.
 */
#ifndef UNITS
#define UNITS 1
#endif
#ifndef WANTS_TWO
#define WANTS_TWO 0
#endif
#define WANT(k) (1 + (k == WANTS_TWO))

/* At rest a live taker may wait only for units that are not there. */
#define MAY_REST(k) (AT_REST(k) || units < WANT(k))
#include "participants.pml"
#include "bells.pml"
#include "eventcount.pml"

byte units = UNITS;
byte held[4];

#define DIES(k) skip
#ifdef MUTATION_WANTS_TWO_WITHOUT_M
#define WAITING_BITS EC_W
#else
#define WAITING_BITS (EC_W | EC_M * (me == WANTS_TWO))
#endif

#define TRY(otherwise) \
  atomic { if :: units >= WANT(me) -> units = units - WANT(me); held[me] = WANT(me); otherwise :: else fi }

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

/* One who wants two sets M before it arms: who rings for it can know that one ring may not be enough. */
inline arm_for_units() {
#ifndef MUTATION_BELL_BEFORE_M
  if :: me == WANTS_TWO -> prepare(WAITING_BITS) :: else fi;
#endif
  arm(bells)
}

proctype Taker(byte me) MORTAL {
  byte round, prepared, seen, rung;

  {
    do
    :: round < ROUNDS ->
      round++;
      TRY(goto inside);
      if :: BY_BELL -> forget_rings() :: else fi;
again:
#ifndef MUTATION_BELL_AFTER_LOOK
      if :: BY_BELL -> arm_for_units() :: else fi;
#endif
#ifdef MUTATION_HOT_AFTER_LOOK
      atomic { eventcount = eventcount | WAITING_BITS; prepared = eventcount };
#else
      prepare(WAITING_BITS);
#endif
#ifndef MUTATION_NO_LOOK_AFTER_W
      TRY(goto taken);
#endif
#ifdef MUTATION_HOT_AFTER_LOOK
      BECOME_VISIBLE_AND(skip);
#endif
#ifdef MUTATION_BELL_AFTER_LOOK
      if :: BY_BELL -> arm_for_units() :: else fi;
#endif
      if
      :: BY_BELL -> prepared = 0
      :: !BY_BELL && me == GIVES_UP -> prepared = 0; goto pass_on
      :: !BY_BELL -> eventcount_sleep()
      fi;
      if
      :: atomic { BY_BELL && dirty[me] -> dirty[me] = 0; goto again }
      :: BY_BELL && me == GIVES_UP -> goto again /* time is over: looks once more */
      :: BY_BELL && me == GIVES_UP -> eventcount_disarm(); goto pass_on
#ifdef MUTATION_NO_LOOK_AFTER_W
      :: !BY_BELL && !asleep[me] -> TRY(goto taken); goto again
#else
      :: !BY_BELL && !asleep[me] -> goto again
#endif
#ifdef MUTATION_LEAVER_KEEPS_BATON
      :: atomic { !BY_BELL && me == GIVES_UP -> asleep[me] = 0; goto next }
#else
      :: atomic { !BY_BELL && me == GIVES_UP -> asleep[me] = 0; goto again }
#endif
      fi;
pass_on:
      if :: units -> wake_waiters(1) :: else fi;
      goto next;
taken:
      prepared = 0;
      if :: BY_BELL -> eventcount_disarm() :: else fi;
#ifndef MUTATION_TAKER_KEEPS_REST
      if :: units -> wake_waiters(1) :: else fi;
#endif
inside:
#ifndef RELEASES
      release(WANT(me));
#endif
next:
      skip
    :: else -> break
    od;
    done[me] = 1
  } unless DEATH(round = 0; prepared = 0; seen = 0; rung = 0)
}

#ifdef RELEASES
proctype Releaser(byte me) MORTAL {
  byte round, seen, rung;

  {
    do
    :: round < RELEASES -> round++; release(1)
    :: else -> break
    od;
    done[me] = 1
  } unless DEATH(round = 0; seen = 0; rung = 0)
}
#endif

#define SCAN(k) scrub_bell(bells, k); wake_all_waiters(); ring_everybody()

KILLER
WATCHER
#ifdef RELEASES
#define REST_HOLDS true
#else
#define REST_HOLDS (units + held[1] + held[2] + held[3] == UNITS)
#endif
MONITOR

init {
  atomic {
    run Taker(1);
    run Taker(2);
#ifdef RELEASES
    run Releaser(3)
#else
    run Taker(3)
#endif
  }
}
