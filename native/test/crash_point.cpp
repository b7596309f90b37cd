#include "crash_point.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <utility>

#include "core/word.hpp"

namespace lockstep {
namespace {

std::atomic<std::int64_t> writes_left{0};
std::atomic<test::Victim> victim{test::Victim::kThisThread};
thread_local bool is_armer = false;
std::atomic<bool> is_stretching{false};
thread_local std::uint32_t writes_to_turn = 0;
thread_local std::function<void()> turn_of_another;

void sleep_now_and_then() noexcept {
  static thread_local std::uint32_t state = static_cast<std::uint32_t>(gettid()) * 2654435761u;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  if (state % 512 == 0) usleep(state / 512 % 200);
}

bool counts() noexcept {
  switch (victim.load()) {
    case test::Victim::kThisThread:
      return is_armer;
    case test::Victim::kOtherThreads:
      return !is_armer;
    case test::Victim::kAnyThread:
      break;
  }
  return true;
}

}  // namespace

void crash_point() noexcept {
  if (is_stretching.load()) sleep_now_and_then();
  if (writes_to_turn != 0 && --writes_to_turn == 0) turn_of_another();
  if (writes_left.load() == 0 || !counts()) return;
  if (writes_left.fetch_sub(1) != 1) return;
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

void test::interleave(std::uint32_t n, std::function<void()> turn) {
  turn_of_another = std::move(turn);
  writes_to_turn = n;
}

void test::stretch_windows() noexcept { is_stretching.store(true); }

void test::arm_crash(Victim who, std::uint32_t n) noexcept {
  writes_left.store(0);
  is_armer = true;
  victim.store(who);
  writes_left.store(n);
}

}  // namespace lockstep
