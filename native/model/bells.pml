/* Doorbells: how a release reaches isolates whose promises wait. Participants from FIRST_ISOLATE on are isolates.
 *
 * `bells` has a bit for each isolate that waits at the object. Who rings takes one bit out and then, in a second step,
 * marks that isolate dirty: it will look again. An isolate looks whenever it is dirty.
 */
#ifndef FIRST_ISOLATE
#define FIRST_ISOLATE 4
#endif
#define BIT(k) (1 << (k))

byte bells;
bit dirty[4];

inline arm() { bells = bells | BIT(me) }
inline disarm() { bells = bells & ~BIT(me) }

/* Any bit, so that nothing rests on the cyclic order. A dead isolate's bit is taken out and rings nobody. */
inline take_bell(to) {
  to = 0;
  do
  :: bells & BIT(1) -> bells = bells & ~BIT(1); to = 1; if :: dead[1] -> to = 0 :: else -> break fi
  :: bells & BIT(2) -> bells = bells & ~BIT(2); to = 2; if :: dead[2] -> to = 0 :: else -> break fi
  :: bells & BIT(3) -> bells = bells & ~BIT(3); to = 3; if :: dead[3] -> to = 0 :: else -> break fi
  :: !bells -> break
  od
}

inline ring_one(to) {
  atomic { take_bell(to) };
  if
  :: to -> dirty[to] = 1
  :: else
  fi
}

/* The death scan scrubs the bit of the dead, and in the end has every isolate look again. */
inline scrub_bell(k) {
#ifndef MUTATION_SCAN_LEAVES_BELL
  bells = bells & ~BIT(k)
#else
  skip
#endif
}

inline ring_everybody() {
#if defined(MUTATION_SCAN_RINGS_NOBODY)
  skip
#elif defined(MUTATION_SCAN_RINGS_STANDING_BELLS)
  atomic {
    dirty[1] = dirty[1] || (bells & BIT(1));
    dirty[2] = dirty[2] || (bells & BIT(2));
    dirty[3] = dirty[3] || (bells & BIT(3));
    bells = 0
  }
#else
  atomic { dirty[1] = 1; dirty[2] = 1; dirty[3] = 1 }
#endif
}
