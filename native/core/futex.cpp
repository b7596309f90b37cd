#include "futex.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "per_process.hpp"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

namespace lockstep {
namespace {

constexpr std::uint32_t kSizeU32 = 2;  // FUTEX2_SIZE_U32; without the private flag: shared between processes

// The kernel's struct futex_waitv; not in the headers of every system we build on.
struct KernelWaiter {
  std::uint64_t value;
  std::uint64_t address;
  std::uint32_t flags;
  std::uint32_t reserved;
};

Deadline with_net(Deadline deadline) noexcept {
#ifdef LOCKSTEP_NO_RECHECK
  return deadline;
#else
  return deadline.earlier(Deadline::in_ms(kRecheckMs));
#endif
}

// A probe with no words is refused with EINVAL where the call exists; old seccomp profiles answer EPERM.
bool probe_waitv() noexcept {
  if (std::getenv("LOCKSTEP_NO_WAITV") != nullptr) return false;
  return syscall(SYS_futex_waitv, nullptr, 0, 0, nullptr, CLOCK_MONOTONIC) == -1 && errno == EINVAL;
}

}  // namespace

void futex_wait(const Word& word, std::uint32_t seen, Deadline deadline) noexcept {
  futex_wait_unguarded(word, seen, with_net(deadline));
}

void futex_wait_unguarded(const Word& word, std::uint32_t seen, Deadline deadline) noexcept {
  const timespec until = deadline.is_never() ? timespec{} : deadline.to_timespec();
  syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, seen, deadline.is_never() ? nullptr : &until, nullptr,
          FUTEX_BITSET_MATCH_ANY);
}

int futex_wake(Word& word, int count) noexcept {
  const long woken = syscall(SYS_futex, &word, FUTEX_WAKE, count, nullptr, nullptr, 0);
  return woken > 0 ? static_cast<int>(woken) : 0;
}

bool has_futex_wait_any() noexcept {
  static constinit PerProcessFact available;
  return available.get(probe_waitv) != 0;
}

bool futex_wait_any(const WaitEntry* entries, unsigned count, Deadline deadline) noexcept {
  if (!has_futex_wait_any() || count > kMaxWaitEntries) return false;
  KernelWaiter waiters[kMaxWaitEntries];
  for (unsigned i = 0; i < count; ++i) {
    waiters[i] = {entries[i].seen, reinterpret_cast<std::uint64_t>(entries[i].word), kSizeU32, 0};
  }
  const timespec until = deadline.is_never() ? timespec{} : deadline.to_timespec();
  syscall(SYS_futex_waitv, waiters, count, 0, deadline.is_never() ? nullptr : &until, CLOCK_MONOTONIC);
  return true;
}

}  // namespace lockstep
