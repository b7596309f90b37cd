/* What a watcher of a dict is told of a key. After native/core/dict_changes.cpp, event_count.cpp.
 *
 * MODELLED. A shard with one key, and its ring of UNITS notes of one unit each. WRITERS change the key CHANGES times each,
 * by a new node or in place, under the stripe; each may be killed at any step. Who takes the stripe from the dead undoes
 * what was not committed, in one step (stripe.pml has more of them). A watcher arms its bell, sets W, looks at the end
 * without the stripe, and sleeps; rung, it takes the notes under the stripe and then reads the key under it. A recovery
 * frees the stripe and rings. Numbers count on and on here, so `end` is one word.
 *
 * ASSERTED. A note that is taken is the one that was noted there. At rest the watcher has seen all notes, and read the key
 * as it is.
 *
 * MUST FAIL. MUTATION_LOOKS_BEFORE_ARMING, MUTATION_WAKES_BEFORE_NOTE, MUTATION_RECOVERY_RINGS_NOBODY,
 * MUTATION_NO_ROOM (for the note that was begun and not committed), MUTATION_TAKES_WITHOUT_STRIPE,
 * MUTATION_NUMBER_BEFORE_NOTE (stored, and its writer dies), MUTATION_KEEPS_QUIET_OF_LOSS (too slow, and not told).
 */
#ifndef WRITERS
#define WRITERS 2
#endif
#ifndef CHANGES
#define CHANGES 2
#endif
#ifndef KILLS
#define KILLS 2
#endif
#ifndef UNITS
#define UNITS 2
#endif
#ifdef MUTATION_NO_ROOM
#define MOST UNITS
#else
#define MOST (UNITS - 1)
#endif
#define WATCHER (WRITERS + 1)

byte stripe; /* 0 or the holder, alive or dead */
bit dead[4];
bit is_to_recover;
byte kills;

/* Under the stripe; `end` is looked at without it. */
byte unit[UNITS]; /* number of the note + 1 */
byte end, value;
bit end_logged, value_logged;
byte end_before, value_before;
byte changes; /* each change of the key has a number */

bit w, bell, dirty;
byte seen, told;
bit asleep;

#define UNDO \
  if :: end_logged -> end = end_before :: else fi; \
  if :: value_logged -> value = value_before :: else fi; \
  COMMIT
#define COMMIT end_logged = 0; value_logged = 0; end_before = 0; value_before = 0

inline lock() {
  atomic {
    (stripe == 0 || dead[stripe]) ->
    if :: stripe -> UNDO :: else fi;
    stripe = me
  }
}

inline wake() {
  atomic { rung = w; w = 0 };
  if
  :: rung ->
    atomic { rung = bell; bell = 0 };
    if :: atomic { rung -> dirty = 1; rung = 0 } :: else fi
  :: else
  fi
}

inline note() {
#ifdef MUTATION_WAKES_BEFORE_NOTE
  wake();
#endif
  unit[end % UNITS] = end + 1;
  atomic { end_before = end; end_logged = 1; end = end + 1 };
#ifndef MUTATION_WAKES_BEFORE_NOTE
  wake()
#else
  skip
#endif
}

inline change_node() {
  atomic { value_before = value; value_logged = 1; changes++; value = changes };
  note();
  atomic { COMMIT }
}

inline change_number() {
#ifdef MUTATION_NUMBER_BEFORE_NOTE
  atomic { changes++; value = changes };
#endif
  note();
  atomic { COMMIT };
#ifndef MUTATION_NUMBER_BEFORE_NOTE
  atomic { changes++; value = changes }
#else
  skip
#endif
}

proctype Writer(byte me) provided (!dead[me]) {
  byte i;
  bit rung;

  for (i : 1 .. CHANGES) {
    lock();
    if :: change_node() :: change_number() fi;
    stripe = 0
  }
}

inline take() {
#ifndef MUTATION_TAKES_WITHOUT_STRIPE
  lock();
#endif
  atomic {
    is_lost = (end - seen > MOST);
    if
    :: !is_lost -> for (i : seen + 1 .. end) { assert(unit[(i - 1) % UNITS] == i) }; i = 0
    :: else
    fi;
    is_news = (end != seen);
    seen = end
  };
#ifndef MUTATION_TAKES_WITHOUT_STRIPE
  stripe = 0;
#endif
#ifdef MUTATION_KEEPS_QUIET_OF_LOSS
  if :: is_lost -> is_news = 0 :: else fi;
#endif
  if
  :: is_news -> lock(); atomic { told = value; stripe = 0 }
  :: else
  fi;
  atomic { is_news = 0; is_lost = 0 }
}

proctype Watcher(byte me) {
  byte i;
  bit is_news, is_lost;

  do
  :: take();
#ifdef MUTATION_LOOKS_BEFORE_ARMING
     asleep = (end == seen);
     bell = 1;
     w = 1;
#else
     bell = 1;
     w = 1;
     asleep = (end == seen);
#endif
     if
     :: atomic { asleep && dirty -> dirty = 0; asleep = 0 }
     :: !asleep -> bell = 0
     fi
  od
}

active proctype Kernel() {
  byte k;

  end_kernel: do
  :: atomic {
      kills < KILLS ->
      select (k : 1 .. WRITERS);
      if :: !dead[k] -> dead[k] = 1; kills++; is_to_recover = 1 :: else -> kills = KILLS fi;
      k = 0
    }
  od
}

/* Any process that lives; it is done when it has seen every death. */
active proctype Recovery() {
  end_recovery: do
  :: atomic {
      is_to_recover ->
      is_to_recover = 0;
      if :: stripe && dead[stripe] -> UNDO; stripe = 0 :: else fi
    };
#ifndef MUTATION_RECOVERY_RINGS_NOBODY
    dirty = 1
#endif
  od
}

active proctype Monitor() {
  timeout -> assert(asleep && seen == end && told == value)
}

init {
  byte k;

  atomic {
    for (k : 1 .. WRITERS) { run Writer(k) }
    run Watcher(WATCHER);
    k = 0
  }
}
