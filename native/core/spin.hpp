// How long a waiter looks again before it sleeps.
#pragma once

#include <unistd.h>

#include "futex.hpp"

namespace lockstep {

/// A short busy wait, because a sleep and its wake-up cost 5 to 50 us and most holds are shorter. Grows from one pause to
/// kLongestPause between two looks, so that many waiters do not fight for the cache line. Never on a single CPU, where the
/// holder cannot run meanwhile. Measured in bench/contended.ts and bench/ping_pong.ts.
class Spinner {
 public:
  bool once() noexcept {
    if (left_ <= 0) return false;
    for (int i = 0; i < pause_; ++i) cpu_relax();
    left_ -= pause_;
    if (pause_ < kLongestPause) pause_ *= 2;
    return true;
  }

 private:
  static constexpr int kPauses = 200;
  static constexpr int kLongestPause = 16;

  static int budget() noexcept {
    static const int pauses = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? kPauses : 0;
    return pauses;
  }

  int left_ = budget();
  int pause_ = 1;
};

}  // namespace lockstep
