// What a process has once: made or looked up at first use, by whoever comes first, and without a lock.
//
// A function-local static would do, were it not for fork(): a child whose parent was just initializing one finds it
// under way for ever. The gate refuses an addon that has any (tools/check_glibc.ts).
#pragma once

#include <atomic>
#include <cstdint>

namespace lockstep {

/// The one T of a process, a variable of static storage. The handler of a fork() can call forget() whatever the
/// parent's other threads were doing. Threads outlive static destructors, so T is never freed.
template <typename T>
class PerProcess {
 public:
  T& get() {
    T* seen = place_.load();
    if (seen != nullptr) return *seen;
    T* const made = new T;
    if (place_.compare_exchange_strong(seen, made)) return *made;
    delete made;  // another thread was first
    return *seen;
  }

  /// In a forked child: what it inherited belongs to threads that it does not have. It stays untouched.
  void forget() noexcept { place_.store(nullptr); }

 private:
  std::atomic<T*> place_{nullptr};
};

/// A number that every thread finds the same, a variable of static storage. Threads that ask at once each look it up.
class PerProcessFact {
 public:
  template <typename LookUp>
  std::uint32_t get(LookUp look_up) noexcept {
    const std::uint64_t known = known_.load(std::memory_order_relaxed);
    if (known != 0) return static_cast<std::uint32_t>(known - 1);
    const std::uint32_t found = look_up();
    known_.store(std::uint64_t{found} + 1, std::memory_order_relaxed);
    return found;
  }

 private:
  std::atomic<std::uint64_t> known_{0};  // the number + 1
};

}  // namespace lockstep
