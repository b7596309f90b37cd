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

/* FUTEX_WAKE of one: any sleeper, not only the first, so that nothing rests on the order of the queue. */
#define FUTEX_WAKE_ONE(queue, count) \
  count = 0; \
  if \
  :: queue[1] -> queue[1] = 0; count = 1 \
  :: queue[2] -> queue[2] = 0; count = 1 \
  :: queue[3] -> queue[3] = 0; count = 1 \
  :: else \
  fi

#define FUTEX_WAKE_ALL(queue) \
  queue[1] = 0; \
  queue[2] = 0; \
  queue[3] = 0

/* A participant is `proctype P(byte me) MORTAL { locals; { what it does } unless DEATH(local = 0; ...) }`. It may die
 * before each of its steps, also inside an inline. Nobody moves between its death and its end, and at its end it forgets
 * its locals, so that it matters no more where it died: a third of the states.
 */
bit dying;
bit dies[4]; /* says who: a `provided` clause may not compare with `me` */
#define MORTAL provided (!dying || dies[me])
#define DEATH(forget) { atomic { dies[me] -> dying = 0; dies[me] = 0; forget } }

/* A model says in DIES(k) what it counts when k dies; shared memory keeps whatever k had written. A dead sleeper may stay
 * in the queue, where it can take a wake-up: its death is known as soon as its helper is gone, its own thread leaves
 * later. The killer stands still as well from `dying` on, so that comes last.
 */
#define LEAVES_OR_STAYS(queued) if :: queued = 0 :: skip fi
#define KILL(k) \
  atomic { \
    kills < KILLS && !dead[k] && !done[k] -> \
    DIES(k); \
    dead[k] = 1; \
    kills++; \
    LEAVES_OR_STAYS(asleep[k]); \
    dies[k] = 1; \
    dying = 1 \
  }

/* The killer may also stop short of its number: else every hang would end in the next death and its scan. */
#define KILLER \
  active proctype Killer() provided (!dying) { \
    end: do :: KILL(1) :: KILL(2) :: KILL(3) :: kills < KILLS -> kills = KILLS od \
  }

/* SCAN(k) is the model's death scan. It runs after the death, in steps of its own. */
#define WATCHER \
  active proctype Watcher() provided (!dying) { \
    end: do \
    :: dead[1] && !scanned[1] -> SCAN(1); scanned[1] = 1 \
    :: dead[2] && !scanned[2] -> SCAN(2); scanned[2] = 1 \
    :: dead[3] && !scanned[3] -> SCAN(3); scanned[3] = 1 \
    od \
  }

/* Runs when nobody else can. MAY_REST(k): k has finished, or rightly waits. REST_HOLDS: what the model says of the object
 * when nobody moves any more.
 */
#ifndef MAY_REST
#define MAY_REST(k) AT_REST(k)
#endif
#define MONITOR \
  active proctype Monitor() { \
    timeout -> \
    assert(!dying && MAY_REST(1) && MAY_REST(2) && MAY_REST(3)); \
    assert(REST_HOLDS) \
  }
