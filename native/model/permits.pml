/* BoundedSemaphore: PERMITS words, each 0, its owner or ABANDONED, and an eventcount.
 *
 * MODELLED. Three participants take a permit and give it back, each round. WANTS_TWO names one that gathers two: it looks
 * whether enough are free, gathers under a gate (a lock that survives its owner), and gives back what it has when
 * single takers were faster. Take of a dead owner's permit, time-out, abort, the death scan. Isolates wait by bell.
 *
 * ASSERTED. Whoever is inside owns its permits. Each death inside a hold is reported once or still stands. At rest nobody
 * alive waits while enough permits are free, and no permit names somebody who is done or dead.
 *
 * MUST FAIL. MUTATION_RELEASE_READS_W_FIRST, NO_LOOK_AFTER_W, TAKER_KEEPS_REST, RUNG_KEEPS_BATON, LEAVER_KEEPS_BATON,
 * GATHERER_GIVES_BACK_SILENTLY, SCAN_LEAVES_PERMIT, SCAN_WAKES_FIRST (then changes the permits), SCAN_LEAVES_NUMBER,
 * SCAN_WAKES_NOBODY, SCAN_RINGS_NOBODY.
 */
#ifndef PERMITS
#define PERMITS 1
#endif
#ifndef WANTS_TWO
#define WANTS_TWO 0
#endif
#include "participants.pml"
#include "bells.pml"
#include "eventcount.pml"

#define ABANDONED 4
#define IS_FREE(i) (permit[i] == 0 || permit[i] == ABANDONED || dead[permit[i] & 3])
#define BY_BELL (me >= FIRST_ISOLATE)
#define WANT(k) (1 + (k == WANTS_TWO))

byte permit[PERMITS];
byte gate;
byte deaths;   /* of owners, once for each permit */
byte reported; /* deaths that a later owner was told of */

#if PERMITS == 1
#define OWNED(k) (permit[0] == k)
#define FREE_PERMITS IS_FREE(0)
#define STANDING (permit[0] == ABANDONED)
#define RIGHTLY_OWNED (permit[0] == 0 || permit[0] == ABANDONED)
#else
#define OWNED(k) ((permit[0] == k) + (permit[1] == k))
#define FREE_PERMITS (IS_FREE(0) + IS_FREE(1))
#define STANDING ((permit[0] == ABANDONED) + (permit[1] == ABANDONED))
#define RIGHTLY_OWNED ((permit[0] == 0 || permit[0] == ABANDONED) && (permit[1] == 0 || permit[1] == ABANDONED))
#endif
#define DIES(k) deaths = deaths + OWNED(k)

/* Each permit is a step of its own. */
inline take_one() {
  i = 0;
  do
  :: i < PERMITS ->
    atomic {
      if
      :: IS_FREE(i) ->
        if :: permit[i] -> reported++; from_dead = from_dead | (1 << i) :: else fi;
        permit[i] = me;
        got++;
        break
      :: else -> i++
      fi
    }
  :: else -> break
  od;
  i = 0
}

inline give_back(at) {
  atomic {
    if
    :: permit[at] == me ->
      permit[at] = 0;
      if :: from_dead & (1 << at) -> permit[at] = ABANDONED; reported-- :: else fi
    :: else
    fi
  }
}

inline gather() {
  do
  :: i < PERMITS -> atomic { seen_free = seen_free + IS_FREE(i); i++ }
  :: else -> break
  od;
  i = 0;
  if
  :: seen_free >= 2 ->
    atomic { !gate || dead[gate] -> gate = me };
    take_one();
    if :: got -> take_one() :: else fi;
    gate = 0;
    if
    :: got == 1 ->
      give_back(0);
#if PERMITS > 1
      give_back(1);
#endif
      atomic { got = 0; from_dead = 0 };
#ifndef MUTATION_GATHERER_GIVES_BACK_SILENTLY
      wake_waiters(1)
#endif
    :: else
    fi
  :: else
  fi;
  seen_free = 0
}

/* Looks once; got then says how many it has. Its caller goes on with `seen` of its own. */
inline try() {
#if WANTS_TWO
  if
  :: me == WANTS_TWO -> atomic { prepared = seen; seen = 0 }; gather(); atomic { seen = prepared; prepared = 0 }
  :: else -> take_one()
  fi
#else
  take_one()
#endif
}

