#include "owner.hpp"

#include <linux/futex.h>

namespace lockstep {
namespace {

constexpr std::uint32_t kProcessStep = kPage / sizeof(Process);
constexpr std::uint32_t kSlotStep = kPage / sizeof(Slot);

bool has_slot(const Segment& segment, std::uint32_t slot) noexcept {
  if (slot == 0 || slot >= kHelperBase + kProcesses) return false;
  if (slot >= kHelperBase) return slot - kHelperBase < segment.header().process_limit.load();
  return slot <= segment.header().slot_limit.load();
}

// Process before id: whoever reads the id finds the process that vouches for it.
OwnerId occupy(Slot& slot, std::uint32_t index, std::uint32_t process) noexcept {
  slot.process.store(process);
  slot.dirty.store(0);
  slot.forwarded.store(0);
  const std::uint32_t incarnation = (slot.incarnation.fetch_add(1) + 1) & 0xffff;
  const OwnerId id = (incarnation << kSlotBits) | index;
  slot.id.store(id);
  return id;
}

bool is_free(const Segment& segment, const Process& process) noexcept {
  const OwnerId recoverer = process.recoverer.load();
  return process.presence.load() == 0 && (recoverer == 0 || is_dead(segment, recoverer));
}

}  // namespace

bool is_process_dead(const Process& process) noexcept { return process.presence.load() & FUTEX_OWNER_DIED; }

bool is_process_alive(const Process& process) noexcept {
  const std::uint32_t presence = process.presence.load();
  return (presence & FUTEX_TID_MASK) != 0 && !(presence & FUTEX_OWNER_DIED);
}

bool is_dead(const Segment& segment, OwnerId id) noexcept {
  const std::uint32_t index = slot_of(id);
  if (!has_slot(segment, index)) return true;
  const Slot& slot = segment.slot(index);
  if (slot.id.load() != id) return true;
  const std::uint32_t process = slot.process.load();
  return process >= kProcesses || !is_process_alive(segment.process(process));
}

Status find_process_entry(Segment& segment, std::uint32_t* index) noexcept {
  Header& header = segment.header();
  const std::uint32_t limit = header.process_limit.load();
  for (std::uint32_t i = 0; i < limit && i < kProcesses; ++i) {
    if (is_free(segment, segment.process(i))) return *index = i, Status::kOk;
  }
  if (limit >= kProcesses) return Status::kTooMany;
  const std::uint32_t step = limit + kProcessStep < kProcesses ? kProcessStep : kProcesses - limit;
  Status reserved = segment.reserve(kProcessTable + limit * sizeof(Process), step * sizeof(Process));
  if (reserved != Status::kOk) return reserved;
  reserved = segment.reserve(kSlotTable + (kHelperBase + limit) * sizeof(Slot), step * sizeof(Slot));
  if (reserved != Status::kOk) return reserved;
  header.process_limit.store(limit + step);
  return *index = limit, Status::kOk;
}

OwnerId claim_helper_slot(Segment& segment, std::uint32_t process) noexcept {
  return occupy(segment.slot(kHelperBase + process), kHelperBase + process, process);
}

Status claim_slot(Segment& segment, std::uint32_t process, OwnerId* id) noexcept {
  Header& header = segment.header();
  const std::uint32_t limit = header.slot_limit.load();
  for (std::uint32_t i = 1; i <= limit && i <= kIsolateSlots; ++i) {
    if (segment.slot(i).id.load() == 0) return *id = occupy(segment.slot(i), i, process), Status::kOk;
  }
  if (limit >= kIsolateSlots) return Status::kTooMany;
  const std::uint32_t step = limit + kSlotStep < kIsolateSlots ? kSlotStep : kIsolateSlots - limit;
  const Status reserved = segment.reserve(kSlotTable + (limit + 1) * sizeof(Slot), step * sizeof(Slot));
  if (reserved != Status::kOk) return reserved;
  header.slot_limit.store(limit + step);
  return *id = occupy(segment.slot(limit + 1), limit + 1, process), Status::kOk;
}

}  // namespace lockstep
