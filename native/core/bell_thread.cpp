// The thread that hears the doorbells of a process: one, whatever the number of isolates, objects and promises.
//
// It sleeps on `bell` of each segment in which an isolate listens: one word with FUTEX_WAIT, several with futex_waitv.
// Where futex_waitv is missing each segment gets a thread of its own.
#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

#include "bell.hpp"
#include "futex.hpp"
#include "thread.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t kAsleep = 1;
constexpr std::int64_t kGuardNs = 1'000'000;  // an isolate that has not looked after this long is passed over
constexpr int kQuietRounds = 8;               // of kGuardNs without a ring in this process end the patrol
constexpr std::int64_t kNetNs = 500'000'000;  // one bucket of 32 at a time, so that 10 000 idle promises cost nothing

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
  explicit BellThread(Segment* only) noexcept : only_(only) {}
  bool serves(const Segment* segment) const noexcept { return only_ == nullptr || only_ == segment; }
  void add(Ear* ear) noexcept;
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
  void hear(Ear& ear, std::uint32_t buckets) noexcept;
  void forward_guarded() noexcept;
  void cast_net() noexcept;
  Deadline next_deadline() noexcept;
  void poke() noexcept;

  Segment* const only_;
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
  std::uint32_t net_bucket_ = 1;
};

struct BellThreads {
  std::mutex mutex;
  std::vector<BellThread*> threads;
};

BellThreads*& threads_place() noexcept {
  static BellThreads* place = new BellThreads;
  return place;
}

BellThread& thread_of(Segment* segment) noexcept {
  BellThreads& all = *threads_place();
  const std::lock_guard<std::mutex> guard(all.mutex);
  for (BellThread* thread : all.threads) {
    if (thread->serves(segment)) return *thread;
  }
  all.threads.push_back(new BellThread(has_futex_wait_any() ? nullptr : segment));
  return *all.threads.back();
}

void BellThread::add(Ear* ear) noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  ears_.push_back(ear);
  if (running_) return poke();
  running_ = start_thread(&thread_main, this);
}

Ear* BellThread::remove(const Participant& me) noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  for (std::size_t i = 0; i < ears_.size(); ++i) {
    if (ears_[i]->me.segment != me.segment || ears_[i]->me.id != me.id) continue;
    Ear* const ear = ears_[i];
    ears_.erase(ears_.begin() + static_cast<std::ptrdiff_t>(i));
    poke();  // so that the thread lets go of the segment
    return ear;
  }
  return nullptr;
}

Ear* BellThread::find(const Participant& me) noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  for (Ear* ear : ears_) {
    if (ear->me.segment == me.segment && ear->me.id == me.id) return ear;
  }
  return nullptr;
}

// A ring within the process goes straight into the isolate's event loop, one thread less to wake.
bool BellThread::hear_directly(const Segment& segment, std::uint32_t slot, std::uint32_t buckets) noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  for (Ear* ear : ears_) {
    if (ear->me.segment != &segment || slot_of(ear->me.id) != slot) continue;
    hear(*ear, buckets);
    if (patrol_ == 0) poke();
    patrol_ = kQuietRounds;
    return true;
  }
  return false;
}

void BellThread::poke() noexcept {
  control_.fetch_add(1);
  futex_wake(control_, 1);
  for (Bell& bell : bells_) {
    bell.word->fetch_add(2);
    futex_wake(*bell.word, 1);
  }
}

void BellThread::run() noexcept {
  for (;;) {
    read_bells();
    if (deliver()) continue;
    if (!fall_asleep()) continue;
    sleep(next_deadline());
    wake_up();
    forward_guarded();
    cast_net();
  }
}

// Before `dirty` is read, so that a ring in between ends the sleep.
void BellThread::read_bells() noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  for (Bell& bell : bells_) bell.segment->release();
  bells_.clear();
  control_seen_ = control_.load();
  for (Ear* ear : ears_) {
    Segment* const segment = ear->me.segment;
    const auto same = [&](const Bell& bell) { return bell.segment == segment; };
    if (std::any_of(bells_.begin(), bells_.end(), same)) continue;
    segment->retain();
    Word& word = segment->process(ear->process).bell;
    bells_.push_back({segment, &word, word.load() & ~kAsleep});
  }
}

