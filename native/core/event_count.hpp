// Where threads wait for units (permits, drained readers) to become available. Protocol and proof: event_count.cpp.
#pragma once

#include "bell.hpp"
#include "deadline.hpp"

namespace lockstep {

constexpr std::uint32_t kCountWaiters = 1;  // W: JavaScript enters native code after a release when it stands
constexpr std::uint32_t kCountMany = 2;     // M: some waiter wants more than one unit, so every waiter is woken

struct CountSite {
  Word& word;
  WaitSite waiting;
};

/// After units became available: wakes up to `count` waiters. One load when nobody waits.
void count_wake(const Participant& me, CountSite site, int count) noexcept;
/// Makes the caller visible as a waiter; returns the value to sleep on after one more try.
std::uint32_t count_prepare(CountSite site, bool many) noexcept;
void count_wait(CountSite site, std::uint32_t prepared, Deadline deadline) noexcept;
/// Arms the isolate's bell, as count_prepare does for a thread. Try after it.
void count_arm(const Participant& me, CountSite site, bool many) noexcept;
/// Takes the isolate's bell back, with a unit or without. Then, if units are left, wake the next: a ring that came
/// meanwhile was for somebody.
void count_disarm(const Participant& me, CountSite site) noexcept;
/// The part of a death scan: moves the word on and wakes everybody.
void count_give_back(const Participant& me, CountSite site) noexcept;

}  // namespace lockstep
