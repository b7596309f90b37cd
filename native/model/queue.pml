/* Queue: items under a stripe, and event counts for those who want an item, a place, or the end of all items.
 *
 * MODELLED. Three participants with a role each (ROLE1 to ROLE3): GET takes an item and says done, PUT puts PUTS of them, JOIN waits until all is done, SHUT shuts the queue down, or with AT_ONCE also discards what lies in it. ITEMS
 * lie there at first, SIZE may. With LOOP a GET says done and takes the next item under one hold of the stripe, once, and
 * wakes others afterwards. A change under the stripe is one step, as it is one commit; but whoever comes looks
 * before, without the stripe, whether it is worth while. Bells do as in semaphore.pml, and are left out here.
 *
 * ASSERTED. At rest nobody alive waits while what he waits for is there, or it is all over. `unfinished` is the size and
 * what is held.
 *
 * MUST FAIL. MUTATION_PUT_WAKES_NOBODY, MUTATION_GET_WAKES_NOBODY, MUTATION_DONE_WAKES_NOBODY, MUTATION_DONE_WAKES_ONE,
 * MUTATION_SHUT_DOWN_WAKES_NO_GETTER, MUTATION_SHUT_DOWN_WAKES_NO_PUTTER, MUTATION_SHUT_DOWN_WAKES_NO_JOINER,
 * MUTATION_WAKE_BEFORE_CHANGE, MUTATION_NO_LOOK_AFTER_W, MUTATION_TAKER_KEEPS_REST (items left over, and nobody woken for
 * them), MUTATION_LEAVER_KEEPS_BATON (a sleeper whose time is over goes without a last look),
 * MUTATION_LOOP_WAKES_NO_PUTTER, MUTATION_LOOP_WAKES_NO_JOINER, MUTATION_DEAD_ARE_NEVER_DONE,
 * MUTATION_SCAN_WAKES_NOBODY, MUTATION_SCAN_WAKES_FIRST (then counts what the dead had).
 */
#define GET 0
#define PUT 1
#define JOIN 2
#define SHUT 3

#ifndef SIZE
#define SIZE 1
#endif
#ifndef ITEMS
#define ITEMS 0
#endif
#ifndef PUTS
#define PUTS 1
#endif
#ifndef ROLE1
#define ROLE1 GET
#endif
#ifndef ROLE2
#define ROLE2 GET
#endif
#ifndef ROLE3
#define ROLE3 PUT
#endif

#define THERE(role) \
  ((role == GET && (size || is_shut)) || (role == PUT && (size < SIZE || is_shut)) || (role == JOIN && !unfinished))
#define MAY_REST(k) (AT_REST(k) || !THERE(ROLE##k))
#include "participants.pml"

byte size = ITEMS;
byte unfinished = ITEMS;
bit is_shut;
bit held[4];

/* An event count for each role; a sleeper of any of them is in `asleep`, and its role says in which queue. */
byte number[3];
bit waiters[3];
bit hot;
byte role_of[4];

#define DIES(k) skip
#define SLEEPS(k, role) (asleep[k] && role_of[k] == role)

inline wake_all_of(role) {
  if :: SLEEPS(1, role) -> asleep[1] = 0 :: else fi;
  if :: SLEEPS(2, role) -> asleep[2] = 0 :: else fi;
  if :: SLEEPS(3, role) -> asleep[3] = 0 :: else fi
}

inline take_waiters(role) {
  atomic { if :: waiters[role] -> seen = 1; waiters[role] = 0; number[role]++ :: else fi }
}
inline wake_one(role) {
  take_waiters(role);
  if
  :: seen ->
    atomic {
      seen = 0;
      if
      :: SLEEPS(1, role) -> asleep[1] = 0
      :: SLEEPS(2, role) -> asleep[2] = 0
      :: SLEEPS(3, role) -> asleep[3] = 0
      :: else
      fi
    }
  :: else
  fi
}
inline wake_all(role) {
  take_waiters(role);
  if
  :: seen -> atomic { seen = 0; wake_all_of(role) }
  :: else
  fi
}

inline after_get() {
#ifdef MUTATION_GET_WAKES_NOBODY
  skip
#else
  wake_one(PUT)
#endif
}
inline after_put() {
#ifdef MUTATION_PUT_WAKES_NOBODY
  skip
#else
  wake_one(GET)
#endif
}
inline after_done() {
#if defined(MUTATION_DONE_WAKES_NOBODY)
  skip
#elif defined(MUTATION_DONE_WAKES_ONE)
  if :: !unfinished -> wake_one(JOIN) :: else fi
#else
  if :: !unfinished -> wake_all(JOIN) :: else fi
#endif
}

#define NOT_NOW 0
#define GOT 1
#define OVER 2

inline get_under_stripe() {
  atomic {
    if
    :: size ->
      size--;
      result = GOT;
      held[me] = 1
    :: !size && is_shut -> result = OVER
    :: else
    fi
  }
}
inline put_under_stripe() {
  atomic {
    if
    :: is_shut -> result = OVER
    :: !is_shut && size < SIZE -> size++; unfinished++; result = GOT
    :: else
    fi
  }
}

