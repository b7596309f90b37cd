/* Runs of pages on their way between a stripe and the free pages, under two locks, and what readers believe without one.
 * After native/core/stripe.cpp, transaction.cpp, dict_read.cpp.
 *
 * MODELLED. A stripe and the directory, each with a lock and an undo journal; two runs of pages, one of which the shard
 * has. Participants 1 and 2 each take a run, publish it with two words that readers see, give the other run back, and
 * commit or change their minds; 3 has nothing to do. All three recover after each death, and any may die at any step of
 * that too. Who takes a lock from the dead undoes first. The stripe's pending[] is a word for each way. A journal entry
 * and the change of its word are one step: an entry whose word is still the old one undoes nothing. A reader
 * notes the sequence, reads both words, and believes them when the sequence is the same.
 *
 * ASSERTED. A run that the shard has is neither taken nor given back, and none is given back twice. A reader believes
 * only words that belong together and were committed. At rest the journals and pending[] are empty, the sequence is
 * even, and of each run the shard or the free pages have it, not both.
 *
 * MUST FAIL. MUTATION_HEIR_BELIEVES_PENDING (before it has undone the directory), MUTATION_PENDING_CLEARED_FIRST (and
 * not by the directory's commit), MUTATION_TAKEN_WITHOUT_PENDING, MUTATION_GIVEN_BEFORE_COMMIT,
 * MUTATION_EVEN_BEFORE_COMMIT, MUTATION_ROLLBACK_KEEPS_SEQUENCE, MUTATION_SHUTS_UNNAMED (the stripe does not say that the
 * sequence is odd), MUTATION_READER_BELIEVES_ODD.
 */
#ifndef READS
#define READS 1
#endif

bit idle[4]; /* its part is done, and it has recovered after every death that there was */
#define MAY_REST(k) (dead[k] || idle[k])
#include "participants.pml"
#define DIES(k) idle[k] = 0

byte stripe_lock, directory_lock; /* 0 or the holder, alive or dead */

/* Under the directory. */
bit is_free[3];
bit page_logged[3], page_old[3], take_logged, give_logged;
byte take_before, give_before;

/* Under the stripe; pending[] also under the directory. */
byte pending_take, pending_give;
byte shard = 1; /* the run that it has */
byte first, second;
byte sequence;
bit shut;
bit shard_logged, first_logged, second_logged, take_undo, give_undo;
byte shard_old, first_old, second_old, take_old, give_old;

bit committed[3]; /* what the two words have said in a state that counts, 0 apart */

inline lock(word) {
  atomic {
    (word == 0 || dead[word]) ->
    inherited = (word != 0);
    word = me
  }
}

/* The directory's journal, last entry first; its end is one write. */
inline undo_directory() {
  atomic { if :: take_logged -> pending_take = take_before :: else fi };
  atomic { if :: give_logged -> pending_give = give_before :: else fi };
  atomic { if :: page_logged[1] -> is_free[1] = page_old[1] :: else fi };
  atomic { if :: page_logged[2] -> is_free[2] = page_old[2] :: else fi };
  commit_directory()
}
inline commit_directory() {
  atomic { page_logged[1] = 0; page_logged[2] = 0; take_logged = 0; give_logged = 0 }
}
inline lock_directory() {
  lock(directory_lock);
  if :: inherited -> undo_directory() :: else fi
}
inline unlock_directory() { directory_lock = 0 }

inline log_page(which, now) {
  atomic { page_old[which] = is_free[which]; page_logged[which] = 1; is_free[which] = now }
}

/* A run leaves pending[] and becomes free, as one. `which` is read under the lock of the directory. */
inline give_back(pending, logged, before) {
  which = pending;
  if
  :: which ->
#ifdef MUTATION_PENDING_CLEARED_FIRST
    pending = 0;
#else
    atomic { before = which; logged = 1; pending = 0 };
#endif
    atomic { assert(!is_free[which] && shard != which); page_old[which] = 0; page_logged[which] = 1; is_free[which] = 1 };
    commit_directory()
  :: else
  fi
}

inline settle() {
  if
  :: shut ->
    atomic { if :: sequence % 2 == 1 -> sequence++ :: else fi };
    shut = 0
  :: else
  fi;
  if
  :: pending_take || pending_give ->
    lock_directory();
    give_back(pending_take, take_logged, take_before);
    give_back(pending_give, give_logged, give_before);
    unlock_directory()
  :: else
  fi
}

