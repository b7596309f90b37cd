/* BoundedSemaphore: PERMITS words, each 0, its owner or ABANDONED, and an event count.
 *
 * MODELLED. Three participants take a permit and give it back, each round. WANTS_TWO names one that gathers two: it looks
 * whether enough are free, gathers under a gate (a lock that survives its owner, and whose release may ring for it where
 * it needs not), and gives back what it has when single takers were faster. Take of a dead owner's permit, time-out,
 * abort, the death scan. Isolates wait by bell. KEEPS names one that never gives back what it has.
 *
 * ASSERTED. Whoever is inside owns its permits. Each death inside a hold is reported once or still stands. At rest nobody
 * alive waits while enough permits are free, and no permit names anybody else than KEEPS.
 *
 * MUST FAIL. MUTATION_RELEASE_READS_W_FIRST, MUTATION_NO_LOOK_AFTER_W, MUTATION_TAKER_KEEPS_REST (permits left over, and
 * nobody woken for them), MUTATION_RUNG_KEEPS_BATON (an isolate takes its bell back and leaves W as it is),
 * MUTATION_LEAVER_KEEPS_BATON (a sleeper whose time is over goes without a last look),
 * MUTATION_GATHERER_GIVES_BACK_SILENTLY, MUTATION_GATHERER_FORGETS_DEATH (gives back a dead owner's permit as a plain one),
 * MUTATION_SCAN_LEAVES_PERMIT, MUTATION_SCAN_LEAVES_NUMBER, MUTATION_SCAN_WAKES_NOBODY.
 */
#ifndef PERMITS
#define PERMITS 1
#endif
#ifndef WANTS_TWO
#define WANTS_TWO 0
#endif
#ifndef KEEPS
#define KEEPS 0
#endif
#define WANT(k) (1 + (k == WANTS_TWO))

#define MAY_REST(k) (AT_REST(k) || FREE_PERMITS < WANT(k))
#include "participants.pml"
#include "bells.pml"
#include "eventcount.pml"

#define ABANDONED 4
#define IS_FREE(i) (permit[i] == 0 || permit[i] == ABANDONED || dead[permit[i] & 3])
#define WAITING_BITS (EC_W | EC_M * (me == WANTS_TWO))

byte permit[PERMITS];
byte gate;
byte deaths;   /* of owners, once for each permit */
byte reported; /* deaths that a later owner was told of */

#define IS_RIGHT(v) ((v) == 0 || (v) == KEEPS || (v) == ABANDONED)
#if PERMITS == 1
#define OWNED(k) (permit[0] == k)
#define FREE_PERMITS IS_FREE(0)
#define STANDING (permit[0] == ABANDONED)
#define IS_GIVEN_BACK IS_RIGHT(permit[0])
#else
#define OWNED(k) ((permit[0] == k) + (permit[1] == k))
#define FREE_PERMITS (IS_FREE(0) + IS_FREE(1))
#define STANDING ((permit[0] == ABANDONED) + (permit[1] == ABANDONED))
#define IS_GIVEN_BACK (IS_RIGHT(permit[0]) && IS_RIGHT(permit[1]))
#endif
#define DIES(k) deaths = deaths + OWNED(k)

/* Each permit is a step of its own. `enough`: how many it wants to have then. */
inline take(at, enough) {
  atomic {
    if
    :: got < enough && IS_FREE(at) ->
      if :: permit[at] -> reported++; from_dead = from_dead | (1 << at) :: else fi;
      permit[at] = me;
      got++
    :: else
    fi
  }
}

/* From the first one on, each time. */
inline take_one(enough) {
  take(0, enough);
#if PERMITS > 1
  take(1, enough)
#endif
}

/* The value, in as many steps as there are permits. */
inline count_free() {
  atomic { seen_free = IS_FREE(0) };
#if PERMITS > 1
  atomic { seen_free = seen_free + IS_FREE(1) }
#endif
}

/* Of a gatherer that was beaten. A permit that came from a dead owner goes back as such, so that the next one is told. */
inline give(at) {
  atomic {
    if
    :: permit[at] == me ->
      permit[at] = 0;
      if
#ifdef MUTATION_GATHERER_FORGETS_DEATH
      :: from_dead & (1 << at) -> reported--
#else
      :: from_dead & (1 << at) -> reported--; permit[at] = ABANDONED
#endif
      :: else
      fi
    :: else
    fi
  }
}

