// Bounded semaphore.
//
// PROTOCOL. word 0 is an event count (event_count.cpp), word 1 the limit, word 2 the gate (a lock word), and then a
// word per permit: 0 free | owner id | ABANDONED, free too, its last owner having died.
//
//     step       change                                 by                   partner
//     take       permit 0, ABANDONED or dead id -> me   JavaScript or C++    give
//                (JavaScript: 0 -> me only, 8 words
//                from its hint)
//     give       permit me -> 0; then wake(1)           JavaScript or C++    take
//     give back  permit k -> ABANDONED; wake everybody  death scan           take
//
// SEVERAL PERMITS AT ONCE are gathered under the gate, so that two gatherers never hold halves against each other, and
// only when enough were seen free; a gatherer beaten by single takers gives back what it has.
//
// WHY NO WAKE-UP IS LOST: event_count.cpp; here the unit is one free permit word.
//
// WHEN A PROCESS DIES its permits name it: each is free at once for whoever finds it, and that one is told. Dying in
// the gate leaves an ordinary dead holder of a lock word.
#include "bounded_semaphore.hpp"

#include "futex.hpp"
#include "spin.hpp"

namespace lockstep {
namespace {

constexpr std::int64_t kGatePatienceMs = 1;    // of those who must not block
constexpr std::uint32_t kFromDead = 1u << 31;  // in an index, while permits are being gathered

CountSite count_of(const Reference& semaphore) noexcept { return {semaphore.word(0), semaphore.waiting()}; }

Word& permit(const Reference& semaphore, std::uint32_t index) noexcept { return semaphore.word(kFirstPermit + index); }

// The parameter, not word 1: it was checked when the object was attached, so no index leaves the object.
std::uint32_t limit_of(const Reference& semaphore) noexcept {
  const std::uint32_t limit = semaphore.object->parameter.load();
  return limit <= kMaxBoundedPermits ? limit : 0;
}

bool is_free(const Reference& semaphore, std::uint32_t seen) noexcept {
  return seen == 0 || seen == kAbandoned || is_dead(*semaphore.me.segment, seen);
}

// take, starting where this owner is likely to find one free. False when none is.
bool take_one(const Reference& semaphore, std::uint32_t* index) noexcept {
  const std::uint32_t limit = limit_of(semaphore);
  const std::uint32_t first = limit > 0 ? slot_of(semaphore.me.id) % limit : 0;
  for (std::uint32_t i = 0; i < limit; ++i) {
    const std::uint32_t at = (first + i) % limit;
    std::uint32_t seen = permit(semaphore, at).load();
    while (is_free(semaphore, seen)) {
      if (!permit(semaphore, at).compare_exchange(seen, semaphore.me.id)) continue;
      *index = seen == 0 ? at : at | kFromDead;
      return true;
    }
  }
  return false;
}

// A permit that came from a dead owner goes back as such, so that the next one is told.
void give(const Reference& semaphore, Permits permits) noexcept {
  for (std::uint32_t i = 0; i < permits.count; ++i) {
    const std::uint32_t before = permits.indexes[i] & kFromDead ? kAbandoned : 0;
    permit(semaphore, permits.indexes[i] & ~kFromDead).change(semaphore.me.id, before);
  }
  bounded_wake(semaphore, permits.count);
}

// The caller gets plain indexes; that one of them came from a dead owner is the status.
Status taken(Permits permits) noexcept {
  Status status = Status::kOk;
  for (std::uint32_t i = 0; i < permits.count; ++i) {
    if (permits.indexes[i] & kFromDead) status = Status::kOwnerDied;
    permits.indexes[i] &= ~kFromDead;
  }
  return status;
}

Status take_single(const Reference& semaphore, Permits permits) noexcept {
  return take_one(semaphore, permits.indexes) ? taken(permits) : Status::kUnavailable;
}

// kTimedOut when the gate did not open in time: whoever has it was stopped, for it is held for microseconds.
Status gather(const Reference& semaphore, Permits permits, Deadline deadline) noexcept {
  if (bounded_value(semaphore) < permits.count) return Status::kUnavailable;
  const LockSite gate{semaphore.word(2), semaphore.waiting()};
  if (lock_acquire(semaphore.me, gate, Patience{deadline}) == Status::kTimedOut) return Status::kTimedOut;
  std::uint32_t got = 0;
  while (got < permits.count && take_one(semaphore, permits.indexes + got)) ++got;
  lock_release(semaphore.me, gate, semaphore.me.id);
  if (got < permits.count) return give(semaphore, {permits.indexes, got}), Status::kUnavailable;
  return taken(permits);
}

// A waiter that took its share lets the next one have what is left.
Status pass_on(const Reference& semaphore, Status taken) noexcept {
  if (semaphore.word(0).load() & kCountWaiters && bounded_value(semaphore) > 0) bounded_wake(semaphore, 1);
  return taken;
}

Status take(const Reference& semaphore, Permits permits, Deadline deadline) noexcept {
  return permits.count == 1 ? take_single(semaphore, permits) : gather(semaphore, permits, deadline);
}

}  // namespace

Status bounded_try(const Reference& semaphore, Permits permits) noexcept {
  const Status taken = take(semaphore, permits, Deadline::in_ms(kGatePatienceMs));
  return taken == Status::kTimedOut ? Status::kUnavailable : taken;
}

Status bounded_acquire(const Reference& semaphore, Permits permits, Deadline deadline) noexcept {
  Spinner spinner;
  do {
    const Status taken = take(semaphore, permits, deadline);
    if (is_acquired(taken)) return taken;
  } while (spinner.once());
  for (;;) {
    const std::uint32_t prepared = count_prepare(count_of(semaphore), permits.count > 1);
    const Status taken = take(semaphore, permits, deadline);
    if (is_acquired(taken)) return pass_on(semaphore, taken);
    if (deadline.passed()) return pass_on(semaphore, Status::kTimedOut);
    count_wait(count_of(semaphore), prepared, deadline);
  }
}

Status bounded_arm(const Reference& semaphore, Permits permits) noexcept {
  count_arm(semaphore.me, count_of(semaphore), permits.count > 1);
  const Status taken = take(semaphore, permits, Deadline::in_ms(kGatePatienceMs));
  // Nobody rings when the gate opens, so this isolate has to look again by itself.
  if (taken == Status::kTimedOut)
    ring_slot(*semaphore.me.segment, slot_of(semaphore.me.id), semaphore.waiting().bucket);
  if (!is_acquired(taken)) return Status::kUnavailable;
  bounded_disarm(semaphore);
  return taken;
}

void bounded_disarm(const Reference& semaphore) noexcept {
  count_disarm(semaphore.me, count_of(semaphore));
  pass_on(semaphore, Status::kOk);
}

Status bounded_release(const Reference& semaphore, std::uint32_t index) noexcept {
  if (index >= limit_of(semaphore)) return Status::kNotHeld;
  if (!permit(semaphore, index).change(semaphore.me.id, 0)) return Status::kNotHeld;
  bounded_wake(semaphore, 1);
  return Status::kOk;
}

Status bounded_release_any(const Reference& semaphore, std::uint32_t count) noexcept {
  const std::uint32_t limit = limit_of(semaphore);
  if (count > limit - bounded_value(semaphore)) return Status::kBound;
  std::uint32_t given = 0;
  for (const bool only_mine : {true, false}) {
    for (std::uint32_t i = 0; i < limit && given < count; ++i) {
      const std::uint32_t seen = permit(semaphore, i).load();
      const bool takeable = only_mine ? seen == semaphore.me.id : !is_free(semaphore, seen);
      if (takeable && permit(semaphore, i).change(seen, 0)) ++given;
    }
  }
  bounded_wake(semaphore, given);
  return given == count ? Status::kOk : Status::kBound;
}

void bounded_wake(const Reference& semaphore, std::uint32_t count) noexcept {
  count_wake(semaphore.me, count_of(semaphore), static_cast<int>(count));
}

std::uint32_t bounded_value(const Reference& semaphore) noexcept {
  std::uint32_t free = 0;
  for (std::uint32_t i = 0, limit = limit_of(semaphore); i < limit; ++i) {
    free += is_free(semaphore, permit(semaphore, i).load());
  }
  return free;
}

void bounded_give_back(const Reference& semaphore, OwnerId dead) noexcept {
  lock_give_back(semaphore.me, {semaphore.word(2), semaphore.waiting()}, dead);
  for (std::uint32_t i = 0, limit = limit_of(semaphore); i < limit; ++i) permit(semaphore, i).change(dead, kAbandoned);
  count_give_back(semaphore.me, count_of(semaphore));
}

}  // namespace lockstep
