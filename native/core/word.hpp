// The only kind of memory that processes share with each other: fixed-width words, changed one at a time.
//
// ORDER. Every access is sequentially consistent. The other half of each protocol is JavaScript, whose Atomics know no
// weaker order, and each lost-wake argument in this directory is of the form "A stores x then reads y, B stores y then
// reads x, so one of them sees the other", which acquire and release do not give. On x86-64 this costs nothing over
// acquire/release for compare-exchange; on arm64 it selects ldar/stlr and casal. The exception is memory that changes
// only under a lock, journals and the contents of containers: store_release() puts each change after those before it,
// which is all that a lock, a journal or a sequence asks for, and is a plain store on x86-64.
//
// CRASH POINTS. Built with LOCKSTEP_CRASH_POINTS, each write is followed by crash_point(), which a test arms to kill
// the process after its n-th write. A write that fails to happen (a compare-exchange that lost) is no point.
#pragma once

#include <atomic>
#include <cstdint>

namespace lockstep {

#ifdef LOCKSTEP_CRASH_POINTS
void crash_point() noexcept;  // native/test/crash_point.cpp
#else
inline void crash_point() noexcept {}
#endif

template <typename T>
class BasicWord {
 public:
  BasicWord() noexcept = default;
  BasicWord(const BasicWord&) = delete;
  BasicWord& operator=(const BasicWord&) = delete;

  T load() const noexcept { return value_.load(); }

  void store(T desired) noexcept {
    value_.store(desired);
    crash_point();
  }

  void store_release(T desired) noexcept {
    value_.store(desired, std::memory_order_release);
    crash_point();
  }

  T exchange(T desired) noexcept {
    const T seen = value_.exchange(desired);
    crash_point();
    return seen;
  }

  /// On failure `expected` becomes the value seen.
  bool compare_exchange(T& expected, T desired) noexcept {
    if (!value_.compare_exchange_strong(expected, desired)) return false;
    crash_point();
    return true;
  }

  /// For callers that start over anyway and do not want the value seen.
  bool change(T expected, T desired) noexcept { return compare_exchange(expected, desired); }

  T fetch_add(T operand) noexcept {
    const T seen = value_.fetch_add(operand);
    crash_point();
    return seen;
  }

  T fetch_or(T operand) noexcept {
    const T seen = value_.fetch_or(operand);
    crash_point();
    return seen;
  }

  T fetch_and(T operand) noexcept {
    const T seen = value_.fetch_and(operand);
    crash_point();
    return seen;
  }

 private:
  std::atomic<T> value_;
};

using Word = BasicWord<std::uint32_t>;
using Word64 = BasicWord<std::uint64_t>;

static_assert(sizeof(Word) == 4 && alignof(Word) == 4 && std::atomic<std::uint32_t>::is_always_lock_free);
static_assert(sizeof(Word64) == 8 && alignof(Word64) == 8 && std::atomic<std::uint64_t>::is_always_lock_free);

}  // namespace lockstep
