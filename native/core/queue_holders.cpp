// What owners have taken of a queue and not done.
//
// PROTOCOL. A queue has a Holder for each owner that ever got an item of it, found by the owner's slot. Under the
// stripe, each row with the commit of what it belongs to:
//
//     step       change                                               by
//     list       the queue joins the list of its stripe               the first that takes of it
//     take       holder.count + 1; if items come back: the item goes  get
//                behind the last of the holder, else it is freed
//     done       holder.count - n; unfinished - n; if items come      task_done
//                back: the first one of the holder is freed
//     end        the same for one item, wherever the holder has it    who has it
//     come back  the items of the holder go in front of the queue,    recovery of their owner
//                or in their places of the heap; holder.owner -> 0
//     lost       unfinished - holder.count; holder.owner -> 0         recovery, where items do not come back, or the
//                                                                     queue was shut down at once
//
// So `unfinished` is the size and the sum of all counts, and it falls to 0 whoever dies. Where items do not come back
// anybody may say done for anybody: then a count of somebody else falls. Where they do, each says it for his own.
// With several items on the way a thread ends each by itself: to end the oldest instead would lose that one in a death.
// Nobody says it for an item that was not got yet; Python lets him, and what its join waits for is then off by one.
//
// WHEN A PROCESS DIES, a helper walks the lists of all stripes and looks at one Holder of each queue. It has no lock
// of the directory then, since that comes after the stripe. A slot gets its next owner only after it: no Holder ever
// counts for two. WHEN THE HELPER DIES the next one does the same again: what has come back is no longer with the
// holder, and the list is no longer than before. Recovery takes no memory: a list links the items in, and a heap has
// kept their places. Whoever waits is woken by the scan of the directory, which comes after all of it (recovery.cpp).
//
// A COUNT MAY BE TOO LOW where items do not come back, if the segment was full when its place was to be made; then join
// waits for items of that owner, as Python's does. Never too high.
//
// Model: native/model/redelivery.pml.
#include "queue_holders.hpp"

#include <algorithm>

