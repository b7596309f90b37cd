/* Who notices which death: each process sleeps on the presence of the next live one. After native/core/watcher.cpp,
 * recovers() and sleep(). How one dead process is recovered is in recovery.pml; here that is two steps.
 *
 * MODELLED. A ring of ENTRIES, with a live process in each of the first TENANTS, and JOINERS that take any free entry
 * later. A watcher looks at all entries, from its own onwards: it claims a dead one, frees it, and looks again; it arms
 * the first WATCHED live ones; then it sleeps on those and on the registry. The LEAVER frees its entry, then announces
 * that it is gone. Any process may be killed at any step. A killed one stays in the queues a while, where it can take a
 * wake-up; then it leaves them; then the kernel marks its entry, unless it is freed, and wakes one sleeper, whichever.
 *
 * ASSERTED. At rest, if anybody lives, no entry is dead, but that of a process killed before it had announced itself,
 * which had nothing yet.
 *
 * Why one is enough, and two are not: whoever comes next after a live process has no other watcher, so its death wakes
 * that one. Of a row of dying ones the first thus wakes the live process before the row, which then watches the next of
 * the row. Watched by several, the first of the row may spend its wake-up on the last of the row, and that one is watched
 * by none but the dead. To watch all would do as well; the kernel takes 127 words.
 *
 * MUST FAIL. MUTATION_WATCHES_TWO, MUTATION_JOIN_WAKES_NOBODY, MUTATION_SLEEPS_UNCOMPARED,
 * MUTATION_CLAIM_OF_THE_DEAD_STANDS, MUTATION_LEAVES_WITHOUT_PENDING (killed before the announcement it wakes nobody,
 * and whom it watched has no watcher), MUTATION_LEAVES_BEFORE_LOOKING_AGAIN (it recovered one that was itself at an entry,
 * which the others have passed).
 */
#ifndef ENTRIES
#define ENTRIES 4
#endif
#ifndef TENANTS
#define TENANTS ENTRIES
#endif
#ifndef JOINERS
#define JOINERS 0
#endif
#ifndef LEAVER
#define LEAVER 0 /* none */
#endif
#ifndef KILLS
#define KILLS 3
#endif
#ifdef MUTATION_WATCHES_TWO
#define WATCHED 2
#else
#define WATCHED 1
#endif

#define DIED 16

/* A process is known by its number, from 1: its thread id, which is what stands in `presence`. */
byte presence[4]; /* 0, a number, or a number + DIED */
byte recoverer[4];
byte registry;
byte place[6];
bit runs[6];
bit asleep[6];
byte leaves[6]; /* killed: 1 still in the queues, 2 no more */
bit announced[6];
bit pending[6]; /* on its way out: the entry is freed, that is not announced */
byte seen[24]; /* what each sleeps on */
byte kills;
bit dying; /* nobody moves until the killed one has forgotten its locals: fewer states */

#define SEEN(k, e) seen[(k) * 4 + (e)]
#define FORGET(k) SEEN(k, 0) = 0; SEEN(k, 1) = 0; SEEN(k, 2) = 0; SEEN(k, 3) = 0
#define CHANGED(e) (SEEN(me, e) && SEEN(me, e) != presence[e])
#define IS_DEAD(k) (presence[place[k]] != k)
#ifdef MUTATION_CLAIM_OF_THE_DEAD_STANDS
#define IS_CLAIMED(e) recoverer[e]
#else
#define IS_CLAIMED(e) (recoverer[e] && !IS_DEAD(recoverer[e]))
#endif
#define TAKE(e) e < ENTRIES && !presence[e] && !IS_CLAIMED(e) -> place[me] = e; presence[e] = me

#define WAKE_ALL asleep[1] = 0; asleep[2] = 0; asleep[3] = 0; asleep[4] = 0; asleep[5] = 0

inline join() {
  atomic { if :: TAKE(0) :: TAKE(1) :: TAKE(2) :: TAKE(3) fi };
  atomic {
    registry++;
#ifndef MUTATION_JOIN_WAKES_NOBODY
    WAKE_ALL;
#endif
    announced[me] = 1
  }
}

inline leave() {
  atomic { asleep[me] = 0; FORGET(me); pending[me] = 1; presence[place[me]] = 0 };
  atomic { registry++; WAKE_ALL; pending[me] = 0; runs[me] = 0; dying = 1 }
}

