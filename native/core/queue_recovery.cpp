// What a queue is given back when an owner dies, and how it ends. Protocol and proof: queue_holders.cpp.
#include "queue_holders.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t kMostQueues = 1u << 20;  // ends a list that was damaged

// False where there are not as many as are counted, or no places for them: a queue that was damaged.
bool insert_one(const QueueWork& at, Holder& holder) noexcept {
  const Offset item = take_from_holder(at, holder);
  if (item == 0 || !heap_insert(at, item)) return at.work.rollback(), false;
  at.add(at.queue.size, 1);
  at.subtract(holder.count, 1);
  return true;
}

void come_back(const QueueWork& at, Holder& holder) noexcept {
  if (!at.is_ranked()) {
    put_back_chain(at, holder);
    return;
  }
  while (holder.count.load() > 1 && insert_one(at, holder)) at.work.commit();
  if (holder.count.load() == 1) insert_one(at, holder);
}

void give_back_holder(const QueueWork& at, OwnerId dead) noexcept {
  Holder* const holder = find_holder(at, slot_of(dead));
  if (holder == nullptr || holder->owner.load() != dead) return;
  const bool is_over = at.state() == QueueState::kDiscarded;
  while (at.redelivers() && is_over && holder->count.load() > 0 && end_oldest(at, *holder)) at.work.commit();
  if (holder->count.load() > 0) {
    at.redelivers() ? come_back(at, *holder) : end_items(at, nullptr, holder->count.load());
  }
  reset_holder(at, *holder, 0);
  at.work.commit();
}

Object* checked_queue(const Segment& segment, Offset offset) noexcept {
  auto* const object = segment.checked<Object>(offset, sizeof(Object) + sizeof(Queue));
  if (object == nullptr) return nullptr;
  const auto kind = static_cast<Kind>(object->kind.load());
  return kind == Kind::kQueue || kind == Kind::kLifoQueue || kind == Kind::kPriorityQueue ? object : nullptr;
}

// The link to a queue in the list of its stripe.
Word* find_listed(const QueueWork& at) noexcept {
  Word* link = &at.work.stripe().queues;
  for (std::uint32_t i = 0; i < kMostQueues && link->load() != at.object; ++i) {
    Object* const other = checked_queue(at.work.segment(), link->load());
    if (other == nullptr) return nullptr;
    link = &words_of(*other).next_listed;
  }
  return link;
}

void unlist_queue(const QueueWork& at) noexcept {
  if (at.queue.is_listed.load() == 0) return;
  if (Word* const link = find_listed(at)) at.work.set(*link, at.queue.next_listed.load());
  at.work.set(at.queue.is_listed, 0);
  at.work.commit();
}

}  // namespace

bool reap_holders(const QueueWork& at) noexcept {
  unlist_queue(at);
  std::uint32_t freed = 0;
  for_each_holder(at, [&](Holder& holder) {
    for (; holder.first.load() != 0 && freed < kChunkHolders; ++freed) {
      const Offset item = take_from_holder(at, holder);
      if (item == 0 || !give_item(at, item)) at.work.set(holder.first, 0);  // a list that was damaged ends
      at.work.commit();
    }
    return freed < kChunkHolders;
  });
  if (freed == kChunkHolders) return true;
  for (Word& chunk : at.queue.holder_chunks) {
    if (chunk.load() == 0) continue;
    give_block(at.work, chunk.load());
    at.work.set(chunk, 0);
    at.work.commit();
  }
  return false;
}

void give_back_queues(const Participant& me, OwnerId dead) noexcept {
  if (me.segment->header().has_stripes.load() == 0 || slot_of(dead) > kIsolateSlots) return;
  for (std::uint32_t i = 0; i < kStripes; ++i) {
    if (me.segment->stripe(i).queues.load() == 0) continue;
    StripeWork work(me, i);
    Offset next = work.stripe().queues.load();
    for (std::uint32_t n = 0; next != 0 && n < kMostQueues; ++n) {
      Object* const object = checked_queue(*me.segment, next);
      if (object == nullptr) break;
      give_back_holder(QueueWork(work, *object), dead);
      next = words_of(*object).next_listed.load();
    }
  }
}

}  // namespace lockstep
