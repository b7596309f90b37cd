/* The lock word of lock.pml, lock_bell.pml and rwlock.pml: its values, and the steps of native/core/lock_word.cpp.
 *
 * A participant that includes them has the locals seen, woken, rung, waited and granted, and the labels held (has the
 * word) and released (has it no more, or gave up); `acquire`, `pass_on` and `release` stand before the inlines of these steps.
 *
 * STARVE: a waiter that has waited before may set S, and an isolate may take GRANT though it was rung for something else.
 */
#define FREE 0
#define GRANT 4
#define ABANDONED 5
#define W 8  /* somebody may sleep */
#define S 16 /* somebody starves: the next release hands over */
#define ID(v) ((v) & 7)
#define NAMES_OWNER(v) (ID(v) >= 1 && ID(v) <= 3)
#define NAMES_DEAD(v) (NAMES_OWNER(v) && dead[ID(v)])

#ifndef MAY_RELEASE
#define MAY_RELEASE ID(word) == me
#endif

byte word = FREE;
byte deaths;   /* owners that died */
byte reported; /* ownerDied seen by a later owner */

#ifdef MUTATION_TAKER_LEAVES_NO_W
#define LEAVES_W(baton) me
#else
#define LEAVES_W(baton) ((baton) -> (me | W) : me)
#endif

/* The swaps that take the word, for whoever finds it takeable; with W from one that may have a baton. */
#define TAKE(baton) \
  :: word == FREE -> word = LEAVES_W(baton); goto held \
  :: word == ABANDONED -> word = me | W; reported++; goto held \
  :: ID(word) == GRANT && waited -> word = me | W; goto held \
  :: NAMES_DEAD(word) -> word = me | W; reported++; goto held

/* Those that announce a waiter. */
#ifdef STARVE
#define MARK_STARVING :: NAMES_OWNER(word) && waited -> word = word | W | S
#else
#define MARK_STARVING
#endif
#define MARK \
  :: ID(word) == GRANT && !waited -> word = word | W \
  :: NAMES_OWNER(word) -> word = word | W \
  MARK_STARVING

inline acquire_asleep() {
  atomic { if TAKE(waited) :: else fi };
  if
  :: me == GIVES_UP -> goto pass_on
  :: true
  fi;
  BECOME_VISIBLE_AND(if TAKE(waited) MARK fi; seen = word);
  atomic { /* futex_wait: the kernel compares and queues in one step */
    if :: word == seen -> asleep[me] = 1 :: else fi;
    seen = 0;
    waited = 1
  };
  if
  :: !asleep[me]
  :: atomic { me == GIVES_UP -> asleep[me] = 0 }
  fi;
  goto acquire
}

/* Whether it was rung is in `waited`. A bell that stands may be rung at any moment, so whoever takes the word with its
 * bell armed has a baton for all it knows, rung or not.
 */
#ifdef MUTATION_FRESH_TAKES_WITHOUT_W
#define ARMED waited
#else
#define ARMED 1
#endif
#ifdef STARVE
#define TAKE_ANY_GRANT :: ID(word) == GRANT -> word = me | W; goto held
#else
#define TAKE_ANY_GRANT
#endif

inline acquire_by_bell() {
  atomic { if TAKE(0) :: else fi };
  BECOME_VISIBLE_AND(forget_rings());
again:
#ifdef MUTATION_RUNG_IN_VAIN_DOES_NOT_ARM
  if :: !waited -> arm(bells) :: else fi;
#elif !defined(MUTATION_ARM_AFTER_TRY)
  arm(bells);
#endif
  atomic {
    if
#ifdef MUTATION_RUNG_LEAVES_GRANT
    :: ID(word) == GRANT -> word = word | W
#endif
    TAKE(ARMED)
    TAKE_ANY_GRANT
    MARK
    fi
  };
#ifdef MUTATION_ARM_AFTER_TRY
  arm(bells);
#endif
  if
  :: atomic { dirty[me] -> dirty[me] = 0; waited = 1; goto again }
  :: me == GIVES_UP -> waited = 0; goto again /* time is over: looks once more, as if it had just come */
  :: me == GIVES_UP
  fi;
  disarm(bells);
  goto pass_on
}