inline attempt(role) {
  if
  :: THERE(role) ->
#if defined(MUTATION_WAKE_BEFORE_CHANGE)
    if
    :: role == GET -> after_get(); get_under_stripe()
    :: role == PUT -> after_put(); put_under_stripe()
    :: role == JOIN -> result = GOT
    fi
#else
    if
    :: role == GET -> get_under_stripe(); if :: result == GOT -> after_get() :: else fi
    :: role == PUT -> put_under_stripe(); if :: result == GOT -> after_put() :: else fi
    :: role == JOIN -> result = GOT
    fi
#endif
  :: else
  fi
}

inline prepare(role) {
  do
  :: atomic { !hot -> hot = 1 }
  :: atomic { hot -> waiters[role] = 1; prepared = number[role]; break }
  od
}
inline sleep(role) {
  atomic {
    if :: waiters[role] && number[role] == prepared -> asleep[me] = 1 :: else fi;
    prepared = 0
  }
}

/* However the wait ends. */
inline pass_on(role) {
#ifdef MUTATION_TAKER_KEEPS_REST
  skip
#else
  if :: role != JOIN && THERE(role) -> wake_one(role) :: else fi
#endif
}

/* result stays NOT_NOW where the time is over. */
inline wait_for(role) {
  attempt(role);
  if
  :: result == NOT_NOW ->
    do
    :: prepare(role);
#ifndef MUTATION_NO_LOOK_AFTER_W
      attempt(role);
      if :: result -> break :: me == GIVES_UP && !result -> break :: !result fi;
#endif
      sleep(role);
      if
      :: !asleep[me]
#ifdef MUTATION_LEAVER_KEEPS_BATON
      :: atomic { me == GIVES_UP -> asleep[me] = 0; goto gone }
#else
      :: atomic { me == GIVES_UP -> asleep[me] = 0 }
#endif
      fi;
#ifdef MUTATION_NO_LOOK_AFTER_W
      attempt(role);
      if :: result -> break :: else fi
#endif
    od;
    prepared = 0;
    pass_on(role)
  :: else
  fi
}

inline say_done() {
  atomic { if :: held[me] -> held[me] = 0; unfinished-- :: else fi };
  after_done()
}

/* Two steps, as they are two commits, and unfinished is looked at without the stripe as well. */
inline say_done_and_get() {
  result = NOT_NOW;
  if
  :: THERE(GET) ->
    atomic { if :: held[me] -> held[me] = 0; unfinished-- :: else fi };
    get_under_stripe();
#ifndef MUTATION_LOOP_WAKES_NO_PUTTER
    if :: result == GOT -> after_get() :: else fi;
#endif
#ifndef MUTATION_LOOP_WAKES_NO_JOINER
    after_done()
#else
    skip
#endif
  :: else -> say_done()
  fi
}

inline shut_down() {
#ifdef AT_ONCE
  atomic { is_shut = 1; unfinished = unfinished - size; size = 0 };
#else
  is_shut = 1;
#endif
#ifndef MUTATION_SHUT_DOWN_WAKES_NO_GETTER
  wake_all(GET);
#endif
#ifndef MUTATION_SHUT_DOWN_WAKES_NO_PUTTER
  wake_all(PUT);
#endif
#ifndef MUTATION_SHUT_DOWN_WAKES_NO_JOINER
  if :: !unfinished -> wake_all(JOIN) :: else fi
#else
  skip
#endif
}

proctype Participant(byte me; byte role) MORTAL {
  byte round, prepared, result;
  bit seen;

  {
    do
    :: round < (role == PUT -> PUTS : 1) ->
      round++;
      if
      :: role == SHUT -> shut_down()
      :: else ->
        wait_for(role);
#ifdef LOOP
        if :: role == GET && result == GOT -> say_done_and_get() :: else fi;
#endif
        if :: role == GET && result == GOT -> say_done() :: else fi
      fi;
gone:
      atomic { result = 0; prepared = 0; seen = 0 }
    :: else -> break
    od;
    done[me] = 1
  } unless DEATH(round = 0; prepared = 0; result = 0; seen = 0)
}

inline count_as_done(k) {
#ifndef MUTATION_DEAD_ARE_NEVER_DONE
  atomic { if :: held[k] -> held[k] = 0; unfinished-- :: else fi }
#else
  skip
#endif
}
inline wake_waiters_of(role) {
  atomic { waiters[role] = 0; number[role]++ };
  atomic { wake_all_of(role) }
}
inline wake_everybody() {
#ifdef MUTATION_SCAN_WAKES_NOBODY
  skip
#else
  if
  :: hot -> wake_waiters_of(GET); wake_waiters_of(PUT); wake_waiters_of(JOIN)
  :: else
  fi
#endif
}

#ifdef MUTATION_SCAN_WAKES_FIRST
#define SCAN(k) wake_everybody(); count_as_done(k)
#else
#define SCAN(k) count_as_done(k); wake_everybody()
#endif

KILLER
WATCHER
#define HOLDS(k) (held[k] && !dead[k])
#define REST_HOLDS (unfinished == size + HOLDS(1) + HOLDS(2) + HOLDS(3))
MONITOR

init {
  atomic {
    role_of[1] = ROLE1;
    role_of[2] = ROLE2;
    role_of[3] = ROLE3;
    run Participant(1, ROLE1);
    run Participant(2, ROLE2);
    run Participant(3, ROLE3)
  }
}
