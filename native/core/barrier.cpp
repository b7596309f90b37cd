// Barrier.
//
// PROTOCOL. word 0: generation:29 | RESET | BROKEN | W. Behind it an entry per party, 64 bits: generation | owner. An
// entry of the present generation is a place that is taken; one of an older generation, or 0, is free.
//
//     step       change                                                    by
//     arrive     first free entry k -> {generation, me}; then the state    a party; k is its index
//                is looked at again: BROKEN or RESET -> leave, error
//     trip       state g -> g+1; wake all                                  index parties-1, after its action
//     break      g -> g|BROKEN; wake all                                   time-out, abort, death scan
//     reset      g with places taken, or g|BROKEN -> g|RESET; wake all     anybody
//     leave      my entry -> {generation, closed}                          a party that finds BROKEN or RESET
//     close      each free entry -> {generation, closed}                   whoever finds RESET
//     drained    g|RESET with every place closed -> g+1; wake all          the same
//
// A party has passed when the generation differs from its own. That is exact: a place is taken only before its
// generation ends, because at a trip all are taken and at the end of a reset all are closed, and neither is undone; and
// without reset a generation ends only by trip, with reset not before every party of it has left.
//
// NOBODY ENTERS THE NEXT ROUND TOO EARLY, because its places belong to the next generation.
//
// WHEN A PROCESS DIES with a place in the present generation, the round can never be complete: the scan breaks it, then
// closes the place (in this order, so that a recoverer's death in between breaks it again, not never). A party that
// dies between trip and wake: the scan wakes all. One that has not arrived is not known here; others need a time-out.
//
// Model: native/model/barrier.pml.
#include "barrier.hpp"

#include "barrier_places.hpp"
#include "futex.hpp"
#include "spin.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t kFlags = kBarrierBroken | kBarrierReset;
constexpr std::uint32_t kGenerationStep = 8;
constexpr std::uint32_t generation_of(std::uint32_t state) noexcept { return state >> 3; }

Word& state_word(const Reference& barrier) noexcept { return barrier.word(0); }

// One atomic change of the state, and the wake that belongs to it.
bool move_on(const Reference& barrier, std::uint32_t& seen, std::uint32_t next) noexcept {
  if (!state_word(barrier).compare_exchange(seen, next & ~kBarrierWaiters)) return false;
  if (!(seen & kBarrierWaiters)) return true;
  futex_wake(state_word(barrier), kWakeAll);
  ring_all(barrier.me, barrier.waiting());
  return true;
}

std::uint32_t next_generation(std::uint32_t seen) noexcept { return (seen & ~7u) + kGenerationStep; }

// drained.
void finish_reset(const Reference& barrier) noexcept {
  std::uint32_t seen = state_word(barrier).load();
  while ((seen & kBarrierReset) && close_places(barrier, generation_of(seen))) {
    if (move_on(barrier, seen, next_generation(seen))) return;
  }
}

// leave.
Status leave(const Reference& barrier, Arrival arrival) noexcept {
  leave_place(barrier, arrival);
  finish_reset(barrier);
  return Status::kBroken;
}

// mark. False when the state is no longer the one seen.
bool mark(const Reference& barrier, std::uint32_t& seen) noexcept {
  if (seen & kBarrierWaiters) return true;
  if (!state_word(barrier).compare_exchange(seen, seen | kBarrierWaiters)) return false;
  seen |= kBarrierWaiters;
  return true;
}

bool is_draining(const Reference& barrier, std::uint32_t seen) noexcept {
  return !(seen & kBarrierBroken) && ((seen & kBarrierReset) || is_full(barrier, generation_of(seen)));
}

// kUnavailable while the round is open.
Status outcome(const Reference& barrier, Arrival arrival, std::uint32_t seen) noexcept {
  if (generation_of(seen) != arrival.generation) return Status::kOk;
  return seen & kFlags ? leave(barrier, arrival) : Status::kUnavailable;
}

void arm(const Reference& barrier) noexcept {
  become_visible(barrier.waiting());
  arm_bell(barrier.me, barrier.waiting());
}

}  // namespace

Status barrier_arrive(const Reference& barrier, Arrival* arrival) noexcept {
  for (;;) {
    std::uint32_t seen = state_word(barrier).load();
    if (seen & kBarrierBroken) return Status::kBroken;
    arrival->generation = generation_of(seen);
    const Claim claimed = seen & kBarrierReset ? Claim::kFull : claim_place(barrier, arrival);
    if (claimed == Claim::kStale) continue;
    if (claimed == Claim::kFull) {
      arm(barrier);
      seen = state_word(barrier).load();  // after arming: whoever moves the state from here on rings us
      if (is_draining(barrier, seen) && mark(barrier, seen)) return Status::kUnavailable;
      barrier_disarm(barrier);
      continue;
    }
    const std::uint32_t now = state_word(barrier).load();
    // Another generation: the round has passed, and with this place in it, since a reset waits for places to be left.
    if (generation_of(now) != arrival->generation || !(now & kFlags)) return Status::kOk;
    return leave(barrier, *arrival);
  }
}

