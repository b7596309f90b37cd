// Condition variable.
//
// PROTOCOL. A queue of entries, 64 bits each: ticket:32 | owner:29 | state:2, or 0 for a free one. A waiter sleeps on
// the low half of its own entry, so that a notification wakes exactly the one it is meant for.
//
//     step       change                                            by
//     enter      0 -> {next ticket, me, WAITING}                   a waiter, holding the condition's lock
//     notify     WAITING -> NOTIFIED, smallest ticket first;       the notifier
//                FUTEX_WAKE that entry, ring that isolate
//     accept     NOTIFIED -> 0                                     the waiter, once it holds the lock again
//     give up    WAITING -> 0                                      the waiter: time-out; if it fails, it was notified
//     give back  WAITING -> 0; NOTIFIED: notify another, then 0    death scan
//
// WHY NO WAKE-UP IS LOST. The waiter enters before it lets go of the lock, so every later notifier sees it. It sleeps
// only while its entry says WAITING, and notify changes that before it wakes.
//
// WHEN A PROCESS DIES as a waiter, it takes no notification with it: its place is kept until it holds the lock again,
// and from then on its death is told to the next holder. As a notifier between NOTIFIED and the wake: the scan wakes
// every notified entry. A recoverer that dies between "notify another" and "then 0" makes the next one notify once
// more: a needless wake-up, which conditions allow, and never a lost one.
//
// Model: native/model/condition.pml.
#include "condition.hpp"

#include "condition_queue.hpp"
#include "futex.hpp"
#include "spin.hpp"

namespace lockstep {
namespace {

constexpr std::uint64_t kWaiting = 1;
constexpr std::uint64_t kNotified = 2;

constexpr std::uint64_t low_half(OwnerId id, std::uint64_t state) noexcept { return std::uint64_t{id} << 2 | state; }
constexpr OwnerId owner_of(std::uint64_t seen) noexcept { return static_cast<std::uint32_t>(seen) >> 2; }
constexpr std::uint64_t state_of(std::uint64_t seen) noexcept { return seen & 3; }
constexpr std::uint32_t ticket_of(std::uint64_t seen) noexcept { return static_cast<std::uint32_t>(seen >> 32); }
constexpr std::uint64_t with_state(std::uint64_t seen, std::uint64_t state) noexcept { return (seen & ~3ull) | state; }

Word& futex_of(Word64& entry) noexcept { return reinterpret_cast<Word&>(entry); }  // little-endian: the low half

Word64* longest_waiting(const Reference& condition) noexcept {
  Word64* best = nullptr;
  std::uint32_t best_ticket = 0;
  for_each_entry(condition, [&](Word64& entry) {
    const std::uint64_t seen = entry.load();
    if (state_of(seen) != kWaiting) return;
    const auto age = static_cast<std::int32_t>(ticket_of(seen) - best_ticket);  // tickets wrap
    if (best != nullptr && age >= 0) return;
    best = &entry;
    best_ticket = ticket_of(seen);
  });
  return best;
}

void wake(const Reference& condition, Word64& entry, std::uint64_t seen) noexcept {
  // All, though only the owner sleeps here: a killed waiter that had this entry before may still stand in the queue.
  futex_wake(futex_of(entry), kWakeAll);
  const std::uint32_t slot = slot_of(owner_of(seen));
  if (slot != 0 && slot <= kIsolateSlots) ring_slot(*condition.me.segment, slot, condition.waiting().bucket);
}

bool notify_entry(const Reference& condition, Word64& entry) noexcept {
  std::uint64_t seen = entry.load();
  if (state_of(seen) != kWaiting || !entry.compare_exchange(seen, with_state(seen, kNotified))) return false;
  wake(condition, entry, seen);
  return true;
}

bool notify_one(const Reference& condition) noexcept {
  for (;;) {
    Word64* const entry = longest_waiting(condition);
    if (entry == nullptr) return false;
    if (notify_entry(condition, *entry)) return true;  // else it gave up this moment
  }
}

}  // namespace

Status condition_enter(const Reference& condition, Offset* place) noexcept {
  become_visible(condition.waiting());
  const std::uint64_t ticket = condition.word(0).fetch_add(1);
  const std::uint64_t mine = ticket << 32 | low_half(condition.me.id, kWaiting);
  Word64* entry = claim_entry(condition, mine);
  while (entry == nullptr) {
    if (!add_chunk(condition)) return Status::kFull;
    entry = claim_entry(condition, mine);
  }
  *place = condition.me.segment->offset_of(entry);
  return Status::kOk;
}

Status condition_poll(const Reference& condition, Offset place) noexcept {
  Word64* const entry = entry_at(condition, place);
  if (entry == nullptr) return Status::kGone;
  const std::uint64_t seen = entry->load();
  if (owner_of(seen) != condition.me.id) return Status::kGone;  // not a place of mine
  return state_of(seen) == kNotified ? Status::kOk : Status::kUnavailable;
}

Status condition_wait(const Reference& condition, Offset place, Deadline deadline) noexcept {
  Spinner spinner;
  for (;;) {
    const Status now = condition_poll(condition, place);
    if (now != Status::kUnavailable) return now;
    if (spinner.once()) continue;
    if (deadline.passed()) return Status::kTimedOut;
    Word64& entry = *condition.me.segment->checked<Word64>(place);
    futex_wait(futex_of(entry), static_cast<std::uint32_t>(low_half(condition.me.id, kWaiting)), deadline);
  }
}

Status condition_leave(const Reference& condition, Offset place) noexcept {
  Word64* const entry = entry_at(condition, place);
  if (entry == nullptr) return Status::kGone;
  std::uint64_t seen = entry->load();
  if (owner_of(seen) != condition.me.id) return Status::kGone;
  if (state_of(seen) == kWaiting && entry->compare_exchange(seen, 0)) return Status::kTimedOut;  // give up
  entry->store(0);                                                                               // accept
  return Status::kOk;
}

std::uint32_t condition_notify(const Reference& condition, std::uint32_t count) noexcept {
  std::uint32_t notified = 0;
  if (count == UINT32_MAX) {
    for_each_entry(condition, [&](Word64& entry) { notified += notify_entry(condition, entry); });
    return notified;
  }
  while (notified < count && notify_one(condition)) ++notified;
  return notified;
}

std::uint32_t condition_waiting(const Reference& condition) noexcept {
  std::uint32_t waiting = 0;
  for_each_entry(condition, [&](Word64& entry) { waiting += state_of(entry.load()) == kWaiting; });
  return waiting;
}

void condition_give_back(const Reference& condition, OwnerId dead) noexcept {
  if (condition.object->hot.load() == 0) return;
  for_each_entry(condition, [&](Word64& entry) {
    std::uint64_t seen = entry.load();
    if (owner_of(seen) != dead) {
      if (state_of(seen) == kNotified) wake(condition, entry, seen);
      return;
    }
    const bool waited = state_of(seen) == kWaiting && entry.compare_exchange(seen, 0);
    if (!waited && state_of(seen) == kNotified) notify_one(condition);
    if (!waited) entry.store(0);
    futex_wake(futex_of(entry), kWakeAll);  // the dead one leaves the queue before the entry is somebody else's
  });
}

}  // namespace lockstep
