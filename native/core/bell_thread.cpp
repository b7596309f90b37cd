// The thread that hears the doorbells of a process: one, whatever the number of isolates, objects and promises.
//
// It sleeps on `bell` of each segment in which an isolate listens: one word with FUTEX_WAIT, several with futex_waitv,
// and beyond the 127 of that call there is a second thread. Where futex_waitv is missing each segment gets its own.
#include "bell_thread.hpp"

#include <algorithm>

#include "futex.hpp"
#include "thread.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t kAsleep = 1;

}  // namespace

bool BellThread::serves(const Segment* segment) noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  return std::any_of(ears_.begin(), ears_.end(), [&](const Ear* ear) { return ear->me.segment == segment; });
}

bool BellThread::has_room() noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  return count_segments() < (has_futex_wait_any() ? kMaxWaitEntries : 1);
}

std::size_t BellThread::count_segments() const noexcept {
  std::size_t count = 0;
  for (std::size_t i = 0; i < ears_.size(); ++i) {
    const auto same = [&](const Ear* ear) { return ear->me.segment == ears_[i]->me.segment; };
    count += std::none_of(ears_.begin(), ears_.begin() + static_cast<std::ptrdiff_t>(i), same);
  }
  return count;
}

bool BellThread::add(Ear* ear) noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  ears_.push_back(ear);
  if (running_) return poke(), true;
  running_ = start_thread(&thread_main, this);
  if (!running_) ears_.pop_back();
  return running_;
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

void BellThread::poke() noexcept {
  control_.fetch_add(1);
  futex_wake(control_, 1);
  for (Bell& bell : bells_) {
    bell.word->fetch_add(2);
    futex_wake(*bell.word, kWakeAll);  // see ring_process()
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

bool BellThread::fall_asleep() noexcept {
  for (Bell& bell : bells_) {
    if (!bell.word->change(bell.seen, bell.seen | kAsleep)) return wake_up(), false;
  }
  return true;
}

void BellThread::sleep(Deadline deadline) noexcept {
  if (bells_.empty()) return futex_wait_unguarded(control_, control_seen_, deadline);
  if (bells_.size() == 1) return futex_wait_unguarded(*bells_[0].word, bells_[0].seen | kAsleep, deadline);
  std::vector<WaitEntry> entries;
  for (const Bell& bell : bells_) entries.push_back({bell.word, bell.seen | kAsleep});
  futex_wait_any(entries.data(), static_cast<unsigned>(entries.size()), deadline);
}

void BellThread::wake_up() noexcept {
  for (Bell& bell : bells_) bell.word->fetch_and(~kAsleep);
}

}  // namespace lockstep