Status barrier_await_reset(const Reference& barrier, Deadline deadline) noexcept {
  become_visible(barrier.waiting());
  for (;;) {
    std::uint32_t seen = state_word(barrier).load();
    if (!is_draining(barrier, seen)) return Status::kOk;
    if (deadline.passed()) return Status::kTimedOut;
    if (mark(barrier, seen)) futex_wait(state_word(barrier), seen, deadline);
  }
}

Status barrier_trip(const Reference& barrier, Arrival arrival) noexcept {
  std::uint32_t seen = state_word(barrier).load();
  for (;;) {
    const Status now = outcome(barrier, arrival, seen);
    if (now == Status::kOk) return leave(barrier, arrival);  // another generation: reset and drained without us
    if (now == Status::kBroken) return now;
    if (move_on(barrier, seen, next_generation(seen))) return Status::kOk;
  }
}

Status barrier_wait(const Reference& barrier, Arrival arrival, Deadline deadline) noexcept {
  Spinner spinner(parties_of(barrier));
  become_visible(barrier.waiting());
  for (;;) {
    std::uint32_t seen = state_word(barrier).load();
    const Status now = outcome(barrier, arrival, seen);
    if (now != Status::kUnavailable) return now;
    if (spinner.once()) continue;
    if (deadline.passed()) return Status::kTimedOut;
    if (mark(barrier, seen)) futex_wait(state_word(barrier), seen, deadline);
  }
}

Status barrier_poll(const Reference& barrier, Arrival arrival) noexcept {
  arm(barrier);
  for (;;) {
    std::uint32_t seen = state_word(barrier).load();
    const Status now = outcome(barrier, arrival, seen);
    if (now != Status::kUnavailable || mark(barrier, seen)) return now;
  }
}

Status barrier_break(const Reference& barrier, Arrival arrival) noexcept {
  const bool last = arrival.index + 1 == parties_of(barrier);
  std::uint32_t seen = state_word(barrier).load();
  for (;;) {
    const Status now = outcome(barrier, arrival, seen);
    if (now != Status::kUnavailable) return now;
    if (!last && is_full(barrier, arrival.generation)) return Status::kUnavailable;
    if (move_on(barrier, seen, seen | kBarrierBroken)) return leave(barrier, arrival);
  }
}

void barrier_abort(const Reference& barrier) noexcept {
  std::uint32_t seen = state_word(barrier).load();
  while (!(seen & kBarrierBroken)) {
    if (move_on(barrier, seen, (seen & ~kBarrierReset) | kBarrierBroken)) return;
  }
}

void barrier_reset(const Reference& barrier) noexcept {
  std::uint32_t seen = state_word(barrier).load();
  while (!(seen & kBarrierReset)) {
    if (!(seen & kBarrierBroken) && taken_places(barrier, generation_of(seen)) == 0) return;  // nothing to reset
    if (move_on(barrier, seen, (seen & ~kBarrierBroken) | kBarrierReset)) break;
  }
  finish_reset(barrier);
}

void barrier_disarm(const Reference& barrier) noexcept { disarm_bell(barrier.me, barrier.waiting()); }

std::uint32_t barrier_waiting(const Reference& barrier) noexcept {
  const std::uint32_t seen = state_word(barrier).load();
  return seen & kFlags ? 0 : taken_places(barrier, generation_of(seen));
}

void barrier_give_back(const Reference& barrier, OwnerId dead) noexcept {
  for (std::uint32_t i = 0, n = parties_of(barrier); i < n; ++i) {
    const std::uint64_t taken = place_at(barrier, i).load();
    if (static_cast<std::uint32_t>(taken) != dead) continue;
    std::uint32_t seen = state_word(barrier).load();
    while (is_taken(taken, generation_of(seen)) && !(seen & kFlags)) {
      if (move_on(barrier, seen, seen | kBarrierBroken)) break;
    }
    // A place in a round that has passed stays: freed, it could be taken for that round once more by a slow party.
    if (is_taken(taken, generation_of(seen))) place_at(barrier, i).change(taken, closed(generation_of(seen)));
  }
  finish_reset(barrier);
  if (barrier.object->hot.load() == 0) return;
  futex_wake(state_word(barrier), kWakeAll);
  ring_all(barrier.me, barrier.waiting());
}

}  // namespace lockstep
