/* A change of a list that takes several commits, and what readers without the stripe believe meanwhile.
 * After native/core/list_plan.cpp, list.cpp, list_read.cpp, stripe.cpp.
 *
 * MODELLED. A list of two elements or none, and its stripe, with a lock, an undo journal and a plan, which says that the
 * first element has to go. Participants 1 and 2 each remove what is there and insert two elements of their own, one with
 * each commit, or find no room for the second one; 3 has another container of this stripe, which follows no plan. All
 * three recover after each death, and any may die at any step of that too. Who takes the lock from the dead undoes
 * first. A journal entry and the change of its word are one step. A reader notes the sequence, looks at the plan, reads
 * both elements, and believes them when the sequence is the same.
 *
 * ASSERTED. Whoever has the stripe for the list and has followed the plan finds two elements of one participant, or
 * none; a reader believes nothing else either, and only what was committed. At rest the journal and the plan are empty,
 * and the sequence is even.
 *
 * MUST FAIL. MUTATION_READER_IGNORES_PLAN, MUTATION_READER_LOOKS_AT_PLAN_FIRST (before it notes the sequence),
 * MUTATION_PLAN_NOTED_LATE (not with the first commit), MUTATION_PLAN_CLEARED_FIRST, MUTATION_PLAN_CLEARED_LAST (not with
 * the last commit), MUTATION_HEIR_IGNORES_PLAN, MUTATION_PLAN_OUTSIDE_JOURNAL (written without an entry, so that a dead
 * one's stays).
 */
#ifndef READS
#define READS 1
#endif

bit idle[4]; /* its part is done, and it has recovered after every death that there was */
#define MAY_REST(k) (dead[k] || idle[k])
#include "participants.pml"
#define DIES(k) idle[k] = 0

byte stripe_lock;   /* 0 or the holder, alive or dead */
byte first, second; /* whose elements they are; 0: none */
bit plan;
byte sequence;
bit shut;
bit first_logged, second_logged, plan_logged, plan_old;
byte first_old, second_old;

bit committed[3]; /* whose elements were there, both of them, in a state that counts */

inline shut_sequence() {
  shut = 1;
  sequence = sequence | 1
}
inline set_first(now) {
  atomic { first_old = first; first_logged = 1; first = now }
}
inline set_second(now) {
  atomic { second_old = second; second_logged = 1; second = now }
}
inline set_plan(now) {
#ifdef MUTATION_PLAN_OUTSIDE_JOURNAL
  plan = now
#else
  atomic { plan_old = plan; plan_logged = 1; plan = now }
#endif
}

inline settle() {
  if
  :: shut ->
    atomic { if :: sequence % 2 == 1 -> sequence++ :: else fi };
    shut = 0
  :: else
  fi
}
inline commit() {
  atomic {
    first_logged = 0; second_logged = 0; plan_logged = 0;
    if :: first == second -> committed[first] = 1 :: else fi
  };
  settle()
}
inline undo() {
  atomic { if :: plan_logged -> plan = plan_old :: else fi };
  atomic { if :: second_logged -> second = second_old :: else fi };
  atomic { if :: first_logged -> first = first_old :: else fi };
  atomic { first_logged = 0; second_logged = 0; plan_logged = 0 }
}

inline follow() {
  if
  :: plan ->
#ifdef MUTATION_PLAN_CLEARED_FIRST
    plan = 0;
#endif
    shut_sequence();
    set_first(0);
    end_plan()
  :: else
  fi
}
inline end_plan() {
#ifdef MUTATION_PLAN_CLEARED_LAST
  commit();
#endif
  set_plan(0);
  commit()
}

inline begin() {
  atomic {
    (stripe_lock == 0 || dead[stripe_lock]) ->
    inherited = (stripe_lock != 0);
    stripe_lock = me
  };
  if :: inherited -> undo() :: else fi;
  settle()
}
inline begin_with_list() {
  begin();
#ifndef MUTATION_HEIR_IGNORES_PLAN
  follow();
#endif
  assert(first == second)
}
inline finish() { stripe_lock = 0 }

inline begin_plan() {
#ifdef MUTATION_PLAN_NOTED_LATE
  commit();
#endif
  set_plan(1);
  commit()
}

inline remove() {
  shut_sequence();
  set_second(0);
  begin_plan();
  follow()
}

inline insert() {
  shut_sequence();
  set_first(me);
  begin_plan();
  shut_sequence();
  set_second(me);
  if
  :: end_plan()
  :: undo(); settle(); follow()
  fi
}

#define DEATHS (dead[1] + dead[2] + dead[3])

inline recover() {
  do
  :: atomic { seen == DEATHS && !idle[me] -> idle[me] = 1 }
  :: atomic { seen != DEATHS -> idle[me] = 0; seen = DEATHS };
    begin_with_list();
    finish()
  od
}

proctype Participant(byte me) MORTAL {
  byte seen;
  bit inherited;

  {
    if
    :: me < 3 ->
      begin_with_list();
      if :: first -> remove() :: else fi;
      insert();
      finish()
    :: else ->
      begin();
      finish()
    fi;
    atomic { inherited = 0 };
    recover()
  } unless DEATH(seen = 0; inherited = 0)
}

active proctype Reader() provided (!dying) {
  byte before, one, other, reads;
  bit planned;

  do
  :: reads < READS ->
    reads++;
#ifdef MUTATION_READER_LOOKS_AT_PLAN_FIRST
    planned = plan;
#endif
    if
    :: atomic { sequence % 2 == 0 -> before = sequence }
    :: atomic { sequence % 2 == 1 -> goto next }
    fi;
#ifndef MUTATION_READER_IGNORES_PLAN
#ifndef MUTATION_READER_LOOKS_AT_PLAN_FIRST
    planned = plan;
#endif
#endif
    if :: planned -> goto next :: else fi;
    one = first;
    other = second;
    atomic { if :: sequence == before -> assert(one == other && (one == 0 || committed[one])) :: else fi };
next: atomic { before = 0; one = 0; other = 0; planned = 0 }
  :: else -> break
  od
}

KILLER

#define IS_CLEAN (!(plan || shut || first_logged || second_logged || plan_logged))
#define REST_HOLDS (DEATHS == 3 || (first == second && IS_CLEAN && sequence % 2 == 0))

MONITOR
init {
  atomic {
    run Participant(1);
    run Participant(2);
    run Participant(3)
  }
}
