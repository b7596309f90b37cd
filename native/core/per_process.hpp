// The one T of a process: made at first use, never destroyed, and forgotten by a forked child.
#pragma once

#include <atomic>

namespace lockstep {

/// For variables of static storage. It needs no initialization at run time and takes no lock, so that the handler of a
/// fork() can call forget() whatever the parent's other threads were doing: a child that waited for one of them, as a
/// function-local static would make it, would wait for ever. Threads outlive static destructors, so T is never freed.
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

}  // namespace lockstep
