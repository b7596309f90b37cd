// Barrier with the meaning of Python's threading.Barrier. Protocol and proof: barrier.cpp.
#pragma once

#include "object.hpp"

namespace lockstep {

// word 0: generation:29 | RESET | BROKEN | W     word 1: parties     then one 64-bit entry per party
constexpr std::uint32_t kBarrierWaiters = 1;
constexpr std::uint32_t kBarrierBroken = 2;
constexpr std::uint32_t kBarrierReset = 4;
constexpr std::uint32_t kMaxParties = 65536;

/// A place in one round.
struct Arrival {
  std::uint32_t generation;
  std::uint32_t index;
};

/// Takes a place in the present round: kOk; kBroken; kUnavailable while a reset waits for its parties to leave (the
/// bell is then armed). Index parties-1 must call barrier_trip or barrier_break next, the others wait.
Status barrier_arrive(const Reference& barrier, Arrival* arrival) noexcept;
/// Sleeps while a reset drains. kOk or kTimedOut.
Status barrier_await_reset(const Reference& barrier, Deadline deadline) noexcept;
/// The last one lets the others go. kBroken when the barrier was broken or reset meanwhile; the place is then given up.
Status barrier_trip(const Reference& barrier, Arrival arrival) noexcept;
/// kOk (passed), kBroken (the place is given up) or kTimedOut (nothing changed: wait again or break).
Status barrier_wait(const Reference& barrier, Arrival arrival, Deadline deadline) noexcept;
/// The same without sleeping: kUnavailable with the bell armed.
Status barrier_poll(const Reference& barrier, Arrival arrival) noexcept;
/// A party gives up: breaks the barrier for the present round. kOk when the round had passed already, kUnavailable when
/// the last party has arrived and the round is about to pass: wait on; else kBroken, and the place is given up.
Status barrier_break(const Reference& barrier, Arrival arrival) noexcept;
void barrier_abort(const Reference& barrier) noexcept;
void barrier_reset(const Reference& barrier) noexcept;
void barrier_disarm(const Reference& barrier) noexcept;
std::uint32_t barrier_waiting(const Reference& barrier) noexcept;
inline bool barrier_is_broken(const Reference& barrier) noexcept { return barrier.word(0).load() & kBarrierBroken; }
void barrier_give_back(const Reference& barrier, OwnerId dead) noexcept;

}  // namespace lockstep
