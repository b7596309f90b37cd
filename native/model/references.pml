/* References to objects on their way between the values of a stripe and the directory, under two locks.
 * After native/core/value_objects.cpp, stripe.cpp, transaction.cpp.
 *
 * MODELLED. A stripe and the directory, each with a lock and an undo journal; two objects with a count of the values
 * that name them. Participants 1 and 2 each store a value that names both, in place of the one that is there, and
 * commit or change their minds; 3 has nothing to do. The objects are counted in two commits, and counted down in two.
 * All three recover after each death, and any may die at any step of that too. Who takes a lock from the dead undoes
 * first. A journal entry and the change of its word are one step.
 *
 * ASSERTED. No object is counted down that is not counted, and no block given back that is not in use. Whoever has the
 * stripe finds both objects of the value that is stored counted. At rest the journals are empty, as are `keeping` and
 * `released`; each object is counted once for the value that is stored, and only its block is in use.
 *
 * MUST FAIL. MUTATION_KEPT_UNNAMED (`keeping` does not say so), MUTATION_KEEPING_CLEARED_FIRST (not with the value),
 * MUTATION_KEEPING_CLEARED_LAST (after the commit), MUTATION_RELEASED_BEFORE_COMMIT, MUTATION_COUNTED_APART (the object
 * and how many are left do not change as one), MUTATION_BLOCK_GIVEN_FIRST, MUTATION_HEIR_BELIEVES_WORDS (before it has
 * undone the directory).
 */
bit idle[4]; /* its part is done, and it has recovered after every death that there was */
#define MAY_REST(k) (dead[k] || idle[k])
#include "participants.pml"
#define DIES(k) idle[k] = 0

byte stripe_lock, directory_lock; /* 0 or the holder, alive or dead */

/* Under the directory. */
byte count[2];
bit count_logged[2], keeping_logged, kept_logged;
byte count_old[2], keeping_before, kept_before, left_logged, left_before;

/* Under the stripe; keeping, kept and left also under the directory. */
byte keeping, kept, released; /* of which value; how many of it; which one */
byte left[3];                 /* objects of a value that are counted still */
bit used[3];                  /* its block */
byte shard;                   /* the value that is stored */
bit shard_logged, keeping_undo, released_logged, used_old;
byte shard_old, keeping_old, released_old, used_logged;

inline lock(word) {
  atomic {
    (word == 0 || dead[word]) ->
    inherited = (word != 0);
    word = me
  }
}

inline undo_directory() {
  atomic { if :: left_logged -> left[left_logged] = left_before :: else fi };
  atomic { if :: kept_logged -> kept = kept_before :: else fi };
  atomic { if :: keeping_logged -> keeping = keeping_before :: else fi };
  atomic { if :: count_logged[0] -> count[0] = count_old[0] :: else fi };
  atomic { if :: count_logged[1] -> count[1] = count_old[1] :: else fi };
  commit_directory()
}
inline commit_directory() {
  atomic { count_logged[0] = 0; count_logged[1] = 0; keeping_logged = 0; kept_logged = 0; left_logged = 0 }
}
inline lock_directory() {
  lock(directory_lock);
  if :: inherited -> undo_directory() :: else fi
}
inline unlock_directory() { directory_lock = 0 }

inline count_up(object) {
  atomic { count_old[object] = count[object]; count_logged[object] = 1; count[object]++ }
}
inline count_down(object) {
  atomic { assert(count[object] > 0); count_old[object] = count[object]; count_logged[object] = 1; count[object]-- }
#ifdef MUTATION_COUNTED_APART
  ;
  commit_directory()
#endif
}
inline log_keeping(value) {
  atomic { keeping_before = keeping; keeping_logged = 1; keeping = value }
}
inline log_kept(number) {
  atomic { kept_before = kept; kept_logged = 1; kept = number }
}

inline keep() {
  atomic { object = 0 };
  do
  :: object < 2 ->
    lock_directory();
    count_up(object);
#ifndef MUTATION_KEPT_UNNAMED
    log_keeping(me);
    log_kept(object + 1);
#endif
    commit_directory();
    unlock_directory();
    atomic { object++ }
  :: else -> break
  od;
#ifdef MUTATION_KEEPING_CLEARED_FIRST
  keeping = 0
#else
#ifndef MUTATION_KEEPING_CLEARED_LAST
  atomic { keeping_old = keeping; keeping_undo = 1; keeping = 0 }
#endif
#endif
}

