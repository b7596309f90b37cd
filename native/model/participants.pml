/* What every model shares: three participants that may be killed before any of their steps, a futex queue, and the rule
 * that whoever is alive when nothing can move any more must have finished.
 *
 * A model is sequentially consistent. One step of a participant is one access to shared memory together with the local
 * work around it. A load followed by a compare-and-swap on the same word is one step: the swap succeeds only if the word
 * still has the value that was judged, and when it fails the participant starts over and has done nothing. What the
 * judgement took from elsewhere (is the owner alive?) may be stale, and the models let it be stale.
 *
 * Sizes, set on the command line: KILLS (how many participants may die), ROUNDS (how often each one runs its part),
 * GIVES_UP (the participant that may give up a wait, asleep or just woken; the others wait for ever, since a time-out
 * would hide that nobody woke them).
 */
#ifndef KILLS
#define KILLS 1
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif

#ifndef GIVES_UP
#define GIVES_UP 0
#endif

bit dead[4];    /* killed; takes no further step */
bit done[4];    /* ran its part to the end */
bit scanned[4]; /* the death scan for it has ended */
bit asleep[4];  /* in the futex queue of the object */
byte kills;

#define AT_REST(k) (done[k] || dead[k])

/* FUTEX_WAKE(1): any sleeper, not only the first, so that nothing rests on the order of the queue. */
inline futex_wake_one(count) {
  count = 0;
  if
  :: asleep[1] -> asleep[1] = 0; count = 1
  :: asleep[2] -> asleep[2] = 0; count = 1
  :: asleep[3] -> asleep[3] = 0; count = 1
  :: else
  fi
}

inline futex_wake_all() {
  asleep[1] = 0;
  asleep[2] = 0;
  asleep[3] = 0
}

/* A model says in DIES(k) what it counts when k dies; shared memory keeps whatever k had written. A dead sleeper may stay
 * in the queue, where it can take a wake-up: its death is known as soon as its helper is gone, its own thread leaves later.
 */
#define KILL(k) \
  atomic { \
    kills < KILLS && !dead[k] && !done[k] -> \
    DIES(k); \
    dead[k] = 1; \
    kills++; \
    if :: asleep[k] = 0 :: skip fi \
  }

/* The killer may also stop short of its number: else every hang would end in the next death and its scan. */
#define KILLER \
  active proctype Killer() { end: do :: KILL(1) :: KILL(2) :: KILL(3) :: kills < KILLS -> kills = KILLS od }

/* SCAN(k) is the model's death scan. It runs after the death, in steps of its own. */
#define WATCHER \
  active proctype Watcher() { \
    end: do \
    :: dead[1] && !scanned[1] -> SCAN(1); scanned[1] = 1 \
    :: dead[2] && !scanned[2] -> SCAN(2); scanned[2] = 1 \
    :: dead[3] && !scanned[3] -> SCAN(3); scanned[3] = 1 \
    od }

/* Runs when nobody else can: nobody alive may be waiting then. REST_HOLDS is what the model says of the object at rest. */
#define MONITOR \
  active proctype Monitor() { timeout -> assert(AT_REST(1) && AT_REST(2) && AT_REST(3)); assert(REST_HOLDS) }
