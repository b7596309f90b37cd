// The system calls that put threads to sleep and wake them; nothing else in core calls the kernel for that.
//
// A return from a wait means nothing but "look again": 0, EAGAIN, EINTR and ETIMEDOUT are treated alike by the callers,
// who believe the word and the clock. Timeouts are absolute, so an interrupted wait does not start afresh.
//
// THE NET. No sleep lasts longer than kRecheck, so that a wake-up which the protocols lose against their proof costs
// 100 ms instead of a hang. Tests are built with LOCKSTEP_NO_RECHECK, where a lost wake-up is a hang that shows.
#pragma once

#include "deadline.hpp"
#include "word.hpp"

namespace lockstep {

constexpr std::int64_t kRecheckMs = 100;

/// Sleeps while `word` holds `seen`, until a wake, a signal, the deadline or the net. Shared between processes.
void futex_wait(const Word& word, std::uint32_t seen, Deadline deadline) noexcept;
/// The same without the net, for threads that have a wider one of their own: an idle process is to stay idle.
void futex_wait_unguarded(const Word& word, std::uint32_t seen, Deadline deadline) noexcept;

/// Wakes up to `count` sleepers of any process; returns how many there were.
int futex_wake(Word& word, int count) noexcept;
constexpr int kWakeAll = INT32_MAX;

struct WaitEntry {
  const Word* word;
  std::uint32_t seen;
};
constexpr unsigned kMaxWaitEntries = 127;

/// Sleeps until one of the words no longer holds what was seen. False where the kernel or a seccomp profile refuses
/// futex_waitv (Linux < 5.16, Podman < 6, gVisor) or LOCKSTEP_NO_WAITV is set: callers have a stated fall-back.
bool futex_wait_any(const WaitEntry* entries, unsigned count, Deadline deadline) noexcept;
bool has_futex_wait_any() noexcept;

/// One turn of a busy wait.
inline void cpu_relax() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

}  // namespace lockstep
