/* The lock word with both kinds of waiters: threads that sleep on the word, isolates that a bell tells to look again.
 *
 * MODELLED. All of lock.pml, and for isolates: arm (the bell's bit), try and else set W, ring, arm and try again when rung,
 * time-out and abort with the baton passed on, the scan that takes the bell of the dead away and has every isolate look. A
 * release wakes one sleeper and rings one isolate.
 *
 * ASSERTED. As in lock.pml.
 *
 * MUST FAIL. MUTATION_LEAVER_KEEPS_BATON, MUTATION_LEAVER_KEEPS_FREE, MUTATION_LEAVER_KEEPS_GRANT (who gives up finds the
 * word available and goes), MUTATION_FRESH_TAKES_WITHOUT_W (takes the word while its bell may be rung, and leaves no W),
 * MUTATION_ARM_AFTER_TRY, MUTATION_RUNG_IN_VAIN_DOES_NOT_ARM, MUTATION_RUNG_LEAVES_GRANT, MUTATION_RELEASE_RINGS_NOBODY,
 * MUTATION_SHARED_BELL_RINGS_ONE, MUTATION_SHARED_BELL_COUNTS (as one who received a hand-over),
 * MUTATION_SCAN_RINGS_NOBODY.
 */
#include "lock.pml"
