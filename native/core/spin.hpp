// How long a waiter looks again before it sleeps.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdlib>

#include "futex.hpp"
#include "per_process.hpp"

namespace lockstep {

/// A short busy wait, because a sleep and its wake-up cost 5 to 50 us and most holds are shorter. It pays only while
/// the one that is waited for runs on another CPU, so each thread keeps an account: a wait that ended while spinning
/// doubles the budget, one that had to sleep halves it, and a thread that has stopped spinning tries again at each
/// kProbe-th wait. Never where more threads have to run than there are CPUs, nor with LOCKSTEP_NO_SPIN set. Measured in
/// bench/contended.ts, bench/ping_pong.ts and bench/barrier.ts.
class Spinner {
 public:
  /// Between two looks, where the other answers as soon as it can: spinners should not fight for the cache line.
  static constexpr int kShortPause = 16;
  /// Where others go on meanwhile: each look takes the line away from a holder that wants to change it, and who comes
  /// back to a lock that is free finds all that it guards in its own cache. Some 6 us.
  static constexpr int kLongPause = 256;

  /// `threads` must run at once for the wait to end soon: this one and those that it waits for.
  explicit Spinner(std::uint32_t threads = 2, int longest_pause = kShortPause) noexcept
      : left_(threads <= most_threads() ? budget() : 0), longest_pause_(longest_pause) {}
  ~Spinner() { settle(); }
  Spinner(const Spinner&) = delete;
  Spinner& operator=(const Spinner&) = delete;

  /// One turn; false when it is time to sleep.
  bool once() noexcept {
    if (left_ <= 0) return false;
    for (int i = 0; i < pause_; ++i) cpu_relax();
    left_ -= pause_;
    if (pause_ < longest_pause_) pause_ *= 2;
    return true;
  }

 private:
  static constexpr int kMostPauses = 500;  // some 12 us: about what a sleep and its wake-up cost
  static constexpr int kLeastPauses = 16;
  static constexpr unsigned kProbe = 16;

  struct Account {
    int budget = kMostPauses;
    unsigned idle = 0;
  };
  static Account& account() noexcept {
    static thread_local Account mine;
    return mine;
  }
  static std::uint32_t most_threads() noexcept {
    static constinit PerProcessFact cpus;
    return cpus.get([] {
      const bool allowed = std::getenv("LOCKSTEP_NO_SPIN") == nullptr;
      return allowed ? static_cast<std::uint32_t>(sysconf(_SC_NPROCESSORS_ONLN)) : 0;
    });
  }
  static int budget() noexcept {
    Account& mine = account();
    if (mine.budget > 0) return mine.budget;
    return ++mine.idle % kProbe == 0 ? kMostPauses : 0;
  }

  void settle() noexcept {
    if (pause_ == 1) return;  // never turned
    Account& mine = account();
    const int next = left_ <= 0 ? mine.budget / 2 : mine.budget * 2 + kLeastPauses;
    mine.budget = next < kLeastPauses ? 0 : next > kMostPauses ? kMostPauses : next;
  }

  int left_;
  int pause_ = 1;
  const int longest_pause_;
};

}  // namespace lockstep