inline release_permits() {
  atomic {
    assert(OWNED(me) == WANT(me));
    from_dead = 0
  };
  do
  :: i < PERMITS -> atomic { if :: permit[i] == me -> permit[i] = 0 :: else fi; i++ }
  :: else -> break
  od;
  atomic { i = 0; got = 0 }
}

proctype Taker(byte me) MORTAL {
  byte round, seen, prepared, rung, i, got, seen_free, from_dead;

  {
    do
    :: round < ROUNDS ->
      round++;
again:
      if :: !hot -> hot = 1 :: else fi;
#if WANTS_TWO
      if :: BY_BELL && me == WANTS_TWO -> atomic { eventcount = eventcount | EC_W | EC_M } :: else fi;
#endif
      if :: BY_BELL -> arm() :: else fi;
      atomic { eventcount = eventcount | EC_W | EC_M * (me == WANTS_TWO); seen = eventcount };
#ifndef MUTATION_NO_LOOK_AFTER_W
      try();
      if :: got -> goto taken :: else fi;
#endif
      if
      :: BY_BELL -> seen = 0
      :: !BY_BELL -> eventcount_sleep()
      fi;
      if
      :: atomic { BY_BELL && dirty[me] -> dirty[me] = 0; goto again }
#ifdef MUTATION_NO_LOOK_AFTER_W
      :: !BY_BELL && !asleep[me] -> try(); if :: got -> goto taken :: else -> goto again fi
#else
      :: !BY_BELL && !asleep[me] -> goto again
#endif
      :: atomic { me == GIVES_UP -> asleep[me] = 0 }
      fi;
leave:
      if
      :: BY_BELL -> eventcount_disarm()
      :: !BY_BELL ->
#ifndef MUTATION_LEAVER_KEEPS_BATON
        atomic { eventcount = eventcount | EC_W };
#endif
        try();
        if :: got -> goto taken :: else fi
      fi;
      if :: FREE_PERMITS -> wake_waiters(1) :: else fi;
      goto next;
taken:
      atomic { seen = 0 };
      if :: BY_BELL -> eventcount_disarm() :: else fi;
#ifndef MUTATION_TAKER_KEEPS_REST
      if :: FREE_PERMITS -> wake_waiters(1) :: else fi;
#endif
#ifdef MUTATION_RELEASE_READS_W_FIRST
      prepared = eventcount & EC_W;
      release_permits();
      if :: prepared -> prepared = 0; wake_waiters(WANT(me)) :: else fi;
#else
      release_permits();
      wake_waiters(WANT(me));
#endif
next:
      seen = 0
    :: else -> break
    od;
    done[me] = 1
  } unless DEATH(round = 0; seen = 0; prepared = 0; rung = 0; i = 0; got = 0; seen_free = 0; from_dead = 0)
}

inline abandon_permits(k) {
  atomic { if :: gate == k -> gate = 0 :: else fi };
  atomic { if :: permit[0] == k -> permit[0] = ABANDONED :: else fi };
#if PERMITS > 1
  atomic { if :: permit[1] == k -> permit[1] = ABANDONED :: else fi }
#endif
}

#if defined(MUTATION_SCAN_LEAVES_PERMIT)
#define SCAN_WORDS(k) wake_all_waiters()
#elif defined(MUTATION_SCAN_WAKES_FIRST)
#define SCAN_WORDS(k) wake_all_waiters(); abandon_permits(k)
#else
#define SCAN_WORDS(k) abandon_permits(k); wake_all_waiters()
#endif
#define SCAN(k) SCAN_WORDS(k); scrub_bell(k); ring_everybody()

#define MAY_REST(k) (AT_REST(k) || FREE_PERMITS < WANT(k))

KILLER
WATCHER
active proctype Monitor() {
  timeout ->
  assert(MAY_REST(1) && MAY_REST(2) && MAY_REST(3));
  assert(RIGHTLY_OWNED && reported + STANDING == deaths)
}

init { atomic { run Taker(1); run Taker(2); run Taker(3) } }
