// Killing a process at a chosen shared write. The core, built with LOCKSTEP_CRASH_POINTS, calls crash_point() after
// each.
#pragma once

#include <cstdint>
#include <functional>

namespace lockstep::test {

enum class Victim : std::uint32_t {
  kThisThread,    // writes of the calling thread count
  kAnyThread,     // writes of the whole process count
  kOtherThreads,  // writes of all threads but the calling one count: the helper, the bell thread
};

/// The process is killed after its n-th write from now on; n = 0: never.
void arm_crash(Victim victim, std::uint32_t n) noexcept;

/// After the n-th write of the calling thread from now on, another participant has its turn: in the middle of whatever
/// this one is doing.
void interleave(std::uint32_t n, std::function<void()> turn);

/// From now on one write in a few hundred is followed by a short sleep, so that windows stay open for others.
void stretch_windows() noexcept;

}  // namespace lockstep::test
