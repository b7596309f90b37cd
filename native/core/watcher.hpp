// The helper thread of a process: keeps its presence in every joined segment and recovers what the dead leave behind.
//
// It alone edits its robust list and stores its thread id into `presence`, so that no other thread can announce a
// helper that the kernel has already walked away from. It sleeps (futex_waitv) on its own control word, the registry
// word of each segment, and there on the presence word of the next live process in table order.
//
// Who watches whom. The kernel wakes one sleeper of a presence word, whichever, and that one may be about to die as
// well; its own death then wakes its watcher. A chain of such deaths must end at a live process. With one watcher each
// it does: of a row of dying processes the first is watched by nobody but the live one before the row, which wakes,
// looks at all, recovers, and then watches the next of the row. With several, the first of the row can wake the last of
// it, which in the end nobody watches who lives. The registry is bumped by who comes and by who goes, so that everybody
// finds his next one; killed while it goes, its watcher is woken by the kernel. Killed while it comes, it has nothing
// yet and watches nobody: it is found at the next look. Model: native/model/watch_ring.pml.
//
// Where futex_waitv is missing, or a process has joined more segments than one sleep has words for, it looks at every
// presence word each kPollMs: a death then costs up to 20 ms.
#pragma once

#include <pthread.h>

#include <mutex>
#include <vector>

#include "futex.hpp"
#include "owner.hpp"

namespace lockstep {

constexpr std::int64_t kPollMs = 20;
constexpr std::int64_t kWatchNetMs = 1000;  // looks again even if nothing woke it, for a watcher that was stopped

class Watcher {
 public:
  /// Starts the thread with the first call. False when the kernel refuses a thread or a robust list.
  bool start() noexcept;

  /// Announces this process under entry `process` and returns the helper's own identity there. Blocks until done.
  Participant join(Segment* segment, std::uint32_t process) noexcept;
  /// Gives back everything of this process and frees its entry. Blocks until done.
  void leave(Segment* segment) noexcept;
  /// Gives back what an ended isolate held; in the background, before any later leave().
  void give_back(Segment* segment, OwnerId ended) noexcept;
  /// Detaches a view and gives back the reference to the segment that it has; in the background, and by any thread.
  void drop_view(Segment* segment, Object* object) noexcept;

 private:
  enum class Task { kJoin, kLeave, kGiveBack, kDropView };
  struct Request {
    Task task;
    Segment* segment;
    std::uint32_t process;
    OwnerId id;
    Word* done;  // null: nobody waits
    Object* viewed = nullptr;
  };
  struct Watched {
    Segment* segment;
    std::uint32_t process;
    Participant helper;
  };

  static void* thread_main(void* self) noexcept;
  void run() noexcept;
  void post(const Request& request) noexcept;
  void post_and_wait(Request request) noexcept;
  void run_requests() noexcept;
  void run_request(const Request& request) noexcept;
  void do_join(const Request& request) noexcept;
  void do_leave(const Watched& watched) noexcept;
  void drop_views() noexcept;
  /// Looks at all; true when something was recovered or freed, or has just died: it must look again before it sleeps.
  bool recovers_any(std::vector<WaitEntry>& entries) noexcept;
  bool recovers(const Watched& watched, std::vector<WaitEntry>& entries) noexcept;
  void sleep_on(std::vector<WaitEntry>& entries, Word& word, std::uint32_t seen) noexcept;
  void sleep(const std::vector<WaitEntry>& entries) noexcept;

  Word control_;  // bumped with every request
  Word state_;    // 0 starting, 1 running, 2 refused
  std::mutex mutex_;
  std::vector<Request> requests_;  // under mutex_
  std::vector<Watched> watched_;   // the thread's own
  std::vector<Request> dropped_;   // views that are not detached yet
  bool blind_ = false;             // some word to sleep on found no room
  bool started_ = false;
};

}  // namespace lockstep
