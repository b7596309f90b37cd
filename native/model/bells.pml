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
byte bells_taken; /* by the death scan */
bit dirty[4];

inline arm() { bells = bells | BIT(me) }
inline disarm() { bells = bells & ~BIT(me) }

#ifdef MUTATION_BELL_OF_THE_DEAD
#define TAKE_BELL(k) bells & BIT(k) -> bells = bells & ~BIT(k); to = k; break
#else
#define TAKE_BELL(k) bells & BIT(k) -> bells = bells & ~BIT(k); if :: dead[k] :: else -> to = k; break fi
#endif

/* Any bit, so that nothing rests on the cyclic order. A dead isolate's bit is taken out and rings nobody. */
inline take_bell(to) {
  to = 0;
  do
  :: TAKE_BELL(1)
  :: TAKE_BELL(2)
  :: TAKE_BELL(3)
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

inline ring_all(them) {
  atomic { them = bells; bells = 0 };
  atomic {
    if :: them & BIT(1) -> dirty[1] = 1 :: else fi;
    if :: them & BIT(2) -> dirty[2] = 1 :: else fi;
    if :: them & BIT(3) -> dirty[3] = 1 :: else fi
  }
}

/* The death scan scrubs the bit of the dead, and in the end has every isolate look again. */
inline scrub_bell(k) {
#ifndef MUTATION_BELL_OF_THE_DEAD
  bells = bells & ~BIT(k)
#else
  skip
#endif
}

inline ring_everybody() {
#if defined(MUTATION_SCAN_RINGS_NOBODY)
  skip
#elif defined(MUTATION_SCAN_RINGS_STANDING_BELLS)
  ring_all(bells_taken)
#else
  atomic { dirty[1] = 1; dirty[2] = 1; dirty[3] = 1 }
#endif
}
