// What the tests of the core share: a segment of their own, children to kill, loops that wait for promises, and a
// watchdog that ends whatever hangs. Nothing here sleeps to hope: it polls, and the watchdog gives up.
#pragma once

#include <doctest/doctest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include "core/bell.hpp"
#include "core/directory.hpp"
#include "core/runtime.hpp"

namespace lockstep::test {

/// Ends the process with a message: for children and threads, where doctest cannot report.
[[noreturn]] void fail(const char* file, int line, const char* what) noexcept;
#define MUST(condition)                                                       \
  do {                                                                        \
    if (!(condition)) ::lockstep::test::fail(__FILE__, __LINE__, #condition); \
  } while (false)

/// Arms the watchdog of this process: past it the process says which test hung, and ends.
void start_watchdog() noexcept;

/// Returns once the condition holds; the watchdog ends a wait for what never comes.
template <typename Condition>
void until(Condition condition) noexcept {
  while (!condition()) usleep(50);
}

/// For a child that is only there to be killed; costs the others no processor time, however many there are.
[[noreturn]] inline void sleep_until_killed() noexcept {
  for (;;) pause();
}

/// Memory that a test shares with the children it forks, zeroed.
template <typename T>
class Shared {
 public:
  Shared() : value_(new (mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) T()) {}
  ~Shared() { munmap(value_, sizeof(T)); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  T* operator->() const noexcept { return value_; }
  T& operator*() const noexcept { return *value_; }

 private:
  T* value_;
};

/// Options of a segment that no other test uses.
OpenOptions fresh_options();

/// What one process has of a segment. In the process that made the options it also removes the file.
class Room {
 public:
  explicit Room(const OpenOptions& options);
  Room() : Room(fresh_options()) {}
  ~Room();
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  const OpenOptions& options() const noexcept { return options_; }
  Segment* segment() const noexcept { return segment_; }
  Header& header() const noexcept { return segment_->header(); }
  /// The owner that this room began with.
  const Participant& me() const noexcept { return me_; }
  /// One more owner of this process, as another isolate would be.
  Participant join() const;

  Reference open(Kind kind, std::uint32_t parameter = 0, std::string_view name = {}) const;
  Reference open_condition(const Reference& lock) const;
  /// The same object, as another process finds it by its handle.
  Reference attach(const Reference& other) const;
  void detach(const Reference& reference) const;

 private:
  OpenOptions options_;
  Segment* segment_ = nullptr;
  Participant me_;
};

/// The same object for another owner of the process.
inline Reference as(const Participant& me, const Reference& reference) { return {me, reference.object}; }

/// True while the thread sleeps in the kernel.
bool is_asleep(pid_t process, pid_t thread) noexcept;

/// A forked process that runs `body` and ends; killed with the test if it is still there.
class Child {
 public:
  explicit Child(const std::function<void()>& body);
  /// A child that has joined the segment of `room`.
  Child(const Room& room, const std::function<void(Room&)>& body);
  Child(Child&& other) noexcept : pid_(other.pid_) { other.pid_ = 0; }
  Child& operator=(Child&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
  }
  ~Child();

  pid_t pid() const noexcept { return pid_; }
  bool is_asleep() const noexcept { return test::is_asleep(pid_, pid_); }
  void send(int signal) const noexcept { ::kill(pid_, signal); }
  /// SIGKILL, and returns when the process is gone.
  void kill() noexcept;
  /// Waits for its end: the exit code, or minus the signal.
  int join() noexcept;
  /// The same without waiting; false while it runs.
  bool has_ended(int* code) noexcept;

 private:
  pid_t pid_;
};

/// Runs this program afresh, with an environment variable set if one is named, for the tests that match `filter`;
/// returns its exit code.
int run_again(const char* filter, const char* variable = nullptr);

/// Runs `body(index)` in `count` threads at once, and returns when all have ended.
void in_threads(int count, const std::function<void(int)>& body);
/// Runs `body(room, index)` in `count` processes at once; each has to end by itself and without complaint.
void in_processes(const Room& room, int count, const std::function<void(Room&, int)>& body);

/// A thread whose sleep can be seen.
class Sleeper {
 public:
  explicit Sleeper(std::function<void()> body);
  ~Sleeper() { join(); }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  /// Returns when the thread sleeps in the kernel or has ended.
  void until_asleep() const noexcept;
  bool has_ended() const noexcept { return ended_.load(); }
  void join() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::atomic<pid_t> id_{0};
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

/// The event loop of an isolate in which promises wait.
class Loop final : public Listener {
 public:
  explicit Loop(const Participant& me) : me_(me) {
    MUST(listen(me_, this));
    set_pending(me_, true);
  }
  ~Loop() { stop_listening(me_); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void hear() noexcept override {
    heard_.fetch_add(1);
    heard_.notify_all();
  }
  std::uint32_t heard() const noexcept { return heard_.load(); }

  /// Looks whenever the bell has rung, until `attempt` succeeds: a promise that is awaited.
  template <typename Attempt>
  void run(Attempt attempt) {
    for (;;) {
      const std::uint32_t seen = heard_.load();
      take_rings(me_);
      if (attempt()) break;
      heard_.wait(seen);
    }
  }

 private:
  Participant me_;
  std::atomic<std::uint32_t> heard_{0};
};

/// Checks mutual exclusion. The counters are plain on purpose: ThreadSanitizer sees a lock that does not order them.
struct Guarded {
  std::atomic<OwnerId> inside;
  std::uint64_t first, second;

  void enter(OwnerId me, bool owner_died) noexcept {
    const OwnerId before = inside.exchange(me);
    MUST(before == 0 || owner_died);
    if (owner_died) second = first;
    MUST(first == second);
    ++first;
  }
  void leave(OwnerId me) noexcept {
    ++second;
    MUST(inside.exchange(0) == me);
  }
};

/// A small source of numbers, one per thread.
class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed * 2654435761u + 88172645463325252u) {}
  std::uint32_t below(std::uint32_t bound) noexcept {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<std::uint32_t>(state_ >> 32) % bound;
  }

 private:
  std::uint64_t state_;
};

/// Makes objects until the segment has no room for one more, nor for anything else.
void fill_up(const Room& room) noexcept;

/// True when recovery has nothing left to do: no dead process, no slot of one, no dying slot.
bool is_recovered(const Room& room) noexcept;
/// Returns when it is so.
void until_recovered(const Room& room) noexcept;
/// Everything in the segment keeps its rules, once recovery has nothing left to do; the caller holds nothing of it.
void check_sound(const Room& room);
/// Slots of isolates that are taken now.
std::uint32_t taken_slots(const Room& room) noexcept;

}  // namespace lockstep::test
