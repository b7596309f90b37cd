/* Barrier: a state word, and a place for each party of each generation.
 *
 * MODELLED. Parties arrive (claim a place, look at the state again), wait, trip, break by time-out or a failed action,
 * leave, close and drain; the death scan, which may stop once at any place and begin anew (its recoverer died). A party
 * that finds its place outdated looks again when the state has changed. A party from FIRST_ISOLATE on waits by bell. With
 * RESETTER participant 3 is not a party: it resets, and aborts and resets, at any time.
 *
 * ASSERTED. Nobody passes unless all places of its generation were taken and the last one tripped; nobody is sent away
 * from a round that was tripped; no place is taken twice; the action does not run in a round that was over before its
 * place was taken. At rest nobody alive waits but in an open round for one who has not arrived, and no reset is
 * under way.
 *
 * MUST FAIL. MUTATION_TRIP_WAKES_NOBODY, BREAK_WAKES_NOBODY, RESET_WAKES_NOBODY, NO_LOOK_AFTER_CLAIM, CLOSED_IS_FREE
 * (places of a round that was reset can be taken), RESET_MOVES_EMPTY (a reset of a barrier where nobody is ends the
 * generation at once), SCAN_CLOSES_FIRST (then breaks), SCAN_FREES_PASSED (a place of a round that has passed),
 * SCAN_LEAVES_RESET, SCAN_WAKES_NOBODY, HOT_AFTER_LOOK, BELL_AFTER_LOOK.
 */
#ifndef PARTIES
#define PARTIES 2
#endif
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
#define STILL_TAKEN 7 /* where close_places stopped */

byte state;
byte place[PARTIES];
bit hot;

byte taken[8];   /* places that were ever taken, of each generation */
byte tripped;    /* generations that the last party ended */
bit has_place[4];
byte round_of[4]; /* the generation of that place */
bit recoverer_died;

#define ALL_PLACES ((1 << PARTIES) - 1)
#define WAS_TRIPPED(generation) (tripped & (1 << (generation)))
#define DIES(k) has_place[k] = 0
#define BY_BELL (me >= FIRST_ISOLATE)

inline wake_waiters() {
  if
  :: seen & WAITERS -> atomic { futex_wake_all() }; ring_all(rung); rung = 0
  :: else
  fi
}

/* The state changes as judged, or i says that it did not. */
inline move_on(next_state) {
  atomic { if :: state == seen -> state = next_state; i = 0 :: else -> i = 1 fi }
}

inline finish_reset() {
  do
  :: atomic { seen = state; i = 0 };
    if :: !(seen & RESET) -> break :: else fi;
    do
    :: i < PARTIES ->
      atomic {
        if
        :: IS_TAKEN(place[i], GENERATION(seen)) || IS_NEWER(place[i], GENERATION(seen)) -> i = STILL_TAKEN
#ifdef MUTATION_CLOSED_IS_FREE
        :: else -> i++
#else
        :: else -> place[i] = BY(GENERATION(seen), CLOSED); i++
#endif
        fi
      }
    :: else -> break
    od;
    if :: i == STILL_TAKEN -> break :: else fi;
    move_on(NEXT(seen));
    if :: !i -> wake_waiters(); break :: else fi
  od;
  atomic { seen = 0; i = 0 }
}

#ifdef MUTATION_CLOSED_IS_FREE
#define LEFT 0
#else
#define LEFT BY(generation, CLOSED)
#endif