inline forget() {
  if
  :: keeping ->
    lock_directory();
    do
    :: kept > 0 ->
      count_down(kept - 1);
      log_kept(kept - 1);
      commit_directory()
    :: else -> break
    od;
    log_keeping(0);
    commit_directory();
    unlock_directory()
  :: else
  fi
}

inline count_down_all(value) {
  lock_directory();
  do
  :: left[value] > 0 ->
    count_down(left[value] - 1);
    atomic { left_before = left[value]; left_logged = value; left[value]-- };
    commit_directory()
  :: else -> break
  od;
  unlock_directory()
}

inline release() {
  if
  :: released ->
    atomic { value = released };
#ifdef MUTATION_BLOCK_GIVEN_FIRST
    atomic { released = 0; used[value] = 0 };
#endif
    count_down_all(value);
    atomic { released_old = released; released_logged = 1; released = 0 };
#ifndef MUTATION_BLOCK_GIVEN_FIRST
    atomic { assert(used[value]); used_old = 1; used_logged = value; used[value] = 0 };
#endif
    commit_stripe();
    atomic { value = 0 }
  :: else
  fi
}

inline settle() {
  forget();
  release()
}

inline undo_stripe() {
  atomic { if :: released_logged -> released = released_old :: else fi };
  atomic { if :: shard_logged -> shard = shard_old :: else fi };
  atomic { if :: keeping_undo -> keeping = keeping_old :: else fi };
  atomic { if :: used_logged -> used[used_logged] = used_old :: else fi };
  commit_stripe()
}
inline commit_stripe() {
  atomic { shard_logged = 0; keeping_undo = 0; released_logged = 0; used_logged = 0 }
}

inline begin() {
  lock(stripe_lock);
  if
  :: inherited ->
    undo_stripe();
#ifndef MUTATION_HEIR_BELIEVES_WORDS
    lock_directory();
    unlock_directory();
#endif
  :: else
  fi;
  settle();
  atomic { assert(shard == 0 || (count[0] > 0 && count[1] > 0)) }
}
inline finish() { stripe_lock = 0 }

inline store() {
  atomic { used_old = used[me]; used_logged = me; used[me] = 1 };
  left[me] = 2; /* nobody sees it yet */
  keep();
  atomic { was = shard };
  atomic { shard_old = shard; shard_logged = 1; shard = me };
  if
  :: was ->
#ifdef MUTATION_RELEASED_BEFORE_COMMIT
    count_down_all(was);
#endif
    atomic { released_old = released; released_logged = 1; released = was }
  :: else
  fi;
  if
  :: commit_stripe()
  :: undo_stripe()
  fi;
#ifdef MUTATION_KEEPING_CLEARED_LAST
  if :: shard == me -> keeping = 0 :: else fi;
#endif
  atomic { was = 0; object = 0 }
}

#define DEATHS (dead[1] + dead[2] + dead[3])

/* After each death: the stripe, then the directory. */
inline recover() {
  do
  :: atomic { seen == DEATHS && !idle[me] -> idle[me] = 1 }
  :: atomic { seen != DEATHS -> idle[me] = 0; seen = DEATHS };
    begin();
    finish();
    lock_directory();
    unlock_directory()
  od
}

proctype Participant(byte me) MORTAL {
  byte value, object, was, seen;
  bit inherited;

  {
    if
    :: me < 3 ->
      begin();
      store();
      settle();
      finish()
    :: else
    fi;
    atomic { inherited = 0 };
    recover()
  } unless DEATH(value = 0; object = 0; was = 0; seen = 0; inherited = 0)
}

KILLER

#define COUNTED(object) (count[object] == (shard != 0))
#define USED(which) (used[which] == (shard == which))
#define IS_CLEAN (!(keeping || released || shard_logged || used_logged || count_logged[0] || count_logged[1]))
#define REST_HOLDS (DEATHS == 3 || (COUNTED(0) && COUNTED(1) && USED(1) && USED(2) && IS_CLEAN))

MONITOR
init {
  atomic {
    run Participant(1);
    run Participant(2);
    run Participant(3)
  }
}
