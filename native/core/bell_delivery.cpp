// What the bell thread tells the isolates, and when it looks again although no bell rang.
#include "bell_thread.hpp"

namespace lockstep {
namespace {

constexpr std::int64_t kGuardNs = 1'000'000;  // an isolate that has not looked after this long is passed over
constexpr int kQuietRounds = 8;               // of kGuardNs without a ring in this process end the patrol
// Each time half of the buckets: what an idle process spends is the waking, more than the looking.
constexpr std::int64_t kNetNs = 2'000'000'000;

}  // namespace

bool BellThread::deliver() noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  bool any = false;
  for (Ear* ear : ears_) {
    Slot& slot = ear->me.segment->slot(slot_of(ear->me.id));
    const std::uint32_t rung = slot.dirty.load() != 0 ? slot.dirty.exchange(0) : 0;
    const std::uint32_t forwarded = slot.forwarded.load() != 0 ? slot.forwarded.exchange(0) : 0;
    if ((rung | forwarded) == 0) continue;
    any = true;
    if (rung != 0) owe(*ear, rung);
    hear(*ear, rung | forwarded);
  }
  return any;
}

// Where no promise waits nobody need look, nor be told instead: one that begins to wait says so first and then tries.
void BellThread::owe(Ear& ear, std::uint32_t buckets) noexcept {
  if (ear.pending.load() && ear.guarded.fetch_or(buckets) == 0) ear.rung_at = Deadline::now_ns();
}

void BellThread::hear(Ear& ear, std::uint32_t buckets) noexcept {
  if (!ear.pending.load()) return;
  ear.heard.fetch_or(buckets);
  ear.listener->hear();
}

// A ring within the process goes straight into the isolate's event loop, one thread less to wake.
bool BellThread::hear_directly(const Segment& segment, std::uint32_t slot, std::uint32_t buckets) noexcept {
  const std::lock_guard<std::mutex> guard(mutex_);
  for (Ear* ear : ears_) {
    if (ear->me.segment != &segment || slot_of(ear->me.id) != slot) continue;
    owe(*ear, buckets);
    hear(*ear, buckets);
    if (ear->guarded.load() == 0) return true;
    if (patrol_ == 0) poke();
    patrol_ = kQuietRounds;
    return true;
  }
  return false;
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
      if (slot != slot_of(ear->me.id) && segment.slot(slot).id.load() != 0) forward_ring(segment, slot, buckets);
    }
  }
}

void BellThread::cast_net() noexcept {
  if (net_at_ns_ == 0 || !Deadline::at(net_at_ns_).passed()) return;
  const std::lock_guard<std::mutex> guard(mutex_);
  net_at_ns_ = Deadline::now_ns() + kNetNs;
  net_buckets_ = ~net_buckets_;
  for (Ear* ear : ears_) {
    hear(*ear, net_buckets_);
  }
}

}  // namespace lockstep
