#include "runtime.hpp"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <mutex>
#include <vector>

#include "directory.hpp"
#include "per_process.hpp"
#include "watcher.hpp"

namespace lockstep {
namespace {

struct Joined {
  Segment* segment;
  std::uint32_t process;
  int users;
};

struct Runtime {
  std::mutex mutex;
  std::vector<Joined> joined;
  Watcher watcher;
};

constinit PerProcess<Runtime> the_runtime;

// A forked child has none of its parent's threads and holds none of its places: it starts afresh at its first use. What
// it inherited stays mapped and untouched. Nothing here may wait or allocate: most children only exec.
void start_afresh() noexcept {
  the_runtime.forget();
  reset_bells();
  reset_attachments();
}

Runtime& runtime() noexcept {
  static constinit std::atomic<bool> registered{false};
  if (!registered.exchange(true)) pthread_atfork(nullptr, nullptr, &start_afresh);
  return the_runtime.get();
}

Joined* find(const Segment* segment) noexcept {
  for (Joined& joined : runtime().joined) {
    if (joined.segment == segment) return &joined;
  }
  return nullptr;
}

// Under the file lock. False when the name was removed meanwhile.
Status join_locked(Segment* segment) noexcept {
  std::uint32_t process = 0;
  const Status found = find_process_entry(*segment, &process);
  if (found != Status::kOk) return found;
  runtime().watcher.join(segment, process);
  runtime().joined.push_back({segment, process, 1});
  return Status::kOk;
}

Segment* find_same_file(const Segment& mapped) noexcept {
  for (Joined& joined : runtime().joined) {
    if (joined.segment->same_file(mapped)) return ++joined.users, joined.segment;
  }
  return nullptr;
}

void leave_at_last(std::size_t index) noexcept {
  Segment* const segment = runtime().joined[index].segment;
  forget_attachments(segment);
  segment->lock_file();
  runtime().watcher.leave(segment);
  if (segment->header().is_private && !segment->has_future() && segment->is_linked()) {
    unlink(segment->path().c_str());
  }
  segment->unlock_file();
  runtime().joined[index] = runtime().joined.back();
  runtime().joined.pop_back();
  segment->release();
}

void end_in(const Joined& joined) noexcept {
  Segment& segment = *joined.segment;
  if (!segment.header().is_private) return;
  segment.lock_file();
  segment.process(joined.process).ending.store(1);
  if (!segment.has_future() && segment.is_linked()) unlink(segment.path().c_str());
  segment.unlock_file();
}

void leave_unused() noexcept {
  for (std::size_t i = runtime().joined.size(); i > 0; --i) {
    const Joined& joined = runtime().joined[i - 1];
    if (joined.users == 0 && !has_views(joined.segment)) leave_at_last(i - 1);
  }
}

}  // namespace

const char* unsupported_reason() noexcept {
#if !defined(__linux__) || !(defined(__x86_64__) || defined(__aarch64__))
  return "Linux on x64 or arm64 is needed";
#else
  const std::lock_guard<std::mutex> guard(runtime().mutex);
  if (!runtime().watcher.start()) return "the kernel refuses a thread or set_robust_list (a seccomp profile?)";
  return nullptr;
#endif
}

Status join_segment(const OpenOptions& options, Segment** result) {
  const std::lock_guard<std::mutex> guard(runtime().mutex);
  if (!runtime().watcher.start()) return errno = 0, Status::kUnsupported;
  leave_unused();
  for (;;) {
    Segment* segment = nullptr;
    const Status mapped = Segment::map(options, &segment);
    if (mapped != Status::kOk) return mapped;
    if (Segment* const same = find_same_file(*segment)) {
      segment->release();
      return *result = same, Status::kOk;
    }
    segment->lock_file();
    const bool linked = segment->is_linked();
    const Status joined = linked ? join_locked(segment) : Status::kNotFound;
    segment->unlock_file();
    if (joined == Status::kOk) return *result = segment, Status::kOk;
    segment->release();
    if (linked) return joined;  // else somebody removed the file between map and lock: look again
  }
}

void leave_segment(Segment* segment) noexcept {
  const std::lock_guard<std::mutex> guard(runtime().mutex);
  Joined* const joined = find(segment);
  if (joined == nullptr) return;
  --joined->users;
  leave_unused();
}

Status join_isolate(Segment* segment, Participant* result) noexcept {
  const std::lock_guard<std::mutex> guard(runtime().mutex);
  const Joined* const joined = find(segment);
  if (joined == nullptr) return Status::kGone;
  OwnerId id = 0;
  segment->lock_file();
  const Status claimed = claim_slot(*segment, joined->process, &id);
  segment->unlock_file();
  if (claimed == Status::kOk) *result = {segment, id};
  return claimed;
}

void leave_isolate(const Participant& me) noexcept {
  me.segment->slot(slot_of(me.id)).id.store(me.id | kDying);
  runtime().watcher.give_back(me.segment, me.id);
}

void retain_view(Segment* segment, const Object* object) noexcept {
  segment->retain();
  keep_view(*segment, object);
}

void drop_view(Segment* segment, Object* object) noexcept { runtime().watcher.drop_view(segment, object); }

void unlink_if_last(Segment* segment) noexcept {
  // The file lock keeps other processes away, but not the threads of this one.
  const std::lock_guard<std::mutex> guard(runtime().mutex);
  if (const Joined* const joined = find(segment)) end_in(*joined);
}

void unlink_all_if_last() noexcept {
  const std::lock_guard<std::mutex> guard(runtime().mutex);
  for (const Joined& joined : runtime().joined) end_in(joined);
}

}  // namespace lockstep
