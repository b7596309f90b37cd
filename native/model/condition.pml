/* Condition: places that waiters claim, each with its owner, WAITING or NOTIFIED; 0 is a free one.
 *
 * MODELLED. Participants 1 and 2 take an item each round, under a lock, and wait on the condition while there is none;
 * participant 3 brings ITEMS items and notifies once for each. Enter (under the lock), notify (any waiting place: nothing
 * rests on who is first), accept once the lock is held again, also when time is over, abort that passes a notification
 * on, the death scan. The lock is one that survives its owner and tells the next one, who then notifies everybody. A
 * participant from FIRST_ISOLATE on is told by its bell. GIVES_UP gives up by time-out, with ABORT by abort.
 *
 * ASSERTED. At rest nobody alive waits for an item that is there (unless the lock was abandoned and nobody came to see
 * it), nobody notified waits, and no place is kept by somebody who has left.
 *
 * MUST FAIL. MUTATION_ENTER_AFTER_UNLOCK, MUTATION_TIME_OUT_STORES (no compare), MUTATION_ACCEPT_BEFORE_LOCK,
 * MUTATION_ABORT_KEEPS_NOTIFICATION, MUTATION_ABORT_LEAVES_FIRST (then notifies), MUTATION_NOTIFY_WAKES_ONE (who is a dead
 * sleeper of an earlier owner), MUTATION_SCAN_DROPS_NOTIFICATION, MUTATION_SCAN_KEEPS_PLACE, MUTATION_SCAN_WAKES_NOBODY.
 */
#ifndef ITEMS
#define ITEMS 2
#endif

#define MAY_REST(k) (AT_REST(k) || (WAITS(k) && (!items || lock_owner)))
#include "participants.pml"
#include "bells.pml"

#define PLACES 2
#define FREE 0
#define WAITING 4
#define NOTIFIED 8
#define OWNER(v) ((v) & 3)

byte place[PLACES];
byte sleeps_at[4]; /* where a sleeper is queued, dead or alive */
byte lock_owner;
byte items;

#define DIES(k) skip
#define WAITS(k) (place[0] == (k | WAITING) || place[1] == (k | WAITING))

/* Whoever sleeps at a place is woken: with one who died there it may be more than its owner. */
inline wake_place(at, owner) {
  atomic {
#ifdef MUTATION_NOTIFY_WAKES_ONE
    if
    :: asleep[1] && sleeps_at[1] == at -> asleep[1] = 0
    :: asleep[2] && sleeps_at[2] == at -> asleep[2] = 0
    :: else
    fi;
#else
    if :: sleeps_at[1] == at -> asleep[1] = 0 :: else fi;
    if :: sleeps_at[2] == at -> asleep[2] = 0 :: else fi;
#endif
    dirty[owner] = IS_ISOLATE(owner)
  }
}

/* A place that changes between the look and the swap makes the notifier look again. */
inline notify_one(at, owner) {
  atomic {
    owner = 0;
    if
    :: place[0] & WAITING -> at = 0; owner = OWNER(place[0])
    :: place[1] & WAITING -> at = 1; owner = OWNER(place[1])
    :: else
    fi;
    if :: owner -> place[at] = owner | NOTIFIED :: else fi
  };
  if
  :: owner -> wake_place(at, owner); owner = 0; at = 0
  :: else
  fi
}

/* Who hears that the last owner died does not know what it left undone. */
inline lock_condition() {
  atomic {
    !lock_owner || dead[lock_owner] ->
    if :: lock_owner -> owner = 1 :: else fi;
    lock_owner = me
  };
  if
  :: owner -> notify_one(at, owner); notify_one(at, owner)
  :: else
  fi
}

inline unlock_condition() { lock_owner = 0 }

inline enter() {
  atomic {
    if
    :: place[0] == FREE -> mine = 0
    :: place[1] == FREE -> mine = 1
    fi;
    place[mine] = me | WAITING
  }
}

inline leave() { place[mine] = FREE }

