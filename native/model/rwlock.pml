/* RWLock: a turnstile (lock word), a reader word for each participant, and an event count on which a writer waits for
 * readers. After native/core/rwlock.cpp.
 *
 * MODELLED. Participants are readers, or from FIRST_WRITER on writers; with DOWNGRADE a writer may become a reader. A
 * reader stores its word and looks at the turnstile, else it backs out and goes through the turnstile. A writer takes the
 * turnstile, then looks at each reader word, and waits for those that are taken. Sleepers, and isolates (FIRST_ISOLATE
 * and up) with bells of the turnstile and bells of the drain. STRAY_RING names an isolate that once looks without a reason,
 * as after a ring for another object. Time-out and abort at the turnstile and while readers drain, the death scan.
 *
 * ASSERTED. A writer inside is alone. At rest nobody alive waits, no reader word is taken, the turnstile is free or
 * abandoned, and each death in it is reported once or still stands.
 *
 * MUST FAIL. MUTATION_READER_LOOKS_FIRST (at the turnstile, then stores its word), MUTATION_WRITER_LOOKS_FIRST (at the
 * reader words, then takes the turnstile), MUTATION_BACK_OUT_WAKES_NOBODY, MUTATION_END_READ_WAKES_NOBODY,
 * MUTATION_END_READ_LOOKS_FIRST (at W, then clears its word), MUTATION_DRAIN_SLEEPS_WITHOUT_LOOK (once it has set W),
 * MUTATION_DRAINED_LEAVES_BELL (finds the readers gone, and its bell stands), MUTATION_DOWNGRADE_LETS_GO_FIRST,
 * MUTATION_FRESH_TAKES_WITHOUT_W, MUTATION_SCAN_LEAVES_READER, MUTATION_SCAN_LEAVES_WORD,
 * MUTATION_SCAN_WAKES_NO_WRITER.
 */
#ifndef FIRST_WRITER
#define FIRST_WRITER 2
#endif
#define IS_WRITER (me >= FIRST_WRITER)

#define AT_RELEASE if :: writing == me -> writing = 0 :: else fi
#include "participants.pml"
#include "bells.pml"
#include "lock_word.pml"

bit draining[4]; /* the queue of word 1 */
byte drain_bells;
#define COUNT_QUEUE draining
#define COUNT_BELLS drain_bells
#include "eventcount.pml"

bit reader_word[4];
byte writing;    /* who is inside as a writer */
bit reading[4];  /* alive and inside as a reader */

#define DIES(k) \
  if :: ID(word) == k -> deaths++ :: else fi; \
  if :: writing == k -> writing = 0 :: else fi; \
  reading[k] = 0; \
  LEAVES_OR_STAYS(draining[k])

inline start_reading() {
  assert(writing == 0);
  reading[me] = 1
}

/* The last read hold of the thread ends. */
inline end_read() {
#ifdef MUTATION_END_READ_LOOKS_FIRST
  seen = eventcount & EC_W;
  atomic { reader_word[me] = 0; reading[me] = 0 };
  if :: seen -> seen = 0; wake_waiters(1) :: else fi
#else
  atomic { reader_word[me] = 0; reading[me] = 0 };
#ifndef MUTATION_END_READ_WAKES_NOBODY
  wake_waiters(1)
#endif
#endif
}

inline look_at(k) {
  atomic { if :: !found && k != me && reader_word[k] && !dead[k] -> found = 1 :: else fi }
}

/* Each reader word is a step of its own. */
inline look_for_readers() {
  found = 0;
  look_at(1);
  look_at(2);
  look_at(3)
}

/* Has the turnstile: comes to `alone` or, when it gives up, to release. */
inline drain_asleep() {
  do
  :: look_for_readers();
    if :: !found -> goto alone :: else fi;
    prepare(EC_W);
#ifndef MUTATION_DRAIN_SLEEPS_WITHOUT_LOOK
    look_for_readers();
    if
    :: !found -> goto alone
    :: found && me == GIVES_UP -> goto release
    :: else
    fi;
#endif
    eventcount_sleep();
    if
    :: !draining[me]
    :: atomic { me == GIVES_UP -> draining[me] = 0 }
    fi
  od
}

