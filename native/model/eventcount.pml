/* The event count of semaphore.pml, permits.pml and rwlock.pml, after native/core/event_count.cpp: a number that each
 * wake-up changes, and two bits.
 *
 * A waiter first sets W (and M if one unit is not enough for it), then looks again, then sleeps while the whole word is
 * what it was; one that waits by bell arms before. Who makes units available looks at W afterwards: it takes both bits
 * away, changes the number and wakes as many waiters as there are new units, or all where M stood.
 *
 * Whoever includes it has the locals prepared, seen and rung. COUNT_QUEUE and COUNT_BELLS are where its waiters are.
 */
#define EC_W 1
#define EC_M 2
#define EC_ONE 4
#define EC_NEXT(v) ((v + EC_ONE) & ~(EC_W | EC_M))
#ifndef COUNT_BELLS
#define COUNT_BELLS bells
#define COUNT_QUEUE asleep
#endif

byte eventcount;

inline prepare(bits) {
  BECOME_VISIBLE_AND(eventcount = eventcount | bits; prepared = eventcount)
}

inline eventcount_sleep() {
  atomic {
    if :: eventcount == prepared -> COUNT_QUEUE[me] = 1 :: else fi;
    prepared = 0
  }
}

/* Whoever takes its bell back sets W again: a ring that came for it meanwhile is the others' now. */
inline eventcount_disarm() {
  disarm(COUNT_BELLS);
#ifndef MUTATION_RUNG_KEEPS_BATON
  atomic { eventcount = eventcount | EC_W }
#endif
}

/* After the units were made available. The one sleeper or isolate that it reached may be one that wants several and had
 * not set M yet when W was taken away. By now M stands: it is set before its owner sleeps or arms.
 */
inline wake_waiters(n) {
  atomic {
    if
    :: eventcount & EC_W -> seen = EC_W | (eventcount & EC_M); eventcount = EC_NEXT(eventcount)
    :: else
    fi
  };
  if
  :: seen == EC_W ->
    atomic { FUTEX_WAKE_ONE(COUNT_QUEUE, rung); if :: n > 1 -> FUTEX_WAKE_ONE(COUNT_QUEUE, rung) :: else fi };
    ring_one(COUNT_BELLS, rung);
    if :: rung && n > 1 -> ring_one(COUNT_BELLS, rung) :: else fi;
#ifndef MUTATION_RELEASE_LOOKS_AT_M_ONCE
    if :: eventcount & EC_M -> seen = EC_M :: else fi
#endif
  :: else
  fi;
  if
  :: seen & EC_M ->
    atomic { FUTEX_WAKE_ALL(COUNT_QUEUE) };
    ring_all(COUNT_BELLS, rung)
  :: else
  fi;
  atomic { seen = 0; rung = 0 }
}

/* The death scan, after what the object needs itself. */
inline wake_all_waiters() {
#ifdef MUTATION_SCAN_WAKES_NOBODY
  skip
#else
  if
  :: hot ->
#ifndef MUTATION_SCAN_LEAVES_NUMBER
    eventcount = EC_NEXT(eventcount);
#endif
    atomic { FUTEX_WAKE_ALL(COUNT_QUEUE) };
    ring_all(COUNT_BELLS, rung_by_scan)
  :: else
  fi
#endif
}
