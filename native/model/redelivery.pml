/* Items that come back: a queue keeps what a consumer has taken until that one says done, or dies and a helper puts it
 * back. After native/core/queue_holders.cpp, recovery.cpp.
 *
 * MODELLED. A consumer, owner 1, has taken two items, 1 and 2, and is dead; item 3 lies in the queue. HELPERS, 2 or 3, race
 * for its recovery, one after the other by a claim, and may die at any step: they put the items back, in one commit or,
 * as with a heap, ONE_BY_ONE; then wake whoever waits, then free the slot. Another consumer sleeps while the queue is
 * empty, and takes and does items until all three are done. A third one joins with a new id as soon as the slot is free
 * and takes what it gets, as holder of that slot. A commit is one step.
 *
 * ASSERTED. Each item is done, once. What comes back in one commit is got in its order. When nobody moves any more all is done,
 * unless all helpers are dead.
 *
 * MUST FAIL. MUTATION_COPIES_FIRST (the items are in the queue before the holder has lost them, in two commits),
 * MUTATION_FORGETS_FIRST (the other way round), MUTATION_SLOT_FREED_FIRST, MUTATION_WAKES_FIRST, MUTATION_WAKES_NOBODY,
 * MUTATION_NEWEST_FIRST, MUTATION_CLAIM_OF_THE_DEAD_STANDS.
 */
#ifndef HELPERS
#define HELPERS 2
#endif

#define ITEMS 3
#define MAY_REST(k) true
#include "participants.pml"

/* What lies in the queue, as a list of at most three, and with the holder of the slot. */
byte list[4];
byte length;
byte kept[3];
byte kept_count = 2;
byte holder = 1;

byte slot = 1; /* of the dead, then 0, then of its successor */
byte claim;
bit recovered;
byte done_items[4];

bit waiter_sleeps;
bit waiters;
byte number;

#define DIES(k) skip

inline put_in_front(item) {
  list[3] = list[2];
  list[2] = list[1];
  list[1] = list[0];
  list[0] = item;
  length++
}
inline take_first(item) {
  item = list[0];
  list[0] = list[1];
  list[1] = list[2];
  list[2] = list[3];
  list[3] = 0;
  length--
}
inline forget_kept() {
  kept[0] = 0;
  kept[1] = 0;
  kept_count = 0;
  holder = 0
}

/* A chain goes in front as it is. One by one, as they go to their places of a heap, each moves with a commit of its own. */
inline move_one() {
  put_in_front(kept[0]);
  kept[0] = kept[1];
  kept[1] = 0;
  kept_count--
}
inline move_chain() {
#ifdef MUTATION_NEWEST_FIRST
  put_in_front(kept[0]);
  put_in_front(kept[1])
#else
  put_in_front(kept[1]);
  put_in_front(kept[0])
#endif
}

inline come_back() {
#if defined(MUTATION_COPIES_FIRST)
  atomic { if :: holder == 1 -> move_chain() :: else fi };
  atomic { if :: holder == 1 -> forget_kept() :: else fi }
#elif defined(MUTATION_FORGETS_FIRST)
  atomic { if :: holder == 1 -> forget_kept(); mine = 1 :: else fi };
  atomic { if :: mine -> put_in_front(2); put_in_front(1); mine = 0 :: else fi }
#elif defined(ONE_BY_ONE)
  do
  :: atomic { holder == 1 && kept_count > 0 -> move_one() }
  :: atomic { holder == 1 && kept_count == 0 -> holder = 0 }
  :: atomic { holder != 1 -> break }
  od
#else
  atomic { if :: holder == 1 -> move_chain(); forget_kept() :: else fi }
#endif
}

inline wake_everybody() {
#ifdef MUTATION_WAKES_NOBODY
  skip
#else
  atomic { waiters = 0; number++ };
  waiter_sleeps = 0
#endif
}

#ifdef MUTATION_CLAIM_OF_THE_DEAD_STANDS
#define IS_CLAIMED claim
#else
#define IS_CLAIMED (claim && !dead[claim])
#endif

proctype Helper(byte me) MORTAL {
  bit mine;

  {
    atomic { (!IS_CLAIMED && !recovered) || recovered -> if :: !recovered -> claim = me :: else -> goto over fi };
#ifdef MUTATION_SLOT_FREED_FIRST
    slot = 0;
#endif
#ifdef MUTATION_WAKES_FIRST
    wake_everybody();
    come_back();
#else
    come_back();
    wake_everybody();
#endif
    atomic { if :: slot == 1 -> slot = 0 :: else fi };
    atomic { recovered = 1; claim = 0 };
over:
    done[me] = 1
  } unless DEATH(mine = 0)
}

#ifdef ONE_BY_ONE
#define IS_IN_ORDER(item) true
#else
#define IS_IN_ORDER(item) (item != 2 || was_taken[1])
#endif
bit was_taken[4];
#define ALL_DONE (done_items[1] + done_items[2] + done_items[3] >= ITEMS)

inline get_and_do() {
  atomic {
    if
    :: length > 0 -> take_first(item); assert(IS_IN_ORDER(item)); was_taken[item] = 1
    :: else
    fi
  };
  atomic { if :: item -> done_items[item]++; assert(done_items[item] == 1); item = 0 :: else fi }
}

active proctype Consumer() provided (!dying) {
  byte item, prepared;

  end: do
  :: atomic { ALL_DONE -> break }
  :: length > 0 -> get_and_do()
  :: atomic { length == 0 && !ALL_DONE -> waiters = 1; prepared = number };
    if
    :: length > 0
    :: else ->
      atomic { if :: waiters && number == prepared -> waiter_sleeps = 1 :: else fi; prepared = 0 };
      !waiter_sleeps || ALL_DONE
    fi
  od
}

/* It has the slot of the dead, and with it the place where that one's items were. */
active proctype Successor() provided (!dying) {
  byte item;

  end: atomic { slot == 0 -> slot = 2; assert(holder != 1 && kept_count == 0); holder = 2 };
  get_and_do()
}

/* At rest. A helper that is dead has left its work to the next one. */
active proctype Killer() provided (!dying) {
  end: do
  :: KILL(1)
  :: KILL(2)
#if HELPERS > 2
  :: KILL(3)
#endif
  :: kills < KILLS -> kills = KILLS
  od
}

#define ALL_DEAD (dead[1] && dead[2] && dead[3])
#define REST_HOLDS (ALL_DEAD || ALL_DONE)
MONITOR

init {
  atomic {
    list[0] = 3;
    length = 1;
    kept[0] = 1;
    kept[1] = 2;
    run Helper(1);
    run Helper(2);
#if HELPERS > 2
    run Helper(3)
#else
    dead[3] = 1
#endif
  }
}
