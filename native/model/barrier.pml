/* Barrier: a state word, and a place for each party of each generation. After native/core/barrier.cpp, barrier_places.cpp.
 *
 * MODELLED. Parties arrive (claim a place, look at the state again), wait, trip, break by time-out, abort or a failed
 * action, leave, close and drain; the death scan, which may stop once at any place and begin anew (its recoverer died). A
 * party that finds its place outdated looks again when the state has changed. A party from FIRST_ISOLATE on waits by
 * bell. With RESETTER participant 3 is not a party: it resets, or aborts and resets, at any time. GIVES_UP may break, and
 * as the last one its action may fail.
 *
 * ASSERTED. Nobody passes unless all places of its generation were taken and the last one tripped; nobody is sent away
 * from a round that was tripped; no place is taken twice; the action does not run in a round that was over before its
 * place was taken. At rest nobody alive waits but in an open round for one who has not arrived, and no reset is under way.
 *
 * MUST FAIL. MUTATION_TRIP_WAKES_NOBODY, MUTATION_BREAK_WAKES_NOBODY, MUTATION_RESET_WAKES_NOBODY,
 * MUTATION_NO_LOOK_AFTER_CLAIM, MUTATION_ABORT_KEEPS_PLACE (in a round that is about to pass, and then does not), MUTATION_CLOSED_IS_FREE (places of a
 * round that was reset can be taken), MUTATION_RESET_MOVES_EMPTY (a reset of a barrier where nobody is ends the generation
 * at once), MUTATION_SCAN_CLOSES_FIRST (then breaks), MUTATION_SCAN_FREES_PASSED (a place of a round that has passed),
 * MUTATION_SCAN_LEAVES_RESET, MUTATION_SCAN_WAKES_NOBODY, MUTATION_BELL_AFTER_LOOK.
 */
#ifndef PARTIES
#define PARTIES 2
#endif

#define MAY_REST(k) (AT_REST(k) || (has_place[k] && IS_OPEN(round_of[k])))
#include "participants.pml"
#include "bells.pml"

#define WAITERS 1
#define BROKEN 2
#define RESET 4
#define FLAGS (BROKEN | RESET)
#define GENERATION(v) ((v) >> 3)
#define NEXT(v) ((GENERATION(v) + 1) << 3)

#define CLOSED 7
#define BY(generation, k) (((generation) << 3) | (k))
#define IS_OF(v, generation) (((v) & 7) && GENERATION(v) == (generation))
#define IS_TAKEN(v, generation) (IS_OF(v, generation) && ((v) & 7) != CLOSED)
#define IS_NEWER(v, generation) (((v) & 7) && GENERATION(v) > (generation))
#define IS_FULL(generation) IS_TAKEN(place[PARTIES - 1], generation)
#define IS_DRAINING(v) (!((v) & BROKEN) && (((v) & RESET) || IS_FULL(GENERATION(v))))
#define IS_OPEN(generation) (GENERATION(state) == (generation) && !(state & FLAGS) && !IS_FULL(generation))

byte state;
byte place[PARTIES];

byte taken[8];   /* places that were ever taken, of each generation */
byte tripped;    /* generations that the last party ended */
bit has_place[4];
byte round_of[4]; /* the generation of that place */
bit recoverer_died;

#define ALL_PLACES ((1 << PARTIES) - 1)
#define WAS_TRIPPED(generation) (tripped & (1 << (generation)))
#define DIES(k) has_place[k] = 0

inline wake_waiters() {
  if
  :: seen & WAITERS -> atomic { FUTEX_WAKE_ALL(asleep) }; ring_all(bells, rung)
  :: else
  fi
}

#ifdef MUTATION_CLOSED_IS_FREE
#define CLOSED_IN(generation) 0
#else
#define CLOSED_IN(generation) BY(generation, CLOSED)
#endif

/* `blocked`: a party still has its place, this one or one before it. */
inline close_place(at) {
  atomic {
    if
    :: blocked
    :: !blocked && (IS_TAKEN(place[at], GENERATION(seen)) || IS_NEWER(place[at], GENERATION(seen))) -> blocked = 1
    :: else -> place[at] = CLOSED_IN(GENERATION(seen))
    fi
  }
}

inline finish_reset() {
  do
  :: atomic { seen = state; blocked = 0; if :: seen & RESET :: else -> break fi };
    close_place(0);
#if PARTIES > 1
    close_place(1);
#endif
    if
    :: blocked -> break
    :: atomic { !blocked && state == seen -> state = NEXT(seen) }; wake_waiters(); break
    :: atomic { !blocked && state != seen }
    fi
  od;
  atomic { seen = 0; blocked = 0; rung = 0 }
}