proctype Taker(byte me) MORTAL {
  byte round, mine, at, owner;

  {
    do
    :: round < ROUNDS ->
      round++;
      lock_condition();
look:
      atomic {
        if
        :: items -> items--; goto have
        :: else
        fi
      };
      BECOME_VISIBLE_AND(skip);
#ifdef MUTATION_ENTER_AFTER_UNLOCK
      unlock_condition();
      enter();
#else
      enter();
      unlock_condition();
#endif
      if :: BY_BELL -> forget_rings() :: else fi;
sleep:
      if
      :: BY_BELL
      :: !BY_BELL ->
        atomic { if :: place[mine] == (me | WAITING) -> asleep[me] = 1; sleeps_at[me] = mine :: else fi }
      fi;
      if
      :: BY_BELL && place[mine] == (me | NOTIFIED) -> goto accept /* by its own look, before it waits */
      :: atomic { BY_BELL && dirty[me] -> dirty[me] = 0 }
      :: !BY_BELL && !asleep[me]
      :: atomic { me == GIVES_UP -> asleep[me] = 0; goto give_up }
      fi;
      if
      :: place[mine] == (me | WAITING) -> goto sleep
      :: place[mine] == (me | NOTIFIED) -> goto accept
      fi;
give_up:
#ifdef ABORT
#ifdef MUTATION_ABORT_KEEPS_NOTIFICATION
      leave();
#else
      atomic {
        if
        :: place[mine] == (me | WAITING) -> place[mine] = FREE; goto next
        :: else
        fi
      };
#ifdef MUTATION_ABORT_LEAVES_FIRST
      leave();
      notify_one(at, owner);
#else
      notify_one(at, owner);
      leave();
#endif
#endif
      goto next;
#else
      lock_condition();
      atomic {
        if
        :: place[mine] == (me | WAITING) -> place[mine] = FREE; goto timed_out
        :: else -> place[mine] = FREE
        fi
      };
#ifdef MUTATION_TIME_OUT_STORES
      goto timed_out;
#else
      goto look;
#endif
#endif
accept:
#ifdef MUTATION_ACCEPT_BEFORE_LOCK
      leave();
      lock_condition();
#else
      lock_condition();
      leave();
#endif
      goto look;
have:
timed_out:
      unlock_condition();
next:
      mine = 0
    :: else -> break
    od;
    done[me] = 1
  } unless DEATH(round = 0; mine = 0; at = 0; owner = 0)
}

proctype Bringer(byte me) MORTAL {
  byte round, at, owner;

  {
    do
    :: round < ITEMS ->
      round++;
      lock_condition();
      items++;
      notify_one(at, owner);
      unlock_condition()
    :: else -> break
    od;
    done[me] = 1
  } unless DEATH(round = 0; at = 0; owner = 0)
}

byte at, owner; /* of the death scan */

#ifdef MUTATION_SCAN_DROPS_NOTIFICATION
#define PASS_ON skip
#else
#define PASS_ON notify_one(at, owner)
#endif

/* The place of the dead. A notification that came to it is the next one's; only then the place is free. */
inline clear_place(k, i) {
  atomic { if :: place[i] == (k | WAITING) -> place[i] = FREE :: else fi };
  if
  :: place[i] == (k | NOTIFIED) -> PASS_ON; place[i] = FREE
  :: else
  fi
}

/* Another's: who notified it may be the one that died, before the wake. */
inline wake_if_notified(k, i) {
  if
  :: (place[i] & NOTIFIED) && OWNER(place[i]) != k -> wake_place(i, OWNER(place[i]))
  :: else
  fi
}

inline scan_places(k) {
#ifndef MUTATION_SCAN_KEEPS_PLACE
  clear_place(k, 0);
  clear_place(k, 1);
#endif
#ifndef MUTATION_SCAN_WAKES_NOBODY
  wake_if_notified(k, 0);
  wake_if_notified(k, 1);
#endif
  skip
}
#define SCAN(k) if :: hot -> scan_places(k) :: else fi; ring_everybody()

#define RIGHTLY_TAKEN(i) (place[i] == FREE || !AT_REST(OWNER(place[i])))
#define REST_HOLDS (RIGHTLY_TAKEN(0) && RIGHTLY_TAKEN(1) && (!lock_owner || dead[lock_owner]))

KILLER
WATCHER
MONITOR

init { atomic { run Taker(1); run Taker(2); run Bringer(3) } }
