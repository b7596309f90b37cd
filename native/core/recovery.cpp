#include "recovery.hpp"

#include "attachments.hpp"
#include "bell.hpp"
#include "claim.hpp"
#include "list.hpp"
#include "queue.hpp"
#include "stripe.hpp"

namespace lockstep {
namespace {

template <typename Visit>
void for_each_owner_of(Segment& segment, std::uint32_t process, Visit visit) noexcept {
  const std::uint32_t limit = segment.header().slot_limit.load();
  for (std::uint32_t i = 1; i <= limit && i <= kIsolateSlots; ++i) {
    Slot& slot = segment.slot(i);
    if (slot.id.load() != 0 && slot.process.load() == process) visit(slot);
  }
  Slot& helper = segment.slot(kHelperBase + process);
  if (helper.id.load() != 0) visit(helper);
}

void give_back(const Participant& me, OwnerId dead) noexcept {
  give_back_transaction(me, me.segment->header().transaction, dead);
  give_back_stripes(me, dead);
  give_back_claims(me, dead);
  give_back_queues(me, dead);
  give_back_lists(me);
  Transaction transaction(me);
  give_back_objects(transaction, dead);
}

void recover_claimed(const Participant& me, std::uint32_t index) noexcept {
  Segment& segment = *me.segment;
  give_back_process(me, index);
  // Its watcher may sleep on this word still: whoever takes the entry next wakes everybody to arm it anew.
  segment.process(index).presence.store(0);
}

}  // namespace

void recover_owner(const Participant& me, OwnerId dead) noexcept {
  give_back(me, dead);
  me.segment->slot(slot_of(dead)).id.store(0);
  ring_everybody(*me.segment);
}

void give_back_process(const Participant& me, std::uint32_t process) noexcept {
  for_each_owner_of(*me.segment, process, [&](Slot& slot) { give_back(me, slot.id.load() & ~kDying); });
  {
    Transaction transaction(me);
    drop_attachments(transaction, process);
  }
  for_each_owner_of(*me.segment, process, [&](Slot& slot) {
    if (slot.id.load() != me.id) slot.id.store(0);
  });
  ring_everybody(*me.segment);
}

void recover_process(const Participant& me, std::uint32_t index) noexcept {
  Process& process = me.segment->process(index);
  // Again when it died while we held the claim on a living tenant: the others have seen our claim and gone.
  while (is_process_dead(process)) {
    const OwnerId seen = process.recoverer.load();
    if (seen != 0 && !is_dead(*me.segment, seen)) return;
    if (!process.recoverer.change(seen, me.id)) return;
    if (is_process_dead(process)) recover_claimed(me, index);
    process.recoverer.change(me.id, 0);
  }
}

// What a dead recoverer left must not stay. A live one that comes late finds this process alive and lets go by itself;
// wiped out, its claim would no longer keep a second recoverer from the same entry.
void drop_dead_claim(const Segment& segment, Process& process) noexcept {
  const OwnerId recoverer = process.recoverer.load();
  if (recoverer != 0 && is_dead(segment, recoverer)) process.recoverer.change(recoverer, 0);
}

}  // namespace lockstep
