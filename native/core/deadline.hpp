// One absolute point on CLOCK_MONOTONIC, made once at the entry of an operation and carried down to the kernel.
#pragma once

#include <cstdint>
#include <ctime>

namespace lockstep {

class Deadline {
 public:
  static constexpr Deadline never() noexcept { return Deadline(INT64_MAX); }
  static constexpr Deadline at(std::int64_t monotonic_ns) noexcept { return Deadline(monotonic_ns); }
  static Deadline in_ms(std::int64_t ms) noexcept { return Deadline(now_ns() + ms * 1'000'000); }

  static std::int64_t now_ns() noexcept {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
  }

  bool is_never() const noexcept { return ns_ == INT64_MAX; }
  bool passed() const noexcept { return !is_never() && now_ns() >= ns_; }
  Deadline earlier(Deadline other) const noexcept { return ns_ < other.ns_ ? *this : other; }
  std::int64_t to_ns() const noexcept { return ns_; }
  timespec to_timespec() const noexcept { return {ns_ / 1'000'000'000, ns_ % 1'000'000'000}; }

 private:
  explicit constexpr Deadline(std::int64_t ns) noexcept : ns_(ns) {}
  std::int64_t ns_;
};

/// How long a caller is willing to wait, and since when it has (a wait may be continued in slices).
struct Patience {
  Deadline deadline = Deadline::never();
  std::int64_t since_ns = Deadline::now_ns();
};

}  // namespace lockstep