/* Marks that it waits, if the state says so (then `seen` is the state), with its bell armed before. */
inline look_and_mark(says_so) {
  BECOME_VISIBLE_AND(skip);
#ifndef MUTATION_BELL_AFTER_LOOK
  if :: BY_BELL -> arm(bells) :: else fi;
#endif
  atomic { if :: says_so -> state = state | WAITERS; seen = state :: else -> seen = 0 fi };
#ifdef MUTATION_BELL_AFTER_LOOK
  if :: BY_BELL && seen -> arm(bells) :: else fi;
#endif
  skip
}

inline sleep_or_hear(look) {
  if
  :: BY_BELL -> seen = 0
  :: !BY_BELL -> atomic { if :: state == seen -> asleep[me] = 1 :: else fi; seen = 0 }
  fi;
  if
  :: atomic { BY_BELL && dirty[me] -> dirty[me] = 0; goto look }
  :: !BY_BELL && !asleep[me] -> goto look
  :: atomic { me == GIVES_UP && !waits_on -> asleep[me] = 0 }
  fi
}

/* What the round has come to; falls through while it is open. */
#define ROUND_IS_OPEN (GENERATION(state) == generation && !(state & FLAGS))
#define OUTCOME \
  if \
  :: GENERATION(state) != generation -> goto passed \
  :: GENERATION(state) == generation && (state & FLAGS) -> goto leave \
  :: else \
  fi

proctype Party(byte me) MORTAL {
  byte round, seen, rung, i, generation;
  bit late, waits_on, blocked;

  {
    do
    :: round < ROUNDS ->
      round++;
      if :: BY_BELL -> forget_rings() :: else fi;
arrive:
      atomic {
        seen = state;
        generation = GENERATION(seen);
        i = 0;
        if
        :: seen & BROKEN -> goto next
        :: !(seen & BROKEN) && (seen & RESET) -> goto not_now
        :: else
        fi
      };
claim:
      atomic {
        if
        :: i == PARTIES -> goto not_now
        :: else
        fi;
        if
        :: IS_NEWER(place[i], generation) || place[i] == BY(generation, CLOSED) -> goto outdated
        :: IS_TAKEN(place[i], generation) -> i++; goto claim
        :: else ->
          place[i] = BY(generation, me);
          assert(generation < 8 && !(taken[generation] & (1 << i)));
          taken[generation] = taken[generation] | (1 << i);
          late = !ROUND_IS_OPEN;
          has_place[me] = 1;
          round_of[me] = generation;
          seen = 0
        fi
      };
#ifndef MUTATION_NO_LOOK_AFTER_CLAIM
      atomic { OUTCOME };
#endif
      if
      :: i == PARTIES - 1 -> assert(!late); goto trip
      :: else
      fi;
wait:
      look_and_mark(ROUND_IS_OPEN);
      if :: !seen -> goto closes :: else fi;
      sleep_or_hear(wait);
give_up:
      atomic { seen = state; OUTCOME };
      if
      :: i != PARTIES - 1 && IS_FULL(generation) -> goto about_to_pass
      :: else
      fi;
      if
      :: atomic { state == seen -> state = (seen | BROKEN) & ~WAITERS }
      :: state != seen -> goto give_up
      fi;
#ifndef MUTATION_BREAK_WAKES_NOBODY
      wake_waiters();
#endif
      goto leave;
about_to_pass:
      seen = 0;
#ifdef MUTATION_ABORT_KEEPS_PLACE
      goto next;
#else
      waits_on = 1;
      goto wait;
#endif
closes:
      atomic { OUTCOME; assert(false) };
trip:
      if
      :: me == GIVES_UP -> goto give_up /* its action failed */
      :: true
      fi;
      atomic {
        if :: state & FLAGS -> goto leave :: else fi;
        assert(GENERATION(state) == generation);
        seen = state;
        state = NEXT(seen);
        tripped = tripped | (1 << generation)
      };
#ifndef MUTATION_TRIP_WAKES_NOBODY
      wake_waiters();
#endif
      goto passed;
leave:
      atomic {
        assert(!WAS_TRIPPED(generation) && place[i] == BY(generation, me));
        place[i] = CLOSED_IN(generation);
        has_place[me] = 0;
        i = 0
      };
      finish_reset();
      goto next;
passed:
      atomic { assert(taken[generation] == ALL_PLACES && WAS_TRIPPED(generation)); has_place[me] = 0 };
      goto next;
outdated:
      atomic { state != seen -> goto arrive };
not_now:
      atomic { i = 0; seen = 0; generation = 0 };
drain:
      look_and_mark(IS_DRAINING(state));
      if :: !seen -> goto arrive :: else fi;
      sleep_or_hear(drain);
next:
      if :: BY_BELL -> disarm(bells) :: else fi;
      atomic { seen = 0; rung = 0; i = 0; generation = 0; late = 0; waits_on = 0; round_of[me] = 0 }
    :: else -> break
    od;
    done[me] = 1
  } unless DEATH(round = 0; seen = 0; rung = 0; i = 0; generation = 0; late = 0; waits_on = 0; blocked = 0)
}

