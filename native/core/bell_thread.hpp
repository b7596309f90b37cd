// The thread that hears the doorbells of a process, as its parts see it: sleep (bell_thread.cpp), delivery
// (bell_delivery.cpp) and who listens (bell_listeners.cpp).
#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "bell.hpp"
#include "deadline.hpp"

namespace lockstep {

/// One isolate in one segment.
struct Ear {
  Participant me;
  std::uint32_t process;
  Listener* listener;
  std::atomic<std::uint32_t> heard{0};    // buckets the isolate has to look at
  std::atomic<std::uint32_t> guarded{0};  // those of them that nobody else has been told of
  std::atomic<bool> pending{false};
  std::int64_t rung_at = 0;
};

class BellThread {
 public:
  /// Whether an isolate listens in this segment; then its others belong here too.
  bool serves(const Segment* segment) noexcept;
  /// Whether one more segment fits into one sleep.
  bool has_room() noexcept;
  bool add(Ear* ear) noexcept;
  Ear* remove(const Participant& me) noexcept;
  Ear* find(const Participant& me) noexcept;
  bool hear_directly(const Segment& segment, std::uint32_t slot, std::uint32_t buckets) noexcept;

 private:
  struct Bell {
    Segment* segment;
    Word* word;
    std::uint32_t seen;
  };

  static void* thread_main(void* self) noexcept {
    static_cast<BellThread*>(self)->run();
    return nullptr;
  }
  void run() noexcept;
  void read_bells() noexcept;
  bool deliver() noexcept;
  bool fall_asleep() noexcept;
  void sleep(Deadline deadline) noexcept;
  void wake_up() noexcept;
  void owe(Ear& ear, std::uint32_t buckets) noexcept;
  void hear(Ear& ear, std::uint32_t buckets) noexcept;
  void forward_guarded() noexcept;
  void cast_net() noexcept;
  Deadline next_deadline() noexcept;
  void poke() noexcept;

  std::size_t count_segments() const noexcept;

  std::mutex mutex_;
  std::vector<Ear*> ears_;   // under mutex_
  std::vector<Bell> bells_;  // changed by the thread under mutex_; each holds a reference to its segment
  Word control_;             // what the thread sleeps on while there is no bell
  std::uint32_t control_seen_ = 0;
  bool running_ = false;
  // After a ring within the process, for which this thread was not needed, it looks after the guard each kGuardNs until
  // there has been none for a while: so a ring wakes it once, not each time. Under mutex_.
  int patrol_ = 0;
  std::int64_t net_at_ns_ = 0;  // 0: no promise is pending
  std::uint32_t net_buckets_ = 0x55555555;
};

}  // namespace lockstep
