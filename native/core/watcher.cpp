#include "watcher.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "reap.hpp"
#include "recovery.hpp"
#include "robust_list.hpp"
#include "thread.hpp"

namespace lockstep {
namespace {

void announce(Segment& segment) noexcept {
  segment.header().registry.fetch_add(1);
  futex_wake(segment.header().registry, kWakeAll);
}

}  // namespace

bool Watcher::start() noexcept {
  if (started_) return state_.load() == 1;
  started_ = start_thread(&thread_main, this);
  if (!started_) return false;
  while (state_.load() == 0) futex_wait(state_, 0, Deadline::never());
  return state_.load() == 1;
}

void* Watcher::thread_main(void* self) noexcept {
  auto& watcher = *static_cast<Watcher*>(self);
  const bool registered = register_robust_list();
  watcher.state_.store(registered ? 1 : 2);
  futex_wake(watcher.state_, kWakeAll);
  if (registered) watcher.run();
  return nullptr;
}

// Whoever has recovered a process looks again before it leaves: that one may have been at an entry itself, which the
// others passed because of it.
void Watcher::run() noexcept {
  std::vector<WaitEntry> entries;
  for (;;) {
    const std::uint32_t requested = control_.load();
    run_requests();
    drop_views();
    do {
      blind_ = false;
      entries.assign(1, {&control_, requested});
    } while (recovers_any(entries));
    sleep(entries);
  }
}

bool Watcher::recovers_any(std::vector<WaitEntry>& entries) noexcept {
  bool any = false;
  for (const Watched& watched : watched_) any |= recovers(watched, entries);
  return any;
}

void Watcher::sleep_on(std::vector<WaitEntry>& entries, Word& word, std::uint32_t seen) noexcept {
  blind_ = entries.size() == kMaxWaitEntries;
  if (!blind_) entries.push_back({&word, seen});
}

bool Watcher::recovers(const Watched& watched, std::vector<WaitEntry>& entries) noexcept {
  Segment& segment = *watched.segment;
  sleep_on(entries, segment.header().registry, segment.header().registry.load());
  const std::uint32_t limit = segment.header().process_limit.load();
  bool watches_next = false;
  for (std::uint32_t step = 1; step < limit && limit <= kProcesses; ++step) {
    const std::uint32_t index = (watched.process + step) % limit;
    Process& process = segment.process(index);
    if (is_process_dead(process)) {
      recover_process(watched.helper, index);
      if (!is_process_dead(process)) return true;
      continue;  // another helper is at it; that helper's own death has a watcher
    }
    if (watches_next) continue;
    const std::uint32_t seen = arm_presence(process.presence);
    watches_next = seen != 0;
    if (watches_next) sleep_on(entries, process.presence, seen);
    if (!watches_next && is_process_dead(process)) return true;
  }
  return reap_some(watched.helper);  // what the dead were the last to use, a part at a time
}

void Watcher::sleep(const std::vector<WaitEntry>& entries) noexcept {
#ifdef LOCKSTEP_NO_RECHECK
  const Deadline net = Deadline::never();
#else
  const Deadline net = Deadline::in_ms(kWatchNetMs);
#endif
  const Deadline until = blind_ || !dropped_.empty() ? Deadline::in_ms(kPollMs) : net;
  if (futex_wait_any(entries.data(), static_cast<unsigned>(entries.size()), until)) return;
  futex_wait(*entries[0].word, entries[0].seen, Deadline::in_ms(kPollMs));
}

void Watcher::run_requests() noexcept {
  for (;;) {
    Request request;
    {
      const std::lock_guard<std::mutex> guard(mutex_);
      if (requests_.empty()) return;
      request = requests_.front();
      requests_.erase(requests_.begin());
    }
    run_request(request);
    if (request.done == nullptr) continue;
    request.done->store(1);
    // The word may be gone with its waiter's stack: a stray wake is harmless, a touch would not be.
    syscall(SYS_futex, request.done, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  }
}

void Watcher::run_request(const Request& request) noexcept {
  if (request.task == Task::kJoin) return do_join(request);
  if (request.task == Task::kDropView) return dropped_.push_back(request);
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    if (watched_[i].segment != request.segment) continue;
    if (request.task == Task::kGiveBack) return recover_owner(watched_[i].helper, request.id);
    const Watched leaving = watched_[i];
    watched_.erase(watched_.begin() + static_cast<std::ptrdiff_t>(i));
    return do_leave(leaving);
  }
}

void Watcher::do_join(const Request& request) noexcept {
  Segment& segment = *request.segment;
  Process& process = segment.process(request.process);
  process.bell.store(0);
  process.ending.store(0);
  drop_dead_claim(segment, process);
  process.pid_hint = static_cast<std::uint32_t>(getpid());
  link_process(process);
  const OwnerId id = claim_helper_slot(segment, request.process);
  watched_.push_back({&segment, request.process, {&segment, id}});
  announce(segment);
}

void Watcher::do_leave(const Watched& watched) noexcept {
  Segment& segment = *watched.segment;
  give_back_process(watched.helper, watched.process);
  reap_all(watched.helper);
  segment.slot(slot_of(watched.helper.id)).id.store(0);
  begin_unlink(segment.process(watched.process));
  announce(segment);
  end_unlink();
}

}  // namespace lockstep
