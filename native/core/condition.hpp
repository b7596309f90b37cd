// Condition variable: waiters in a queue, each woken by name. Protocol and proof: condition.cpp.
#pragma once

#include "object.hpp"

namespace lockstep {

// words 0: next ticket   1: first chunk of further entries   then kInlineEntries entries of 64 bits
constexpr std::uint32_t kInlineEntries = 24;

/// Joins the queue; the caller holds the condition's lock and lets go of it next. `*entry` names the place. kFull.
Status condition_enter(const Reference& condition, Offset* entry) noexcept;
/// Sleeps until notified: kOk or kTimedOut. The place is kept either way: take the lock back, then leave.
Status condition_wait(const Reference& condition, Offset entry, Deadline deadline) noexcept;
/// kOk (notified) or kUnavailable. The notifier rings this isolate. The place is kept.
Status condition_poll(const Reference& condition, Offset entry) noexcept;
/// Gives the place up, holding the lock again. kOk when a notification had arrived, which the caller then has;
/// kTimedOut when not. A caller that does not want it notifies another.
Status condition_leave(const Reference& condition, Offset entry) noexcept;
/// Wakes the `count` who have waited longest; returns how many there were.
std::uint32_t condition_notify(const Reference& condition, std::uint32_t count) noexcept;
std::uint32_t condition_waiting(const Reference& condition) noexcept;
void condition_free_chunks(Transaction& transaction, const Reference& condition) noexcept;
void condition_give_back(const Reference& condition, OwnerId dead) noexcept;

}  // namespace lockstep
