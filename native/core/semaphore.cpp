// Counting semaphore.
//
// PROTOCOL. word 0 is the value, word 1 an event count (event_count.cpp).
//
//     step      change                        by                   partner
//     take      value -> value - n            JavaScript or C++    give
//     give      value -> value + n; then      JavaScript or C++    take
//               the event count's wake(n)
//
// WHY NO WAKE-UP IS LOST: event_count.cpp; here the unit is one permit.
//
// WHEN A PROCESS DIES. Permits belong to nobody: those it took stay taken. That is Python's meaning and what makes a
// semaphore a signal; what must come back is a BoundedSemaphore. A wake-up that it was given goes to the others.
//
// NOT PROMISED: order of arrival, and that one who wants many permits ever meets them while others take them singly.
#include "semaphore.hpp"

#include "spin.hpp"

namespace lockstep {
namespace {

CountSite count_of(const Reference& semaphore) noexcept { return {semaphore.word(1), semaphore.waiting()}; }

// A waiter that took its share lets the next one have what is left.
Status pass_on(const Reference& semaphore, Status taken) noexcept {
  if (semaphore.word(0).load() > 0) count_wake(semaphore.me, count_of(semaphore), 1);
  return taken;
}

}  // namespace

Status semaphore_try(const Reference& semaphore, std::uint32_t count) noexcept {
  Word& value = semaphore.word(0);
  std::uint32_t seen = value.load();
  while (seen >= count && seen <= kMaxPermits) {
    if (value.compare_exchange(seen, seen - count)) return Status::kOk;  // take
  }
  return Status::kUnavailable;
}

Status semaphore_acquire(const Reference& semaphore, std::uint32_t count, Deadline deadline) noexcept {
  Spinner spinner;
  do {
    if (semaphore_try(semaphore, count) == Status::kOk) return Status::kOk;
  } while (spinner.once());
  for (;;) {
    const std::uint32_t prepared = count_prepare(count_of(semaphore), count > 1);
    if (semaphore_try(semaphore, count) == Status::kOk) return pass_on(semaphore, Status::kOk);
    if (deadline.passed()) return pass_on(semaphore, Status::kTimedOut);
    count_wait(count_of(semaphore), prepared, deadline);
  }
}

Status semaphore_arm(const Reference& semaphore, std::uint32_t count) noexcept {
  count_arm(semaphore.me, count_of(semaphore), count > 1);
  if (semaphore_try(semaphore, count) != Status::kOk) return Status::kUnavailable;
  semaphore_disarm(semaphore);
  return Status::kOk;
}

void semaphore_disarm(const Reference& semaphore) noexcept {
  count_disarm(semaphore.me, count_of(semaphore));
  pass_on(semaphore, Status::kOk);
}

Status semaphore_release(const Reference& semaphore, std::uint32_t count) noexcept {
  Word& value = semaphore.word(0);
  std::uint32_t seen = value.load();
  do {
    if (count > kMaxPermits || seen > kMaxPermits - count) return Status::kBound;
  } while (!value.compare_exchange(seen, seen + count));  // give
  semaphore_wake(semaphore, count);
  return Status::kOk;
}

void semaphore_wake(const Reference& semaphore, std::uint32_t count) noexcept {
  count_wake(semaphore.me, count_of(semaphore), static_cast<int>(count));
}

void semaphore_give_back(const Reference& semaphore) noexcept { count_give_back(semaphore.me, count_of(semaphore)); }

}  // namespace lockstep
