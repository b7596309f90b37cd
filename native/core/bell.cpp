#include "bell.hpp"

#include "futex.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t kAsleep = 1;

void ring_process(Process& process) noexcept {
  // A process that hears this while awake looks again before it sleeps: no system call.
  // All, though one thread sleeps here: that of a killed process that had this entry before may still be in the queue.
  if (process.bell.fetch_add(2) & kAsleep) futex_wake(process.bell, kWakeAll);
}

void ring_process_of(Segment& segment, std::uint32_t slot) noexcept {
  const std::uint32_t process = segment.slot(slot).process.load();
  if (process < kProcesses) ring_process(segment.process(process));
}

bool is_live_slot(const Segment& segment, std::uint32_t slot) noexcept {
  const OwnerId id = segment.slot(slot).id.load();
  return id != 0 && !is_dead(segment, id);
}

int ring_slots_above(Segment& segment, std::uint32_t first, std::uint32_t buckets) noexcept {
  const std::uint32_t limit = segment.header().slot_limit.load();
  int rung = 0;
  for (std::uint32_t slot = first; slot <= limit && slot <= kIsolateSlots; ++slot) {
    if (!is_live_slot(segment, slot)) continue;
    ring_slot(segment, slot, buckets);
    ++rung;
  }
  return rung;
}

// The shared bit tells nobody's name, so all bits are taken and all slots above 31 rung: no baton, nothing to lose.
int ring_shared(const Participant& me, WaitSite site) noexcept {
  const std::uint32_t seen = site.bells.exchange(0);
  int rung = 0;
  for (std::uint32_t slot = 1; slot <= 31; ++slot) {
    if (!(seen & (1u << (slot - 1))) || !is_live_slot(*me.segment, slot)) continue;
    ring_slot(*me.segment, slot, site.bucket);
    ++rung;
  }
  if (seen & kSharedBell) rung += ring_slots_above(*me.segment, 32, site.bucket);
  return rung;
}

// The first bit at or after `from`, cyclically: isolates take turns.
std::uint32_t first_bit_from(std::uint32_t bits, std::uint32_t from) noexcept {
  const std::uint32_t later = bits & ~((1u << from) - 1);
  return later != 0 ? later & -later : bits & -bits;
}

}  // namespace

std::uint32_t bucket_of(Offset object) noexcept { return 1u << (((object >> 7) * 0x9e3779b1u) >> 27); }

std::uint32_t bell_of(OwnerId id) noexcept {
  const std::uint32_t slot = slot_of(id);
  return slot - 1 < 31 ? 1u << (slot - 1) : kSharedBell;  // slot 0 is nobody's
}

WaitSite wait_site_of(const Segment& segment, Object& object) noexcept {
  return {object.bells, object.hot, bucket_of(segment.offset_of(&object))};
}

void arm_bell(const Participant& me, WaitSite site) noexcept { site.bells.fetch_or(bell_of(me.id)); }

void disarm_bell(const Participant& me, WaitSite site) noexcept {
  const std::uint32_t bell = bell_of(me.id);
  if (bell != kSharedBell) site.bells.fetch_and(~bell);
}

void ring_slot(Segment& segment, std::uint32_t slot, std::uint32_t buckets) noexcept {
  if (hear_directly(segment, slot, buckets)) return;
  segment.slot(slot).dirty.fetch_or(buckets);
  ring_process_of(segment, slot);
}

void forward_ring(Segment& segment, std::uint32_t slot, std::uint32_t buckets) noexcept {
  segment.slot(slot).forwarded.fetch_or(buckets);
  ring_process_of(segment, slot);
}

int ring(const Participant& me, WaitSite site, int count) noexcept {
  int rung = 0;
  std::uint32_t from = slot_of(me.id) & 31;
  std::uint32_t seen = site.bells.load();
  while (seen != 0 && rung < count) {
    if (seen & kSharedBell) return rung + ring_shared(me, site);
    const std::uint32_t bit = first_bit_from(seen, from);
    if (!site.bells.compare_exchange(seen, seen & ~bit)) continue;
    seen &= ~bit;
    const std::uint32_t slot = static_cast<std::uint32_t>(__builtin_ctz(bit)) + 1;
    from = slot & 31;
    if (!is_live_slot(*me.segment, slot)) continue;  // its death scan rings everybody
    ring_slot(*me.segment, slot, site.bucket);
    ++rung;
  }
  return rung;
}

void ring_everybody(Segment& segment) noexcept { ring_slots_above(segment, 1, kAllBuckets); }

}  // namespace lockstep