/* At each entry once, from the next one onwards; again when one was recovered. A dead one that somebody else is at is not
 * watched: that one's own death has a watcher.
 */
inline look() {
  do
  :: atomic {
      step < ENTRIES && recoverer[at] != me ->
      at = (place[me] + step) % ENTRIES;
      step++;
      if
      :: presence[at] >= DIED && !IS_CLAIMED(at) -> recoverer[at] = me
      :: presence[at] && presence[at] < DIED && armed < WATCHED -> armed++; SEEN(me, at) = presence[at]
      :: else
      fi
    }
  :: atomic { recoverer[at] == me -> presence[at] = 0; recoverer[at] = 0; again = 1; step = ENTRIES }
  :: atomic { step == ENTRIES && recoverer[at] != me -> break }
  od
}

#ifdef MUTATION_LEAVES_BEFORE_LOOKING_AGAIN
#define MAY_LEAVE true
#else
#define MAY_LEAVE settled
#endif
#define SLEEPER_FORGETS step = 1; at = place[me]; armed = 0; again = 0; seen_registry = 0

proctype Process(byte me) provided (!dying || !runs[me]) {
  byte step = 1, at, armed, seen_registry;
  bit again, settled;

  {
    if :: me > TENANTS -> join() :: else fi;
    end: do
    :: seen_registry = registry;
      look();
      atomic {
        if
#ifndef MUTATION_SLEEPS_UNCOMPARED
        :: again || CHANGED(0) || CHANGED(1) || CHANGED(2) || CHANGED(3) || registry != seen_registry
#else
        :: again
#endif
        :: else -> asleep[me] = 1
        fi;
        settled = !again && me == LEAVER;
        SLEEPER_FORGETS
      };
      if
      :: atomic { !asleep[me] -> FORGET(me) }
      :: me == LEAVER && MAY_LEAVE -> leave()
      fi
    od
  } unless { atomic { !runs[me] -> dying = 0; settled = 0; SLEEPER_FORGETS } }
}

#define LIVES(k) (runs[k] && !IS_DEAD(k))
#define KILL(k) \
  atomic { \
    (LIVES(k) || (runs[k] && pending[k])) && kills < KILLS -> \
    runs[k] = 0; \
    leaves[k] = 1; \
    kills++; \
    dying = 1 \
  }
#define WAKE(k) asleep[k] && SEEN(k, at) -> asleep[k] = 0
#ifdef MUTATION_LEAVES_WITHOUT_PENDING
#define WAKES_ONE presence[at]
#else
#define WAKES_ONE true
#endif
#define LEAVE(k) \
  atomic { leaves[k] == 1 -> leaves[k] = 2; asleep[k] = 0; FORGET(k) } \
  :: atomic { \
    leaves[k] == 2 -> \
    leaves[k] = 0; \
    at = place[k]; \
    if :: presence[at] == k -> presence[at] = k + DIED :: else fi; \
    if :: WAKES_ONE -> if :: WAKE(1) :: WAKE(2) :: WAKE(3) :: WAKE(4) :: WAKE(5) :: else fi :: else fi; \
    at = 0 \
  }

/* It may also stop short of its number of kills. */
active proctype Kernel() provided (!dying) {
  byte at;

  end: do
  :: KILL(1)
  :: KILL(2)
  :: KILL(3)
  :: KILL(4)
  :: KILL(5)
  :: kills < KILLS -> kills = KILLS
  :: LEAVE(1)
  :: LEAVE(2)
  :: LEAVE(3)
  :: LEAVE(4)
  :: LEAVE(5)
  od
}

#define IS_RECOVERED(e) (presence[e] < DIED || !announced[presence[e] - DIED])
active proctype Monitor() {
  timeout ->
  if
  :: LIVES(1) || LIVES(2) || LIVES(3) || LIVES(4) || LIVES(5) ->
    assert(IS_RECOVERED(0) && IS_RECOVERED(1) && IS_RECOVERED(2) && IS_RECOVERED(3))
  :: else
  fi
}

init {
  byte k;

  atomic {
    for (k : 1 .. TENANTS + JOINERS) {
      if
      :: k <= TENANTS -> place[k] = k - 1; presence[k - 1] = k; announced[k] = 1
      :: else
      fi;
      runs[k] = 1;
      run Process(k)
    }
    k = 0
  }
}
