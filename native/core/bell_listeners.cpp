// Which bell thread serves which isolate.
#include "bell_thread.hpp"
#include "futex.hpp"
#include "per_process.hpp"

namespace lockstep {
namespace {

struct BellThreads {
  std::mutex mutex;
  std::vector<BellThread*> threads;
};

constinit PerProcess<BellThreads> bell_threads;

BellThread& thread_of(Segment* segment) noexcept {
  BellThreads& all = bell_threads.get();
  const std::lock_guard<std::mutex> guard(all.mutex);
  for (BellThread* thread : all.threads) {
    if (thread->serves(segment)) return *thread;
  }
  all.threads.push_back(new BellThread(has_futex_wait_any() ? nullptr : segment));
  return *all.threads.back();
}

}  // namespace

void reset_bells() noexcept { bell_threads.forget(); }

bool hear_directly(const Segment& segment, std::uint32_t slot, std::uint32_t buckets) noexcept {
  BellThreads& all = bell_threads.get();
  const std::lock_guard<std::mutex> guard(all.mutex);
  for (BellThread* thread : all.threads) {
    if (thread->serves(&segment) && thread->hear_directly(segment, slot, buckets)) return true;
  }
  return false;
}

void listen(const Participant& me, Listener* listener) noexcept {
  Ear* const ear = new Ear;
  ear->me = me;
  ear->process = process_of(me);
  ear->listener = listener;
  thread_of(me.segment).add(ear);
}

void stop_listening(const Participant& me) noexcept { delete thread_of(me.segment).remove(me); }

std::uint32_t take_rings(const Participant& me) noexcept {
  Ear* const ear = thread_of(me.segment).find(me);
  if (ear == nullptr) return 0;
  ear->guarded.store(0);
  return ear->heard.exchange(0);
}

void set_pending(const Participant& me, bool any) noexcept {
  Ear* const ear = thread_of(me.segment).find(me);
  if (ear != nullptr) ear->pending.store(any);
}

}  // namespace lockstep
