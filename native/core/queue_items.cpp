// Items of a queue.
//
//     queue            front -> item -> item -> ... -> back      a list, or a heap of offsets (queue_heap.cpp)
//     item             next | kind, length | rank, in a priority queue | value, padded to 8
//
// An item is a block of the queue's stripe. It is filled while nobody sees it, and never changes afterwards, but for
// `next`. That is its first word, which the journal keeps from the moment the block is taken.
#include "queue_items.hpp"

#include <bit>
#include <cmath>
#include <limits>

namespace lockstep {
namespace {

constexpr std::uint32_t kDiscardsAtOnce = 64;  // before others have their turn

std::uint64_t item_bytes(const QueueWork& at, std::uint32_t length) noexcept {
  return sizeof(ItemHead) + (at.is_ranked() ? sizeof(Rank) : 0) + padded(length);
}

// A sequence that is used up by nobody does no harm, so it needs no journal.
void fill_rank(const QueueWork& at, const Item& item, double priority) noexcept {
  const double ordered = std::isnan(priority) ? std::numeric_limits<double>::infinity() : priority;
  const std::uint64_t sequence = at.queue.sequence.load() + 1;
  at.queue.sequence.store_release(sequence);
  item.rank().priority.store_release(std::bit_cast<std::uint64_t>(ordered));
  item.rank().sequence.store_release(sequence);
}

void add_in_front(const QueueWork& at, const Item& item, Offset offset) noexcept {
  const Offset front = at.queue.front.load();
  item.head->next.store_release(front);
  if (front == 0) at.work.set(at.queue.back, offset);
  at.work.set(at.queue.front, offset);
}

bool add_behind(const QueueWork& at, const Item& item, Offset offset) noexcept {
  item.head->next.store_release(0);
  if (at.queue.front.load() == 0) {
    at.work.set(at.queue.front, offset);
  } else {
    const Item back = checked_item(at, at.queue.back.load());
    if (!back) return false;
    at.work.set(back.head->next, offset);
  }
  at.work.set(at.queue.back, offset);
  return true;
}

// Any item that is left.
Offset remove_any(const QueueWork& at) noexcept {
  if (at.is_ranked()) return heap_remove_last(at);
  const Offset first = first_item(at);
  if (first != 0) remove_first(at);
  return first;
}

}  // namespace

Item checked_item(const QueueWork& at, Offset offset) noexcept {
  auto* const head = at.work.segment().checked<ItemHead>(offset);
  if (head == nullptr || offset % alignof(Word64) != 0) return {};
  const Item item{head, head->shape.load(), at.is_ranked()};
  if (static_cast<std::uint32_t>(item.kind()) >= kValueKinds) return {};
  const std::uint64_t bytes = item_bytes(at, item.length());
  return at.work.segment().checked<ItemHead>(offset, bytes) != nullptr ? item : Item{};
}

Status make_item(const QueueWork& at, const QueueItem& from, Offset* made) noexcept {
  if (from.value.length > kMaxItemBytes) return Status::kFull;
  const Offset offset = take_block(at.work, item_bytes(at, from.value.length));
  if (offset == 0) return Status::kFull;
  auto* const head = reinterpret_cast<ItemHead*>(at.work.segment().bytes(offset));
  const std::uint32_t shape = static_cast<std::uint32_t>(from.value.kind) | from.value.length << 4;
  head->shape.store_release(shape);
  const Item item{head, shape, at.is_ranked()};
  if (at.is_ranked()) fill_rank(at, item, from.priority);
  copy_in(item.value(), from.value.bytes, from.value.length);
  return *made = offset, keep_objects(at.work, item.stored());
}

bool give_item(const QueueWork& at, Offset offset) noexcept {
  const Item item = checked_item(at, offset);
  return item && give_value(at.work, offset, item.stored());
}

Offset first_item(const QueueWork& at) noexcept { return at.is_ranked() ? heap_first(at) : at.queue.front.load(); }

void remove_first(const QueueWork& at) noexcept {
  if (at.is_ranked()) return heap_remove_first(at);
  const Item item = checked_item(at, at.queue.front.load());
  at.work.set(at.queue.front, item ? item.head->next.load() : 0);
}

bool add_item(const QueueWork& at, Offset offset) noexcept {
  if (at.is_ranked()) return heap_insert(at, offset);
  const Item item = checked_item(at, offset);
  if (!item) return false;
  if (at.kind == Kind::kQueue) return add_behind(at, item, offset);
  return add_in_front(at, item, offset), true;
}

void put_back_chain(const QueueWork& at, const Holder& chain) noexcept {
  const Item last = checked_item(at, chain.last.load());
  if (!last) return;
  const Offset front = at.queue.front.load();
  at.work.set(last.head->next, front);
  if (front == 0) at.work.set(at.queue.back, chain.last.load());
  at.work.set(at.queue.front, chain.first.load());
  at.add(at.queue.size, chain.count.load());
}

bool discard_some(const QueueWork& at) noexcept {
  for (std::uint32_t i = 0; i < kDiscardsAtOnce; ++i) {
    const Offset item = remove_any(at);
    if (item != 0 && !give_item(at, item)) at.work.set(at.queue.front, 0);  // a list that was damaged ends
    const bool is_more = item != 0 || (at.is_ranked() && free_heap_places(at));
    at.work.commit();
    if (!is_more) return false;
  }
  return true;
}

}  // namespace lockstep