inline drain_by_bell() {
  look_for_readers();
  if :: !found -> goto alone :: else fi;
  forget_rings();
  do
  :: look_for_readers();
#ifdef MUTATION_DRAINED_LEAVES_BELL
    if :: !found -> goto alone :: else fi;
#else
    if :: !found -> eventcount_disarm(); goto alone :: else fi;
#endif
    arm(drain_bells);
    prepare(EC_W);
    look_for_readers();
    if :: !found -> eventcount_disarm(); goto alone :: else fi;
    if
    :: atomic { dirty[me] -> dirty[me] = 0 }
    :: me == GIVES_UP -> eventcount_disarm(); goto release
    fi
  od
}

inline drain() {
  if
  :: BY_BELL -> drain_by_bell()
  :: !BY_BELL -> drain_asleep()
  fi
}

proctype Participant(byte me) MORTAL {
  byte round, prepared, seen, woken, rung;
  bit waited, granted, found;

  {
    do
    :: round < ROUNDS ->
      round++;
      if :: IS_WRITER -> goto acquire :: else fi;
#ifdef MUTATION_READER_LOOKS_FIRST
      if
      :: word == FREE -> atomic { reader_word[me] = 1; start_reading(); goto inside }
      :: else
      fi;
#else
      reader_word[me] = 1;
      atomic { if :: word == FREE -> start_reading(); goto inside :: else fi };
      reader_word[me] = 0;
#ifndef MUTATION_BACK_OUT_WAKES_NOBODY
      wake_waiters(1);
#endif
#endif
acquire:
#ifdef MUTATION_WRITER_LOOKS_FIRST
      if :: IS_WRITER -> look_for_readers(); if :: found -> goto acquire :: else fi :: else fi;
#endif
      if
      :: BY_BELL -> acquire_by_bell()
      :: !BY_BELL ->
        acquire_asleep()
      fi;
pass_on:
      pass_baton_on();
held:
      if :: BY_BELL -> disarm(bells) :: else fi;
      waited = 0;
      if
      :: IS_WRITER
      :: !IS_WRITER -> atomic { reader_word[me] = 1; start_reading(); goto release }
      fi;
#ifndef MUTATION_WRITER_LOOKS_FIRST
      drain();
#endif
alone:
      atomic {
        assert(ID(word) == me && !writing && !reading[1] && !reading[2] && !reading[3]);
        writing = me;
        prepared = 0;
        found = 0
      };
#ifdef DOWNGRADE
      if
      :: true
#ifndef MUTATION_DOWNGRADE_LETS_GO_FIRST
      :: atomic { writing = 0; reader_word[me] = 1; start_reading() }
#endif
      fi;
#endif
release:
      release_word();
      atomic { prepared = 0; found = 0 };
#ifdef MUTATION_DOWNGRADE_LETS_GO_FIRST
      if :: IS_WRITER -> atomic { reader_word[me] = 1; start_reading() } :: else fi;
#endif
      if :: reading[me] :: else -> goto next fi;
inside:
      end_read();
next:
      skip
    :: else -> break
    od;
    done[me] = 1
  } unless DEATH(round = 0; prepared = 0; seen = 0; woken = 0; rung = 0; waited = 0; granted = 0; found = 0)
}

inline scan_readers(k) {
#ifndef MUTATION_SCAN_LEAVES_READER
  reader_word[k] = 0;
#endif
#ifndef MUTATION_SCAN_WAKES_NO_WRITER
  wake_all_waiters()
#endif
}

#define SCAN(k) \
  scrub_bell(bells, k); \
  scrub_bell(drain_bells, k); \
  scan_readers(k); \
  scan_word(k); \
  ring_everybody()

#define NO_READER (!reader_word[1] && !reader_word[2] && !reader_word[3])
#define REST_HOLDS (NO_READER && (word == FREE || word == ABANDONED) && reported + (word == ABANDONED) == deaths)

KILLER
WATCHER
MONITOR
#ifdef STRAY_RING
active proctype Stray() provided (!dying) { if :: true :: dirty[STRAY_RING] = 1 fi }
#endif
init { atomic { run Participant(1); run Participant(2); run Participant(3) } }
