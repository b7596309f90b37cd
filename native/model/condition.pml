/* Condition: a place in the queue for each waiter, FREE, WAITING or NOTIFIED.
 *
 * MODELLED. Participants 1 and 2 take an item each round, under a lock, and wait on the condition while there is none;
 * participant 3 brings ITEMS items and notifies once for each. Enter (under the lock), notify (any waiting place: nothing
 * rests on who is first), accept once the lock is held again, time-out, abort that passes a notification on, the death
 * scan. The lock is one that survives its owner and tells the next one, who then notifies everybody. A participant from
 * FIRST_ISOLATE on is told by its bell. GIVES_UP gives up by time-out, with ABORT by abort.
 *
 * ASSERTED. At rest nobody alive waits for an item that is there (unless the lock was abandoned and nobody came to see it),
 * nobody notified waits, and no place is kept by somebody who has left.
 *
 * MUST FAIL. MUTATION_ENTER_AFTER_UNLOCK, TIME_OUT_STORES (no compare), ACCEPT_BEFORE_LOCK, ABORT_KEEPS_NOTIFICATION,
 * ABORT_LEAVES_FIRST (then notifies), SCAN_DROPS_NOTIFICATION, SCAN_KEEPS_PLACE, SCAN_WAKES_NOBODY.
 */
#ifndef ITEMS
#define ITEMS 2
#endif
#include "participants.pml"
#include "bells.pml"

#define FREE 0
#define WAITING 1
#define NOTIFIED 2

byte place[4];
byte lock_owner;
byte items;
bit hot;

#define DIES(k) skip
#define BY_BELL (me >= FIRST_ISOLATE)

inline wake_place(k) {
  atomic { asleep[k] = 0; dirty[k] = 1 }
}

/* A place that changes between the look and the swap makes the notifier look again. */
inline notify_one(to) {
  atomic {
    to = 0;
    if
    :: place[1] == WAITING -> to = 1
    :: place[2] == WAITING -> to = 2
    :: else
    fi;
    if :: to -> place[to] = NOTIFIED :: else fi
  };
  if :: to -> wake_place(to); to = 0 :: else fi
}

/* Who hears that the last owner died does not know what it left undone. */
inline lock_condition(to) {
  atomic {
    !lock_owner || dead[lock_owner] ->
    if :: lock_owner -> to = 1 :: else fi;
    lock_owner = me
  };
  if
  :: to -> notify_one(to); notify_one(to)
  :: else
  fi
}

inline unlock_condition() { lock_owner = 0 }

proctype Taker(byte me) provided (!dead[me]) {
  byte round, to;

  do
  :: round < ROUNDS ->
    round++;
    lock_condition(to);
look:
    atomic {
      if
      :: items -> items--; goto have
      :: else
      fi
    };
    if :: !hot -> hot = 1 :: else fi;
#ifdef MUTATION_ENTER_AFTER_UNLOCK
    unlock_condition();
    place[me] = WAITING;
#else
    place[me] = WAITING;
    unlock_condition();
#endif
sleep:
    if
    :: BY_BELL
    :: !BY_BELL -> atomic { if :: place[me] == WAITING -> asleep[me] = 1 :: else fi }
    fi;
    if
    :: atomic { BY_BELL && dirty[me] -> dirty[me] = 0 }
    :: !BY_BELL && !asleep[me]
    :: atomic { me == GIVES_UP -> asleep[me] = 0 }; goto give_up
    fi;
    if
    :: place[me] == WAITING -> goto sleep
    :: place[me] == NOTIFIED -> goto accept
    fi;
give_up:
#ifdef MUTATION_TIME_OUT_STORES
    place[me] = FREE;
    goto next;
#else
    atomic {
      if
      :: place[me] == WAITING -> place[me] = FREE; goto next
      :: else
      fi
    };
#endif
#ifdef ABORT
#if defined(MUTATION_ABORT_KEEPS_NOTIFICATION)
    place[me] = FREE;
#elif defined(MUTATION_ABORT_LEAVES_FIRST)
    place[me] = FREE;
    notify_one(to);
#else
    notify_one(to);
    place[me] = FREE;
#endif
    goto next;
#endif
accept:
#ifdef MUTATION_ACCEPT_BEFORE_LOCK
    place[me] = FREE;
#endif
    lock_condition(to);
    place[me] = FREE;
    goto look;
have:
    unlock_condition();
next:
    skip
  :: else -> break
  od;
  done[me] = 1
}

proctype Bringer(byte me) provided (!dead[me]) {
  byte round, to;

  do
  :: round < ITEMS ->
    round++;
    lock_condition(to);
    items++;
    notify_one(to);
    unlock_condition()
  :: else -> break
  od;
  done[me] = 1
}

byte scan_to;

#ifdef MUTATION_SCAN_DROPS_NOTIFICATION
#define PASS_ON skip
#else
#define PASS_ON notify_one(scan_to)
#endif

/* The place of the dead. A notification that came to it is the next one's; only then the place is free. */
inline clear_place(k) {
  atomic { if :: place[k] == WAITING -> place[k] = FREE :: else fi };
  if
  :: place[k] == NOTIFIED -> PASS_ON; place[k] = FREE
  :: else
  fi
}

/* Another's: who notified it may be the one that died, before the wake. */
inline wake_if_notified(k, other) {
  if
  :: k != other && place[other] == NOTIFIED -> wake_place(other)
  :: else
  fi
}

#if defined(MUTATION_SCAN_WAKES_NOBODY)
#define SCAN(k) clear_place(k)
#elif defined(MUTATION_SCAN_KEEPS_PLACE)
#define SCAN(k) wake_if_notified(k, 1); wake_if_notified(k, 2)
#else
#define SCAN(k) if :: hot -> clear_place(k); wake_if_notified(k, 1); wake_if_notified(k, 2) :: else fi
#endif

#define MAY_REST(k) (AT_REST(k) || (place[k] == WAITING && (!items || lock_owner)))
#define LEFT(k) (!AT_REST(k) || place[k] == FREE)

KILLER
WATCHER
active proctype Monitor() {
  timeout ->
  assert(MAY_REST(1) && MAY_REST(2) && AT_REST(3));
  assert(LEFT(1) && LEFT(2) && LEFT(3));
  assert(!lock_owner || dead[lock_owner])
}

init { atomic { run Taker(1); run Taker(2); run Bringer(3) } }
