// Counting semaphore: permits belong to nobody and serve for signals too. Protocol and proof: semaphore.cpp.
#pragma once

#include "object.hpp"

namespace lockstep {

// word 0: value, 0..kMaxPermits     word 1: event count
constexpr std::uint32_t kMaxPermits = 1u << 30;

Status semaphore_try(const Reference& semaphore, std::uint32_t count) noexcept;
Status semaphore_acquire(const Reference& semaphore, std::uint32_t count, Deadline deadline) noexcept;
/// Tries, and when that fails arms the isolate's bell.
Status semaphore_arm(const Reference& semaphore, std::uint32_t count) noexcept;
/// No promise of this isolate waits here any more.
void semaphore_disarm(const Reference& semaphore) noexcept;
/// kBound when the value would pass kMaxPermits; nothing is changed then.
Status semaphore_release(const Reference& semaphore, std::uint32_t count) noexcept;
/// For JavaScript, which has added `count` permits itself and saw waiters.
void semaphore_wake(const Reference& semaphore, std::uint32_t count) noexcept;
void semaphore_give_back(const Reference& semaphore) noexcept;

}  // namespace lockstep