#ifdef RESETTER
/* taken_places, in as many steps as there are places */
inline count_place(at) {
  atomic { if :: !blocked && IS_TAKEN(place[at], GENERATION(seen)) -> blocked = 1 :: else fi }
}

inline reset() {
  do
  :: atomic { seen = state; blocked = 0; if :: seen & RESET -> break :: else fi };
    if
    :: seen & BROKEN
    :: else ->
      count_place(0);
#if PARTIES > 1
      count_place(1);
#endif
#ifdef MUTATION_RESET_MOVES_EMPTY
      if
      :: atomic { !blocked && state == seen -> state = NEXT(seen) }; wake_waiters(); break
      :: else
      fi;
#endif
      if :: !blocked -> break :: else fi
    fi;
    if
    :: atomic { state == seen -> state = (seen | RESET) & ~(BROKEN | WAITERS) };
#ifndef MUTATION_RESET_WAKES_NOBODY
      wake_waiters();
#endif
      break
    :: state != seen
    fi
  od;
  finish_reset()
}

inline abort() {
  do
  :: atomic { seen = state; if :: seen & BROKEN -> break :: else fi };
    if
    :: atomic { state == seen -> state = (seen | BROKEN) & ~(RESET | WAITERS) }; wake_waiters(); break
    :: state != seen
    fi
  od
}

proctype Resetter(byte me) MORTAL {
  byte seen, rung;
  bit blocked;

  {
    if
    :: true
    :: abort()
    fi;
    reset();
    done[me] = 1
  } unless DEATH(seen = 0; rung = 0; blocked = 0)
}
#endif

byte dead_place, seen, rung; /* of the death scan */
bit stop, blocked;

/* The break of the round that has this place. */
inline break_round() {
  do
  :: atomic { seen = state; if :: IS_TAKEN(dead_place, GENERATION(seen)) && !(seen & FLAGS) :: else -> break fi };
    if
    :: atomic { state == seen -> state = (seen | BROKEN) & ~WAITERS }; wake_waiters(); break
    :: state != seen
    fi
  od
}

/* A place of an older round stays. */
inline close_dead_place(at) {
  atomic {
    if
#ifdef MUTATION_SCAN_FREES_PASSED
    :: place[at] == dead_place -> place[at] = 0
#else
    :: IS_TAKEN(dead_place, GENERATION(seen)) && place[at] == dead_place -> place[at] = CLOSED_IN(GENERATION(seen))
#endif
    :: else
    fi
  }
}

/* The recoverer itself may die once between its two steps: then `stop`. */
inline give_back_place(at, k) {
  dead_place = place[at];
  if
  :: (dead_place & 7) == k && !stop ->
#ifdef MUTATION_SCAN_CLOSES_FIRST
    seen = state;
    close_dead_place(at);
#else
    break_round();
#endif
    if :: true :: atomic { !recoverer_died -> recoverer_died = 1; stop = 1 } fi;
    if
    :: stop
    :: !stop ->
#ifdef MUTATION_SCAN_CLOSES_FIRST
      break_round()
#else
      close_dead_place(at)
#endif
    fi
  :: else
  fi
}

inline give_back_places(k) {
  do
  :: stop = 0;
    give_back_place(0, k);
#if PARTIES > 1
    give_back_place(1, k);
#endif
    if :: !stop -> break :: else fi
  od;
  atomic { dead_place = 0; seen = 0; rung = 0 };
#ifndef MUTATION_SCAN_LEAVES_RESET
  finish_reset();
#endif
  skip
}

inline wake_all_parties() {
#ifndef MUTATION_SCAN_WAKES_NOBODY
  if
  :: hot -> atomic { FUTEX_WAKE_ALL(asleep) }; ring_all(bells, rung)
  :: else
  fi;
  ring_everybody();
#endif
  skip
}

#define SCAN(k) scrub_bell(bells, k); give_back_places(k); wake_all_parties()
#define REST_HOLDS (!(state & RESET))

KILLER
WATCHER
MONITOR

init {
  atomic {
    run Party(1);
    run Party(2);
#ifdef RESETTER
    run Resetter(3)
#else
    run Party(3)
#endif
  }
}
