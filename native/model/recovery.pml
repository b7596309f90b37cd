/* The hand-over of a dead process: watchers race for its recoverer word, one gives back what it held and frees its entry,
 * and the next process joins in that place. After native/core/owner.cpp, recovery.cpp, watcher.cpp.
 *
 * MODELLED. WATCHERS of them, 2 or 3, each with a live id of its own, and one entry of a process with two slots: its
 * helper's and an isolate's. The first tenant has just died with a lock held. TENANTS more join there one after the
 * other, each with a new id, take the lock, and die at any step or leave. A watcher claims, looks again, gives back,
 * frees the slots, then the entry, and drops its claim; it may die at any step. It sleeps on the registry and on the
 * presence of the others, though one of them would do (watch_ring.pml); the kernel wakes one at a death. A dead watcher's
 * own entry is not modelled.
 *
 * ASSERTED. One live watcher at a time recovers. None wipes a tenant that lives. A slot is free only when nothing names its
 * id. At rest the dead tenant was recovered by whoever of the watchers is left, and no live one keeps its claim; but one
 * that died before it announced itself may wait for the next look, as it had nothing yet.
 *
 * MUST FAIL. MUTATION_CLAIMS_WITHOUT_ID (the claim is 0), MUTATION_NO_SECOND_LOOK (at presence, under the claim),
 * MUTATION_JOIN_WIPES_CLAIM (a tenant clears the word, though a slow watcher has just claimed it),
 * MUTATION_SLOT_FREED_FIRST (then gives back what it held), MUTATION_ENTRY_FREED_FIRST (then the slots), MUTATION_CLAIM_DROPPED_FIRST (then frees the entry),
 * MUTATION_CLAIM_OF_THE_DEAD_STANDS, MUTATION_JOIN_WAKES_NOBODY.
 */
#ifndef WATCHERS
#define WATCHERS 2
#endif
#ifndef TENANTS
#define TENANTS 2
#endif

#define MAY_REST(k) (dead[k] || (asleep[k] && (presence != DIED || !announced) && recoverer != k))
#include "participants.pml"

#define ALIVE 1
#define DIED 2
#define ABANDONED 7

/* Ids of tenants: 1 is the first one's. */
byte presence = DIED; /* or ALIVE, or 0: the entry is free */
byte recoverer;
byte helper_slot = 1;
byte isolate_slot = 1;
byte lock_word = 1;
byte registry;

byte tenant = 1; /* the last one */
bit lives;       /* from its join to its death or leave */
bit announced = 1;
byte recovering;
bit watches_tenant[4];

/* The thread that sleeps is the one whose end is the death: it has left the queue. The kernel wakes one of the others. */
#define DIES(k) \
  asleep[k] = 0; \
  if :: recovering == k -> recovering = 0 :: else fi; \
  if \
  :: asleep[1] -> asleep[1] = 0 \
  :: asleep[2] -> asleep[2] = 0 \
  :: asleep[3] -> asleep[3] = 0 \
  :: else \
  fi

#define WATCHES(k) (asleep[k] && watches_tenant[k])
#define TENANT_DIES \
  atomic { \
    lives -> \
    lives = 0; \
    if \
    :: presence == ALIVE -> \
      presence = DIED; \
      if \
      :: WATCHES(1) -> asleep[1] = 0 \
      :: WATCHES(2) -> asleep[2] = 0 \
      :: WATCHES(3) -> asleep[3] = 0 \
      :: else \
      fi \
    :: else \
    fi; \
    dies[0] = 1; \
    dying = 1 \
  }

inline announce() {
  registry++;
  atomic { FUTEX_WAKE_ALL(asleep) }
}

inline give_back(id) {
  atomic { if :: lock_word == id -> lock_word = ABANDONED :: else fi }
}

inline free_slot(slot) {
  atomic {
    if
    :: slot -> assert(!(lives && slot == tenant) && lock_word != slot); slot = 0
    :: else
    fi
  }
}

/* Each owner's belongings, then the slots. The helper holds nothing here. */
inline give_back_process() {
#ifdef MUTATION_SLOT_FREED_FIRST
  atomic { id = isolate_slot; isolate_slot = 0 };
  if :: id -> give_back(id) :: else fi;
#else
  id = isolate_slot;
  if :: id -> give_back(id) :: else fi;
  free_slot(isolate_slot);
#endif
  free_slot(helper_slot);
  id = 0
}

inline free_entry() {
  atomic { assert(presence != ALIVE); presence = 0 }
}