namespace lockstep {
namespace {

bool make_chunk(const QueueWork& at, std::uint32_t chunk) noexcept {
  if (chunk >= kHolderChunks) return false;
  const Offset made = take_block(at.work, kHolderChunkBytes);
  if (made == 0) return false;
  auto* const words = reinterpret_cast<Word*>(at.work.segment().bytes(made));
  for (std::uint32_t i = 0; i < kHolderChunkBytes / sizeof(Word); ++i) words[i].store_release(0);
  at.work.set(at.queue.holder_chunks[chunk], made);
  return true;
}

void list_queue(const QueueWork& at) noexcept {
  if (at.queue.is_listed.load() != 0) return;
  Word& first = at.work.stripe().queues;
  at.work.set(at.queue.next_listed, first.load());
  at.work.set(first, at.object);
  at.work.set(at.queue.is_listed, 1);
}

// Null when it had to be made and there is no memory.
Holder* my_holder(const QueueWork& at) noexcept {
  const OwnerId me = at.work.me().id;
  const std::uint32_t slot = slot_of(me);
  Holder* holder = find_holder(at, slot);
  if (holder == nullptr && make_chunk(at, slot / kChunkHolders)) holder = find_holder(at, slot);
  if (holder == nullptr || holder->owner.load() == me) return holder;
  list_queue(at);
  reset_holder(at, *holder, me);
  return holder;
}

void keep_item(const QueueWork& at, Holder& holder, Offset offset) noexcept {
  const Item item = checked_item(at, offset);
  const Item last = holder.first.load() == 0 ? Item{} : checked_item(at, holder.last.load());
  if (!item) return;
  at.work.set(item.head->next, 0);
  at.work.set(last ? last.head->next : holder.first, offset);
  at.work.set(holder.last, offset);
}

// Null when the caller has taken nothing, or all of it is done.
Holder* my_items(const QueueWork& at) noexcept {
  Holder* const mine = find_holder(at, slot_of(at.work.me().id));
  return mine == nullptr || mine->owner.load() != at.work.me().id || mine->count.load() == 0 ? nullptr : mine;
}

// Takes the item out of the list, wherever it is in it; false when it is not.
bool take_out(const QueueWork& at, Holder& holder, Offset offset) noexcept {
  Item before;
  Offset next = holder.first.load();
  for (std::uint32_t i = holder.count.load(); i > 0 && next != offset; --i) {
    before = checked_item(at, next);
    next = before ? before.head->next.load() : 0;
  }
  const Item item = next == offset && offset != 0 ? checked_item(at, offset) : Item{};
  if (!item) return false;
  const Offset behind = item.head->next.load();
  at.work.set(before ? before.head->next : holder.first, behind);
  if (behind == 0 && before) at.work.set(holder.last, at.work.segment().offset_of(before.head));
  return true;
}

// Of the caller's own, then of anybody's, then of those that could not be noted.
void end_of_anybody(const QueueWork& at, std::uint32_t count) noexcept {
  const auto end_some = [&](Holder& holder) {
    const std::uint32_t some = std::min(count, holder.count.load());
    if (some == 0) return count > 0;
    end_items(at, &holder, some);
    at.work.commit();
    return (count -= some) > 0;
  };
  Holder* const mine = my_items(at);
  if (mine != nullptr && !end_some(*mine)) return;
  for_each_holder(at, end_some);
  if (count == 0) return;
  end_items(at, nullptr, count);
  at.work.commit();
}

}  // namespace

Holder* find_holder(const QueueWork& at, std::uint32_t slot) noexcept {
  const std::uint32_t chunk = slot / kChunkHolders;
  if (chunk == 0) return &at.queue.holders[slot];
  if (chunk >= kHolderChunks) return nullptr;
  auto* const holders = at.work.segment().checked<Holder>(at.queue.holder_chunks[chunk].load(), kHolderChunkBytes);
  return holders == nullptr ? nullptr : holders + slot % kChunkHolders;
}

void reset_holder(const QueueWork& at, Holder& holder, OwnerId owner) noexcept {
  at.work.set(holder.owner, owner);
  at.work.set(holder.count, 0);
  at.work.set(holder.first, 0);
}

Offset take_from_holder(const QueueWork& at, Holder& holder) noexcept {
  const Offset first = holder.first.load();
  const Item item = checked_item(at, first);
  at.work.set(holder.first, item ? item.head->next.load() : 0);
  return item ? first : 0;
}

void end_items(const QueueWork& at, Holder* holder, std::uint32_t count) noexcept {
  if (holder != nullptr) at.subtract(holder->count, count);
  at.subtract(at.queue.unfinished, count);
}

bool end_oldest(const QueueWork& at, Holder& holder) noexcept {
  const Offset item = take_from_holder(at, holder);
  if (item == 0 || !give_item(at, item)) return at.work.rollback(), false;
  end_items(at, &holder, 1);
  if (at.is_ranked()) free_heap_place(at, at.queue.unfinished.load());
  return true;
}

bool note_taken(const QueueWork& at, Offset item) noexcept {
  Holder* const holder = my_holder(at);
  if (holder == nullptr && at.redelivers()) return false;
  if (at.redelivers()) {
    keep_item(at, *holder, item);
  } else {
    give_item(at, item);
    if (at.is_ranked()) free_heap_place(at, at.queue.heap_size.load());
  }
  if (holder != nullptr) at.add(holder->count, 1);
  return true;
}

Status note_done(const QueueWork& at, std::uint32_t count) noexcept {
  if (count > at.queue.unfinished.load() - at.queue.size.load()) return Status::kBound;
  if (!at.redelivers()) return end_of_anybody(at, count), Status::kOk;
  Holder* const mine = my_items(at);
  if (mine == nullptr || mine->count.load() < count) return Status::kNotHeld;
  for (; count > 0; --count) {
    if (!end_oldest(at, *mine)) return Status::kCorrupt;
    at.work.commit();
  }
  return Status::kOk;
}

Status end_one(const QueueWork& at, Offset item) noexcept {
  Holder* const mine = my_items(at);
  if (mine == nullptr || (at.redelivers() && !take_out(at, *mine, item))) return Status::kNotFound;
  if (at.redelivers()) give_item(at, item);
  end_items(at, mine, 1);
  if (at.redelivers() && at.is_ranked()) free_heap_place(at, at.queue.unfinished.load());
  at.work.commit();
  return Status::kOk;
}

}  // namespace lockstep
