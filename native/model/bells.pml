/* Where waiters of an object meet: `hot`, and doorbells, by which a release reaches isolates whose promises wait.
 * Participants from FIRST_ISOLATE on are isolates, the others threads that sleep.
 *
 * `bells` has a bit for each isolate that waits at the object. Who rings takes one bit out and then, in a second step,
 * marks that isolate dirty: it will look again. An isolate looks whenever it is dirty, and while no promise waits it
 * may look and forget. With SHARED_BELL there are so many isolates that all have the same bit: none takes it back, and
 * whoever finds it rings them all, also those that do not wait here.
 */
#ifndef FIRST_ISOLATE
#define FIRST_ISOLATE 4
#endif
#define IS_ISOLATE(k) ((k) >= FIRST_ISOLATE)
#define BY_BELL IS_ISOLATE(me)

bit hot; /* somebody has waited here, ever: a death scan that finds it clear wakes nobody */
byte bells;
byte rung_by_scan;
bit dirty[4];

/* `then` follows in the same step where nothing was left to do. */
#define BECOME_VISIBLE_AND(then) do :: atomic { !hot -> hot = 1 } :: atomic { hot -> then; break } od

#ifdef SHARED_BELL
#define BIT(k) 1
inline disarm(them) { skip }
#else
#define BIT(k) (1 << (k))
inline disarm(them) { them = them & ~BIT(me) }
#endif
inline arm(them) { them = them | BIT(me) }

inline forget_rings() {
  if :: dirty[me] = 0 :: skip fi
}

#if FIRST_ISOLATE > 3
inline ring_one(them, to) { skip }
inline ring_all(them, to) { skip }
#elif defined(SHARED_BELL)
#define RING(k) if :: to && IS_ISOLATE(k) && !dead[k] -> dirty[k] = 1 :: else fi

/* Nobody counts as rung, since it may be that none of them waits here. */
inline ring_one(them, to) {
  atomic { to = them; them = 0 };
#ifndef MUTATION_SHARED_BELL_RINGS_ONE
  RING(1);
  RING(2);
#endif
  RING(3);
#ifndef MUTATION_SHARED_BELL_COUNTS
  to = 0
#else
  skip
#endif
}
inline ring_all(them, to) { ring_one(them, to) }
#else
#define TAKE_BELL(them, k) them & BIT(k) -> them = them & ~BIT(k); if :: dead[k] :: else -> to = k; break fi
#define MORE 4

/* Any bit, so that nothing rests on the cyclic order. A dead isolate's bit is taken out and rings nobody. */
inline take_bell(them, to) {
  to = 0;
  do
  :: TAKE_BELL(them, 1)
  :: TAKE_BELL(them, 2)
  :: TAKE_BELL(them, 3)
  :: !them -> break
  od
}

/* `to` is who was rung, 0 is nobody. */
inline ring_one(them, to) {
  atomic { take_bell(them, to) };
  if
  :: to -> dirty[to] = 1
  :: else
  fi
}

/* One after the other, while bits were left. */
inline ring_all(them, to) {
  do
  :: atomic { take_bell(them, to); if :: them -> to = to | MORE :: else fi };
    if :: to & 3 -> dirty[to & 3] = 1 :: else fi;
    if :: to & MORE :: else -> break fi
  od;
  to = 0
}
#endif

/* The death scan takes the bit of the dead away first, and in the end has every isolate look again. */
#ifdef SHARED_BELL
inline scrub_bell(them, k) { skip }
#else
inline scrub_bell(them, k) { them = them & ~BIT(k) }
#endif

#ifdef MUTATION_SCAN_RINGS_NOBODY
#define RINGS(k) 0
#else
#define RINGS(k) IS_ISOLATE(k)
#endif

inline ring_everybody() {
  atomic { dirty[1] = dirty[1] | RINGS(1); dirty[2] = dirty[2] | RINGS(2); dirty[3] = dirty[3] | RINGS(3) }
}