inline recover_claimed() {
  atomic { assert(!recovering); recovering = me };
#if defined(MUTATION_ENTRY_FREED_FIRST)
  free_entry();
  give_back_process();
#elif defined(MUTATION_CLAIM_DROPPED_FIRST)
  give_back_process();
  recoverer = 0;
  free_entry();
#else
  give_back_process();
  free_entry();
#endif
  recovering = 0
}

#ifdef MUTATION_CLAIMS_WITHOUT_ID
#define MY_CLAIM 0
#else
#define MY_CLAIM me
#endif
#ifdef MUTATION_CLAIM_OF_THE_DEAD_STANDS
#define IS_CLAIMED(by) by
#else
#define IS_CLAIMED(by) (by && !dead[by])
#endif

inline recover_process() {
  do
  :: presence == DIED ->
    atomic { claim = recoverer; if :: IS_CLAIMED(claim) -> break :: else fi };
    atomic { if :: recoverer == claim -> recoverer = MY_CLAIM :: else -> break fi };
#ifdef MUTATION_NO_SECOND_LOOK
    recover_claimed();
#else
    if :: presence == DIED -> recover_claimed() :: else fi;
#endif
    recoverer = 0
  :: else -> break
  od;
  claim = 0
}

#define DEATHS (dead[1] + dead[2] + dead[3])

/* Unless something has changed. A dead tenant is not watched: another watcher is at it, and that one's death wakes us. */
inline sleep() {
  atomic {
    if
    :: registry == seen_registry && DEATHS == seen_deaths && (presence == seen_presence || seen_presence == DIED) ->
      asleep[me] = 1;
      watches_tenant[me] = (seen_presence == ALIVE)
    :: else
    fi
  }
}

proctype Watcher(byte me) MORTAL {
  byte seen_registry, seen_deaths, seen_presence, claim, id;

  {
    do
    :: atomic { seen_registry = registry; seen_deaths = DEATHS };
      if
      :: presence == DIED -> recover_process(); seen_presence = DIED
      :: atomic { presence != DIED -> seen_presence = presence }
      fi;
      if
      :: seen_presence == DIED && presence != DIED
      :: else -> sleep()
      fi;
      atomic { seen_registry = 0; seen_deaths = 0; seen_presence = 0 };
      atomic { !asleep[me] -> watches_tenant[me] = 0 }
    od
  } unless DEATH(seen_registry = 0; seen_deaths = 0; seen_presence = 0; claim = 0; id = 0)
}

/* One tenant after the other, as joining is under the file lock. */
proctype Tenants(byte me) MORTAL {
  byte claim, id;

  do
  :: tenant <= TENANTS ->
    {
      do
      :: atomic { presence == 0 && (!recoverer || dead[recoverer]) -> claim = recoverer };
        atomic { if :: presence == 0 -> tenant++; lives = 1; announced = 0; break :: else fi }
      od;
#ifdef MUTATION_JOIN_WIPES_CLAIM
      recoverer = 0;
#else
      atomic { if :: claim && recoverer == claim -> recoverer = 0 :: else fi };
#endif
      presence = ALIVE;
      helper_slot = tenant;
#ifndef MUTATION_JOIN_WAKES_NOBODY
      announce();
#endif
      announced = 1;
      atomic { if :: !isolate_slot -> isolate_slot = tenant :: else fi };
      atomic { if :: lock_word == 0 || lock_word == ABANDONED -> lock_word = tenant :: else fi };
      atomic { assert(presence == ALIVE && helper_slot == tenant && isolate_slot == tenant && lock_word == tenant) };
      give_back(tenant);
      isolate_slot = 0;
      helper_slot = 0;
      atomic { presence = 0; lives = 0 };
      announce()
    } unless DEATH(claim = 0; id = 0)
  :: else -> break
  od
}

active proctype Killer() provided (!dying) {
  end: do
  :: KILL(1)
  :: KILL(2)
#if WATCHERS > 2
  :: KILL(3)
#endif
  :: TENANT_DIES
  :: kills < KILLS -> kills = KILLS
  od
}

#define ALL_DEAD (dead[1] && dead[2] && dead[3])
#define IS_GIVEN_BACK (!isolate_slot && lock_word == ABANDONED)
#define REST_HOLDS (ALL_DEAD || (IS_GIVEN_BACK && (!announced || (presence == 0 && !helper_slot))))

MONITOR
init {
  atomic {
    run Watcher(1);
    run Watcher(2);
#if WATCHERS > 2
    run Watcher(3);
#else
    dead[3] = 1;
#endif
    run Tenants(0)
  }
}
