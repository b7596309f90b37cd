/* Event: one word, a generation that each set() changes, SET, and the waiters bit W. After native/core/event.cpp.
 *
 * MODELLED. Participants 1 and 2 wait once each; participant 3 sets and clears the event, each round. A waiter remembers
 * the generation of its entry and leaves when the event is set or the generation is another. Time-out, the death scan,
 * which changes no word. Isolates (FIRST_ISOLATE and up) wait by bell.
 *
 * ASSERTED. At rest nobody alive waits if the event is set, or was set after the waiter came.
 *
 * MUST FAIL. MUTATION_SET_KEEPS_GENERATION, MUTATION_SET_WAKES_ONE, MUTATION_SET_WAKES_FIRST (then changes the word),
 * MUTATION_MARK_AFTER_LOOK, MUTATION_HOT_AFTER_LOOK, MUTATION_BELL_AFTER_LOOK, MUTATION_SCAN_WAKES_NOBODY.
 */
#define MAY_REST(k) (AT_REST(k) || sets_before[k] == sets)
#include "participants.pml"
#include "bells.pml"

#define W 1
#define SET 2
#define ONE 4
#define GENERATION(v) ((v) >> 2)

byte word;
byte sets;
byte sets_before[4]; /* of the entry */

#define DIES(k) skip
#define IS_OVER ((word & SET) || GENERATION(word) != generation)
#define MARK if :: IS_OVER -> goto over :: else -> word = word | W; seen = word fi

proctype Waiter(byte me) MORTAL {
  byte generation, seen;

  {
    atomic {
      generation = GENERATION(word);
      sets_before[me] = sets;
      if :: word & SET -> goto next :: else fi
    };
again:
#if defined(MUTATION_HOT_AFTER_LOOK)
    atomic { MARK };
    BECOME_VISIBLE_AND(skip);
    if :: BY_BELL -> arm(bells) :: else fi;
#elif defined(MUTATION_BELL_AFTER_LOOK)
    BECOME_VISIBLE_AND(skip);
    atomic { MARK };
    if :: BY_BELL -> arm(bells) :: else fi;
#else
    BECOME_VISIBLE_AND(skip);
    if :: BY_BELL -> arm(bells) :: else fi;
#ifdef MUTATION_MARK_AFTER_LOOK
    if :: IS_OVER -> goto over :: else fi;
    atomic { word = word | W; seen = word };
#else
    atomic { MARK };
#endif
#endif
    if
    :: BY_BELL
    :: !BY_BELL -> atomic { if :: word == seen -> asleep[me] = 1 :: else fi }
    fi;
    seen = 0;
    if
    :: atomic { BY_BELL && dirty[me] -> dirty[me] = 0; goto again }
    :: !BY_BELL && !asleep[me] -> goto again
    :: atomic { me == GIVES_UP -> asleep[me] = 0 }
    fi;
over:
    if :: BY_BELL -> disarm(bells) :: else fi;
next:
    done[me] = 1
  } unless DEATH(generation = 0; seen = 0)
}

inline wake_everybody(to) {
#ifdef MUTATION_SET_WAKES_ONE
  atomic { FUTEX_WAKE_ONE(asleep, to) };
  ring_one(bells, to);
#else
  atomic { FUTEX_WAKE_ALL(asleep) };
  ring_all(bells, to);
#endif
  to = 0
}

#ifdef MUTATION_SET_KEEPS_GENERATION
#define NEXT(v) ((v & ~W) | SET)
#else
#define NEXT(v) (((v & ~W) + ONE) | SET)
#endif

proctype Setter(byte me) MORTAL {
  byte round, seen, rung;

  {
    do
    :: round < ROUNDS ->
      round++;
#ifdef MUTATION_SET_WAKES_FIRST
      if :: word & W -> wake_everybody(rung) :: else fi;
#endif
      atomic { if :: word & SET :: else -> seen = word; word = NEXT(word); sets++ fi };
#ifndef MUTATION_SET_WAKES_FIRST
      if :: seen & W -> wake_everybody(rung) :: else fi;
#endif
      seen = 0;
      if
      :: true
      :: word & SET -> word = word & ~SET
      fi
    :: else -> break
    od;
    done[me] = 1
  } unless DEATH(round = 0; seen = 0; rung = 0)
}

inline scan_event() {
#ifndef MUTATION_SCAN_WAKES_NOBODY
  if
  :: hot -> atomic { FUTEX_WAKE_ALL(asleep) }; ring_all(bells, rung_by_scan)
  :: else
  fi;
  ring_everybody();
#endif
  skip
}

#define SCAN(k) scrub_bell(bells, k); scan_event()
#define REST_HOLDS true

KILLER
WATCHER
MONITOR
init { atomic { run Waiter(1); run Waiter(2); run Setter(3) } }