proctype Party(byte me) provided (!dead[me]) {
  byte round, seen, rung, i, index, generation;
  bit late, waits_on;

  do
  :: round < ROUNDS ->
    round++;
arrive:
    atomic {
      seen = state;
      generation = GENERATION(seen);
      i = 0;
      if
      :: seen & BROKEN -> goto next
      :: seen & RESET -> goto not_now
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
        index = i;
        late = GENERATION(state) != generation || (state & FLAGS);
        has_place[me] = 1;
        round_of[me] = generation
      fi
    };
#ifndef MUTATION_NO_LOOK_AFTER_CLAIM
    atomic {
      if
      :: GENERATION(state) != generation -> goto passed
      :: GENERATION(state) == generation && (state & FLAGS) -> goto leave
      :: else
      fi
    };
#endif
    if
    :: index == PARTIES - 1 -> assert(!late); goto trip
    :: else
    fi;
wait:
#ifndef MUTATION_HOT_AFTER_LOOK
    if :: !hot -> hot = 1 :: else fi;
#endif
look:
#ifndef MUTATION_BELL_AFTER_LOOK
    if :: BY_BELL -> arm() :: else fi;
#endif
    atomic {
      if
      :: GENERATION(state) != generation -> goto passed
      :: GENERATION(state) == generation && (state & FLAGS) -> goto leave
      :: else -> state = state | WAITERS; seen = state
      fi
    };
#ifdef MUTATION_HOT_AFTER_LOOK
    if :: !hot -> atomic { if :: state == seen && !BY_BELL -> asleep[me] = 1 :: else fi }; hot = 1 :: else fi;
#endif
#ifdef MUTATION_BELL_AFTER_LOOK
    if :: BY_BELL -> arm() :: else fi;
#endif
    atomic { if :: state == seen && !BY_BELL -> asleep[me] = 1 :: else fi; seen = 0 };
    if
    :: atomic { BY_BELL && dirty[me] -> dirty[me] = 0; goto look }
    :: !BY_BELL && !asleep[me] -> goto look
    :: atomic { me == GIVES_UP && !waits_on -> asleep[me] = 0 }
    fi;
give_up:
    seen = state;
    atomic {
      if
      :: GENERATION(seen) == generation && !(seen & FLAGS) && index != PARTIES - 1 && IS_TAKEN(place[PARTIES - 1], generation) ->
        seen = 0;
        waits_on = 1; /* the round is about to pass */
        goto wait
      :: else
      fi
    };
    atomic {
      if
      :: state != seen -> goto give_up
      :: state == seen && GENERATION(seen) != generation -> goto passed
      :: state == seen && GENERATION(seen) == generation && (seen & FLAGS) -> goto leave
      :: else -> state = (seen | BROKEN) & ~WAITERS
      fi
    };
#ifndef MUTATION_BREAK_WAKES_NOBODY
    wake_waiters();
#endif
    goto leave;
trip:
    if
    :: me == GIVES_UP -> goto give_up /* the action failed */
    :: skip
    fi;
    atomic {
      if
      :: state & FLAGS -> goto leave
      :: else -> assert(GENERATION(state) == generation)
      fi;
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
      assert(!WAS_TRIPPED(generation) && place[index] == BY(generation, me));
      place[index] = LEFT;
      has_place[me] = 0
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
    if :: !hot -> hot = 1 :: else fi;
drain:
    if :: BY_BELL -> arm() :: else fi;
    seen = state;
    atomic {
      if
      :: !(seen & BROKEN) && ((seen & RESET) || IS_TAKEN(place[PARTIES - 1], GENERATION(seen)))
      :: else -> goto arrive
      fi
    };
    atomic { if :: state == seen -> state = state | WAITERS; seen = state :: else -> goto drain fi };
    atomic { if :: state == seen && !BY_BELL -> asleep[me] = 1 :: else fi; seen = 0 };
    if
    :: atomic { BY_BELL && dirty[me] -> dirty[me] = 0; goto drain }
    :: !BY_BELL && !asleep[me] -> goto drain
    :: atomic { me == GIVES_UP -> asleep[me] = 0 }
    fi;
next:
    if :: BY_BELL -> disarm() :: else fi;
    atomic { seen = 0; rung = 0; i = 0; index = 0; generation = 0; late = 0; waits_on = 0; round_of[me] = 0 }
  :: else -> break
  od;
  done[me] = 1
}

inline reset() {
  do
  :: seen = state;
    if :: seen & RESET -> break :: else fi;
    i = 0;
    if
    :: !(seen & BROKEN) ->
      do
      :: i < PARTIES -> atomic { if :: IS_TAKEN(place[i], GENERATION(seen)) -> i = STILL_TAKEN :: else -> i++ fi }
      :: else -> break
      od
    :: else
    fi;
    if
#ifdef MUTATION_RESET_MOVES_EMPTY
    :: i == PARTIES -> move_on(NEXT(seen))
#else
    :: i == PARTIES -> break
#endif
    :: else -> move_on(((seen | RESET) & ~(BROKEN | WAITERS)))
    fi;
    if
    :: !i ->
#ifndef MUTATION_RESET_WAKES_NOBODY
      wake_waiters();
#endif
      break
    :: else
    fi
  od;
  finish_reset()
}

proctype Resetter(byte me) provided (!dead[me]) {
  byte seen, rung, i;

  if
  :: skip
  :: do
    :: seen = state;
      if :: seen & BROKEN -> break :: else fi;
      move_on(((seen | BROKEN) & ~(RESET | WAITERS)));
      if :: !i -> wake_waiters(); break :: else fi
    od
  fi;
  reset();
  done[me] = 1
}

/* The break of the round that has this place; i is free for the swap. */
inline break_round() {
  do
  :: seen = state;
    if
    :: IS_TAKEN(scan_place, GENERATION(seen)) && !(seen & FLAGS) ->
      move_on(((seen | BROKEN) & ~WAITERS));
      if :: !i -> wake_waiters(); break :: else fi
    :: else -> break
    fi
  od
}

/* A place of an older round stays. */
#ifdef MUTATION_SCAN_FREES_PASSED
#define CLOSE_PLACE if :: place[at] == scan_place -> place[at] = 0 :: else fi
#elif defined(MUTATION_CLOSED_IS_FREE)
#define CLOSE_PLACE if :: IS_TAKEN(scan_place, GENERATION(seen)) && place[at] == scan_place -> place[at] = 0 :: else fi
#else
#define CLOSE_PLACE \
  if \
  :: IS_TAKEN(scan_place, GENERATION(seen)) && place[at] == scan_place -> place[at] = BY(GENERATION(seen), CLOSED) \
  :: else \
  fi
#endif

inline give_back_places(k) {
  atomic { at = 0; stop = 0 };
  do
  :: at < PARTIES && !stop ->
    scan_place = place[at];
    if
    :: (scan_place & 7) == k ->
#ifdef MUTATION_SCAN_CLOSES_FIRST
      seen = state;
      atomic { CLOSE_PLACE };
      if :: skip :: atomic { !recoverer_died -> recoverer_died = 1; stop = 1 } fi;
      if :: !stop -> break_round() :: else fi
#else
      break_round();
      if :: skip :: atomic { !recoverer_died -> recoverer_died = 1; stop = 1 } fi;
      if :: !stop -> atomic { CLOSE_PLACE } :: else fi
#endif
    :: else
    fi;
    at++
  :: else -> break
  od;
  atomic { at = 0; scan_place = 0; seen = 0; i = 0 }
}

inline wake_all_parties() {
#ifdef MUTATION_SCAN_WAKES_NOBODY
  skip
#else
  if :: hot -> atomic { futex_wake_all() } :: else fi;
  ring_everybody()
#endif
}

#ifdef MUTATION_SCAN_LEAVES_RESET
#define FINISH_RESET skip
#else
#define FINISH_RESET finish_reset()
#endif

#define SCAN(k) \
  do :: give_back_places(k); if :: !stop -> break :: else fi od; \
  FINISH_RESET; \
  scrub_bell(k); \
  wake_all_parties()

#define IS_OPEN(generation) \
  (GENERATION(state) == (generation) && !(state & FLAGS) && !IS_TAKEN(place[PARTIES - 1], generation))
#define MAY_REST(k) (AT_REST(k) || (has_place[k] && IS_OPEN(round_of[k])))

KILLER
active proctype Watcher() {
  byte at, scan_place, seen, rung, i;
  bit stop;

  end: do
  :: dead[1] && !scanned[1] -> SCAN(1); scanned[1] = 1
  :: dead[2] && !scanned[2] -> SCAN(2); scanned[2] = 1
  :: dead[3] && !scanned[3] -> SCAN(3); scanned[3] = 1
  od
}
active proctype Monitor() {
  timeout ->
  assert(MAY_REST(1) && MAY_REST(2) && MAY_REST(3));
  assert(!(state & RESET))
}

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
