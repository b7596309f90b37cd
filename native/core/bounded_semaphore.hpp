// Bounded semaphore: each permit is a word that names its owner, so that a dead owner's permits return.
// Protocol and proof: bounded_semaphore.cpp.
#pragma once

#include "object.hpp"

namespace lockstep {

// word 0: event count   word 1: limit   word 2: gate (for many permits at once)   words kFirstPermit..: permits
constexpr std::uint32_t kFirstPermit = 16;
constexpr std::uint32_t kMaxBoundedPermits = 65536;

struct Permits {
  std::uint32_t* indexes;  // filled with the permits taken
  std::uint32_t count;
};

/// Each: kOk, kOwnerDied (a permit came from a dead owner), kUnavailable or kTimedOut. All or nothing.
Status bounded_try(const Reference& semaphore, Permits permits) noexcept;
Status bounded_acquire(const Reference& semaphore, Permits permits, Deadline deadline) noexcept;
Status bounded_arm(const Reference& semaphore, Permits permits) noexcept;
void bounded_disarm(const Reference& semaphore) noexcept;
/// Gives back one permit of mine. kNotHeld when that word does not name me.
Status bounded_release(const Reference& semaphore, std::uint32_t index) noexcept;
/// Gives back `count` permits: mine first, then any live owner's. kBound when fewer are taken; nothing is given back
/// then, unless others give back at the same moment.
Status bounded_release_any(const Reference& semaphore, std::uint32_t count) noexcept;
/// For JavaScript, which has freed permits itself and saw waiters.
void bounded_wake(const Reference& semaphore, std::uint32_t count) noexcept;
std::uint32_t bounded_value(const Reference& semaphore) noexcept;
void bounded_give_back(const Reference& semaphore, OwnerId dead) noexcept;

}  // namespace lockstep