#ifdef MUTATION_LEAVER_KEEPS_BATON
#define BATON_PASSED word
#else
#define BATON_PASSED (word | W)
#endif

/* Who gives up may have been woken for this: the holder's release has to wake, or another waiter is woken now. */
inline pass_baton_on() {
  atomic {
    if
    :: NAMES_OWNER(word) -> word = BATON_PASSED; goto released
    :: NAMES_DEAD(word)
#ifdef MUTATION_LEAVER_KEEPS_GRANT
    :: ID(word) == GRANT -> goto released
#else
    :: ID(word) == GRANT -> word = FREE
#endif
#ifdef MUTATION_LEAVER_KEEPS_FREE
    :: word == FREE || word == ABANDONED -> goto released
#else
    :: word == FREE || word == ABANDONED
#endif
    fi
  };
  goto wake
}

/* Without W nobody need be woken. */
#define RELEASE \
  :: !(word & (W | S)) -> word = FREE; goto released \
  :: (word & W) && !(word & S) -> word = FREE \
  :: (word & S) -> word = GRANT; granted = 1

/* AT_RELEASE: what ends with the hold, in the model. One waiter of each kind is woken, since either may be too busy to come.
 * A GRANT that found nobody is taken back.
 */
inline release_word() {
#ifdef MUTATION_RELEASE_READS_W_FIRST
  seen = word;
  atomic {
    AT_RELEASE;
    word = FREE;
    if :: seen == me -> goto released :: else fi
  };
#else
  atomic {
    AT_RELEASE;
    if
    :: MAY_RELEASE -> if RELEASE fi
    :: else -> goto released
    fi
  };
#endif
wake:
  atomic { FUTEX_WAKE_ONE(asleep, woken) };
#ifndef MUTATION_RELEASE_RINGS_NOBODY
  ring_one(bells, rung);
#endif
  atomic {
    if
#ifndef MUTATION_GRANT_UNRESOLVED
    :: granted && !woken && !rung && word == GRANT -> word = FREE
#ifndef MUTATION_GRANT_W_UNRESOLVED
    :: granted && !woken && !rung && word == (GRANT | W) -> word = FREE; granted = 0; goto wake
#endif
#endif
    :: else
    fi
  };
released:
  atomic { seen = 0; woken = 0; rung = 0; waited = 0; granted = 0 }
}

/* The death scan. */
inline change_word(k) {
  atomic {
    if
    :: ID(word) == k -> word = ABANDONED
    :: NAMES_OWNER(word) && ID(word) != k -> word = word & ~S
    :: else
    fi
  }
}

inline wake_and_ring_waiters() {
  if
  :: hot -> atomic { FUTEX_WAKE_ALL(asleep) }; ring_all(bells, rung_by_scan)
  :: else
  fi
}

/* Only now is the dead one out of the queue, where it may have got the wake-up of a hand-over. */
inline withdraw_grant() {
  atomic {
    if
    :: word == GRANT -> word = FREE
    :: word == (GRANT | W) -> word = FREE; rung_by_scan = 1
    :: else
    fi
  };
  if
  :: rung_by_scan -> atomic { FUTEX_WAKE_ONE(asleep, rung_by_scan) }; ring_one(bells, rung_by_scan); rung_by_scan = 0
  :: else
  fi
}

inline scan_word(k) {
#if defined(MUTATION_SCAN_WAKES_FIRST)
  wake_and_ring_waiters();
  change_word(k);
  withdraw_grant()
#elif defined(MUTATION_SCAN_WITHDRAWS_GRANT_FIRST)
  change_word(k);
  withdraw_grant();
  wake_and_ring_waiters()
#else
#ifndef MUTATION_SCAN_LEAVES_WORD
  change_word(k);
#endif
#ifndef MUTATION_SCAN_WAKES_NOBODY
  wake_and_ring_waiters();
#endif
#ifndef MUTATION_SCAN_LEAVES_GRANT
  withdraw_grant();
#endif
  skip
#endif
}
