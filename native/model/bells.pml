/* Where waiters of an object meet: `hot`, and doorbells, by which a release reaches isolates whose promises wait.
 * Participants from FIRST_ISOLATE on are isolates, the others threads that sleep.
 *
 * `bells` has a bit for each isolate that waits at the object. Who rings takes one bit out and then, in a second step,
 * marks that isolate dirty: it will look again. An isolate looks whenever it is dirty, and while no promise waits it
 * may look and forget.
 */
#ifndef FIRST_ISOLATE
#define FIRST_ISOLATE 4
#endif
#define IS_ISOLATE(k) ((k) >= FIRST_ISOLATE)
#define BY_BELL IS_ISOLATE(me)
#define BIT(k) (1 << (k))

bit hot; /* somebody has waited here, ever: a death scan that finds it clear wakes nobody */
byte bells;
byte rung_by_scan;
bit dirty[4];

/* `then` follows in the same step where nothing was left to do. */
#define BECOME_VISIBLE_AND(then) do :: atomic { !hot -> hot = 1 } :: atomic { hot -> then; break } od

inline arm(them) { them = them | BIT(me) }
inline disarm(them) { them = them & ~BIT(me) }

inline forget_rings() {
  if :: dirty[me] = 0 :: skip fi
}

#define TAKE_BELL(them, k) them & BIT(k) -> them = them & ~BIT(k); if :: dead[k] :: else -> to = k; break fi

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
#if FIRST_ISOLATE < 4
  atomic { take_bell(them, to) };
  if
  :: to -> dirty[to] = 1
  :: else
  fi
#else
  skip
#endif
}

#define MORE 4

/* One after the other, while bits were left. */
inline ring_all(them, to) {
#if FIRST_ISOLATE < 4
  do
  :: atomic { take_bell(them, to); if :: them -> to = to | MORE :: else fi };
    if :: to & 3 -> dirty[to & 3] = 1 :: else fi;
    if :: to & MORE :: else -> break fi
  od;
  to = 0
#else
  skip
#endif
}

/* The death scan takes the bit of the dead away first, and in the end has every isolate look again. */
inline scrub_bell(them, k) { them = them & ~BIT(k) }

#ifdef MUTATION_SCAN_RINGS_NOBODY
#define RINGS(k) 0
#else
#define RINGS(k) IS_ISOLATE(k)
#endif

inline ring_everybody() {
  atomic { dirty[1] = dirty[1] | RINGS(1); dirty[2] = dirty[2] | RINGS(2); dirty[3] = dirty[3] | RINGS(3) }
}
