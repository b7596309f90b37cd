// Event: a flag that everybody present sees rise, even if it falls at once. Protocol and proof: event.cpp.
#pragma once

#include "object.hpp"

namespace lockstep {

// word 0: generation:30 | SET | W
constexpr std::uint32_t kEventWaiters = 1;
constexpr std::uint32_t kEventSet = 2;
constexpr std::uint32_t kEventGeneration = 4;

/// Remembered at the entry of a wait: a later set() ends the wait even if clear() follows.
inline std::uint32_t event_generation(const Reference& event) noexcept { return event.word(0).load() & ~3u; }

void event_set(const Reference& event) noexcept;
void event_clear(const Reference& event) noexcept;
/// kOk or kTimedOut.
Status event_wait(const Reference& event, std::uint32_t generation, Deadline deadline) noexcept;
/// kOk, or kUnavailable with the bell armed.
Status event_arm(const Reference& event, std::uint32_t generation) noexcept;
void event_disarm(const Reference& event) noexcept;
void event_give_back(const Reference& event) noexcept;

}  // namespace lockstep