inline gather() {
  count_free();
  if
  :: seen_free >= 2 ->
    atomic { !gate || dead[gate] -> gate = me };
    take_one(1);
    if :: got -> take_one(2) :: else fi;
    gate = 0;
    if :: true :: FIRST_ISOLATE < 4 -> ring_one(bells, rung) fi;
    if
    :: got == 1 ->
      give(0);
#if PERMITS > 1
      give(1);
#endif
      atomic { got = 0; from_dead = 0; rung = 0 };
#ifndef MUTATION_GATHERER_GIVES_BACK_SILENTLY
      wake_waiters(1)
#endif
    :: else
    fi
  :: else
  fi;
  seen_free = 0
}

/* got says how many it has. */
inline try() {
#if WANTS_TWO
  if
  :: me == WANTS_TWO -> gather()
  :: else -> take_one(1)
  fi
#else
  take_one(1)
#endif
}

/* Waiters that took their share, or gave up, let the next one have what is left. */
inline pass_on_rest() {
  if
  :: eventcount & EC_W ->
    count_free();
    if :: seen_free -> seen_free = 0; wake_waiters(1) :: else fi
  :: else
  fi
}

/* A guard gives its permits back one by one. */
inline release_permit(at) {
#ifdef MUTATION_RELEASE_READS_W_FIRST
  seen = eventcount & EC_W;
  atomic { if :: permit[at] == me -> permit[at] = 0 :: else -> seen = 0 fi };
  if :: seen -> seen = 0; wake_waiters(1) :: else fi
#else
  if
  :: atomic { permit[at] == me -> permit[at] = 0 }; wake_waiters(1)
  :: atomic { permit[at] != me }
  fi
#endif
}

inline release_permits() {
  release_permit(0);
#if PERMITS > 1
  release_permit(1)
#endif
}

proctype Taker(byte me) MORTAL {
  byte round, prepared, seen, rung, got, seen_free, from_dead;

  {
    do
    :: round < ROUNDS ->
      round++;
      try();
      if :: got -> goto inside :: else fi;
      if :: BY_BELL -> forget_rings() :: else fi;
again:
      if :: BY_BELL && me == WANTS_TWO -> prepare(WAITING_BITS) :: else fi;
      if :: BY_BELL -> arm(bells) :: else fi;
      prepare(WAITING_BITS);
#ifndef MUTATION_NO_LOOK_AFTER_W
      try();
      if :: got -> goto taken :: else fi;
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
      :: !BY_BELL && !asleep[me] -> try(); if :: got -> goto taken :: else -> goto again fi
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
      pass_on_rest();
      goto next;
taken:
      prepared = 0;
      if :: BY_BELL -> eventcount_disarm() :: else fi;
#ifndef MUTATION_TAKER_KEEPS_REST
      pass_on_rest();
#endif
inside:
      atomic { assert(OWNED(me) == WANT(me)); got = 0; from_dead = 0; rung = 0 };
      if :: me == KEEPS -> goto next :: else fi;
      release_permits();
next:
      seen_free = 0
    :: else -> break
    od;
    done[me] = 1
  } unless DEATH(round = 0; prepared = 0; seen = 0; rung = 0; got = 0; seen_free = 0; from_dead = 0)
}

inline abandon_permits(k) {
  atomic { if :: gate == k -> gate = 0 :: else fi };
  atomic { if :: permit[0] == k -> permit[0] = ABANDONED :: else fi };
#if PERMITS > 1
  atomic { if :: permit[1] == k -> permit[1] = ABANDONED :: else fi }
#endif
}

#ifdef MUTATION_SCAN_LEAVES_PERMIT
#define SCAN_WORDS(k) wake_all_waiters()
#else
#define SCAN_WORDS(k) abandon_permits(k); wake_all_waiters()
#endif
#define SCAN(k) scrub_bell(bells, k); SCAN_WORDS(k); ring_everybody()
#define REST_HOLDS (IS_GIVEN_BACK && reported + STANDING == deaths)

KILLER
WATCHER
MONITOR

init { atomic { run Taker(1); run Taker(2); run Taker(3) } }