bool BellThread::deliver() noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  bool any = false;
  for (Ear* ear : ears_) {
    Slot& slot = ear->me.segment->slot(slot_of(ear->me.id));
    const std::uint32_t buckets = slot.dirty.load() != 0 ? slot.dirty.exchange(0) : 0;
    if (buckets == 0) continue;
    hear(*ear, buckets);
    any = true;
  }
  return any;
}

void BellThread::hear(Ear& ear, std::uint32_t buckets) noexcept {
  if (ear.guarded.fetch_or(buckets) == 0) ear.rung_at = Deadline::now_ns();
  ear.heard.fetch_or(buckets);
  ear.listener->hear();
}

bool BellThread::fall_asleep() noexcept {
  for (Bell& bell : bells_) {
    if (!bell.word->change(bell.seen, bell.seen | kAsleep)) return wake_up(), false;
  }
  return true;
}

void BellThread::sleep(Deadline deadline) noexcept {
  if (bells_.empty()) return futex_wait(control_, control_seen_, deadline);
  if (bells_.size() == 1) return futex_wait(*bells_[0].word, bells_[0].seen | kAsleep, deadline);
  std::vector<WaitEntry> entries;
  for (const Bell& bell : bells_) entries.push_back({bell.word, bell.seen | kAsleep});
  futex_wait_any(entries.data(), static_cast<unsigned>(entries.size()), deadline);
}

void BellThread::wake_up() noexcept {
  for (Bell& bell : bells_) bell.word->fetch_and(~kAsleep);
}

Deadline BellThread::next_deadline() noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  Deadline next = Deadline::never();
  bool pending = false;
  for (const Ear* ear : ears_) {
    if (ear->guarded.load() != 0) next = next.earlier(Deadline::at(ear->rung_at + kGuardNs));
    pending = pending || ear->pending.load();
  }
  if (patrol_ > 0) next = next.earlier(Deadline::at(Deadline::now_ns() + kGuardNs));
#ifndef LOCKSTEP_NO_RECHECK
  if (pending && net_at_ns_ == 0) net_at_ns_ = Deadline::now_ns() + kNetNs;
  if (!pending) net_at_ns_ = 0;
  if (pending) next = next.earlier(Deadline::at(net_at_ns_));
#endif
  return next;
}

// The isolate is busy or blocked: whoever else waits in these buckets looks too.
void BellThread::forward_guarded() noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  if (patrol_ > 0) --patrol_;
  for (Ear* ear : ears_) {
    if (ear->guarded.load() == 0 || !Deadline::at(ear->rung_at + kGuardNs).passed()) continue;
    const std::uint32_t buckets = ear->guarded.exchange(0);
    Segment& segment = *ear->me.segment;
    const std::uint32_t limit = segment.header().slot_limit.load();
    for (std::uint32_t slot = 1; slot <= limit && slot <= kIsolateSlots; ++slot) {
      if (slot != slot_of(ear->me.id) && segment.slot(slot).id.load() != 0) ring_process_of(segment, slot, buckets);
    }
  }
}

void BellThread::cast_net() noexcept {
  if (net_at_ns_ == 0 || !Deadline::at(net_at_ns_).passed()) return;
  const std::lock_guard<std::mutex> guard(mutex_);
  net_at_ns_ = Deadline::now_ns() + kNetNs;
  net_bucket_ = (net_bucket_ << 1) | (net_bucket_ >> 31);
  for (Ear* ear : ears_) {
    if (!ear->pending.load()) continue;
    ear->heard.fetch_or(net_bucket_);
    ear->listener->hear();
  }
}

}  // namespace

void reset_bells() noexcept { threads_place() = new BellThreads; }

bool hear_directly(const Segment& segment, std::uint32_t slot, std::uint32_t buckets) noexcept {
  BellThreads& all = *threads_place();
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
