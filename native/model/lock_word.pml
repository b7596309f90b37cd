/* The lock word of lock.pml, lock_bell.pml and rwlock.pml: its values and the swaps on it.
 * Whoever includes it has the labels held (took it) and next (nothing left to do), and the locals waited and granted.
 */
#define FREE 0
#define GRANT 4
#define ABANDONED 5
#define W 8  /* somebody may sleep */
#define S 16 /* somebody starves: the next release hands over */
#define ID(v) ((v) & 7)
#define NAMES_OWNER(v) (ID(v) >= 1 && ID(v) <= 3)

byte word = FREE;
byte deaths;   /* owners that died */
byte reported; /* ownerDied seen by a later owner */

#ifdef MUTATION_TAKER_LEAVES_NO_W
#define TAKEN_FREE me
#else
#define TAKEN_FREE (waited -> (me | W) : me)
#endif

#ifdef MUTATION_LEAVER_KEEPS_BATON
#define BATON_PASSED word
#else
#define BATON_PASSED (word | W)
#endif

/* The swaps that take the lock, for whoever finds it takeable. */
#define TAKE \
  :: word == FREE -> word = TAKEN_FREE; goto held \
  :: word == ABANDONED -> word = me | W; reported++; goto held \
  :: ID(word) == GRANT && waited -> word = me | W; goto held \
  :: NAMES_OWNER(word) && dead[ID(word)] -> word = me | W; reported++; goto held

/* The swaps of a release, for whoever may release. Without W and S nobody need be woken. */
#define RELEASE \
  :: !(word & (W | S)) -> word = FREE; goto next \
  :: (word & W) && !(word & S) -> word = FREE \
  :: (word & S) -> word = GRANT; granted = 1

/* The death scan's swaps. */
inline change_word(k) {
  atomic {
    if
    :: ID(word) == k -> word = ABANDONED
#ifndef MUTATION_SCAN_LEAVES_GRANT
    :: ID(word) == GRANT -> word = FREE
#endif
    :: NAMES_OWNER(word) && ID(word) != k -> word = word & ~S
    :: else
    fi
  }
}