inline undo_stripe() {
  atomic { if :: give_undo -> pending_give = give_old :: else fi };
  atomic { if :: second_logged -> second = second_old :: else fi };
  atomic { if :: first_logged -> first = first_old :: else fi };
  atomic { if :: shard_logged -> shard = shard_old :: else fi };
  atomic { if :: take_undo -> pending_take = take_old :: else fi };
  atomic { shard_logged = 0; first_logged = 0; second_logged = 0; take_undo = 0; give_undo = 0 }
}

inline begin() {
  lock(stripe_lock);
  if
  :: inherited ->
    undo_stripe();
#ifndef MUTATION_HEIR_BELIEVES_PENDING
    lock_directory();
    unlock_directory();
#endif
  :: else
  fi;
  settle()
}
inline finish() { stripe_lock = 0 }

inline take_run() {
  lock_directory();
  which = (is_free[1] -> 1 : (is_free[2] -> 2 : 0));
  if
  :: which ->
    assert(shard != which);
    log_page(which, 0);
#ifndef MUTATION_TAKEN_WITHOUT_PENDING
    atomic { take_before = pending_take; take_logged = 1; pending_take = which };
#endif
    commit_directory()
  :: else
  fi;
  unlock_directory();
  if
  :: which -> atomic { take_old = pending_take; take_undo = 1; pending_take = 0 }
  :: else
  fi
}

inline shut_sequence() {
#ifndef MUTATION_SHUTS_UNNAMED
  shut = 1;
#endif
  sequence = sequence | 1
}

inline give_run(old) {
#ifdef MUTATION_GIVEN_BEFORE_COMMIT
  lock_directory();
  log_page(old, 1);
  commit_directory();
  unlock_directory()
#else
  atomic { give_old = pending_give; give_undo = 1; pending_give = old }
#endif
}

inline commit() {
#ifdef MUTATION_EVEN_BEFORE_COMMIT
  sequence++;
  shut = 0;
#endif
  atomic {
    shard_logged = 0; first_logged = 0; second_logged = 0; take_undo = 0; give_undo = 0;
    committed[first] = 1
  }
}

inline rollback() {
#ifdef MUTATION_ROLLBACK_KEEPS_SEQUENCE
  undo_stripe();
  atomic { if :: shut -> sequence--; shut = 0 :: else fi }
#else
  undo_stripe()
#endif
}

inline change() {
  take_run();
  if
  :: which ->
    shut_sequence();
    atomic { was = shard; shard_old = shard; shard_logged = 1; shard = which };
    atomic { first_old = first; first_logged = 1; first = me };
    atomic { second_old = second; second_logged = 1; second = me };
    give_run(was)
  :: else
  fi;
  if
  :: which -> commit()
  :: rollback()
  fi
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
  byte which, was, seen;
  bit inherited;

  {
    if
    :: me < 3 ->
      begin();
      change();
      settle();
      finish()
    :: else
    fi;
    atomic { which = 0; was = 0; inherited = 0 };
    recover()
  } unless DEATH(which = 0; was = 0; seen = 0; inherited = 0)
}

active proctype Reader() provided (!dying) {
  byte before, one, other, reads;

  do
  :: reads < READS ->
    reads++;
#ifdef MUTATION_READER_BELIEVES_ODD
    before = sequence;
#else
    if
    :: atomic { sequence % 2 == 0 -> before = sequence }
    :: atomic { sequence % 2 == 1 -> goto next }
    fi;
#endif
    one = first;
    other = second;
    atomic { if :: sequence == before -> assert(one == other && (one == 0 || committed[one])) :: else fi };
next: atomic { before = 0; one = 0; other = 0 }
  :: else -> break
  od
}

KILLER

#define HAS(which) (is_free[which] + (shard == which) == 1)
#define IS_CLEAN (!(pending_take || pending_give || shut || take_undo || give_undo || take_logged || give_logged))
#define REST_HOLDS (DEATHS == 3 || (HAS(1) && HAS(2) && IS_CLEAN && sequence % 2 == 0 && first == second))

MONITOR
init {
  atomic {
    is_free[2] = 1;
    run Participant(1);
    run Participant(2);
    run Participant(3)
  }
}
