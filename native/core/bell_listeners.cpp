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

// Under the mutex.
BellThread& thread_for(BellThreads& all, const Segment* segment) noexcept {
  for (BellThread* thread : all.threads) {
    if (thread->serves(segment)) return *thread;
  }
  for (BellThread* thread : all.threads) {
    if (thread->has_room()) return *thread;
  }
  all.threads.push_back(new BellThread);
  return *all.threads.back();
}

// The isolate's own thread calls this: nobody takes its ear away meanwhile.
Ear* find_ear(const Participant& me) noexcept {
  BellThreads& all = bell_threads.get();
  const std::lock_guard<std::mutex> guard(all.mutex);
  for (BellThread* thread : all.threads) {
    if (Ear* const ear = thread->find(me)) return ear;
  }
  return nullptr;
}

}  // namespace

void reset_bells() noexcept { bell_threads.forget(); }

bool hear_directly(const Segment& segment, std::uint32_t slot, std::uint32_t buckets) noexcept {
  BellThreads& all = bell_threads.get();
  const std::lock_guard<std::mutex> guard(all.mutex);
  for (BellThread* thread : all.threads) {
    if (thread->hear_directly(segment, slot, buckets)) return true;
  }
  return false;
}

bool listen(const Participant& me, Listener* listener) noexcept {
  Ear* const ear = new Ear;
  ear->me = me;
  ear->process = process_of(me);
  ear->listener = listener;
  BellThreads& all = bell_threads.get();
  const std::lock_guard<std::mutex> guard(all.mutex);
  if (thread_for(all, me.segment).add(ear)) return true;
  delete ear;
  return false;
}

void stop_listening(const Participant& me) noexcept {
  BellThreads& all = bell_threads.get();
  const std::lock_guard<std::mutex> guard(all.mutex);
  for (BellThread* thread : all.threads) delete thread->remove(me);
}

std::uint32_t take_rings(const Participant& me) noexcept {
  Ear* const ear = find_ear(me);
  if (ear == nullptr) return 0;
  ear->guarded.store(0);
  return ear->heard.exchange(0);
}

void set_pending(const Participant& me, bool any) noexcept {
  Ear* const ear = find_ear(me);
  if (ear == nullptr) return;
  ear->pending.store(any);
  if (!any) ear->guarded.store(0);
}

}  // namespace lockstep
