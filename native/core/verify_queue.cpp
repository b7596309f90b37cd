// Whether a queue keeps its rules: see queue.cpp, queue_items.cpp, queue_heap.cpp, queue_holders.cpp.
#include "queue_holders.hpp"
#include "verify_state.hpp"

namespace lockstep {
namespace {

struct Inspected {
  Inspection& inspection;
  const QueueWork& at;
  const bool is_dead;

  bool claim(Offset offset, std::uint64_t size, const char* what) const {
    return inspection.claim({offset, size, at.work.index(), what});
  }
};

// The next item of a chain; 0 at its end, or where there is none.
Offset inspect_item(const Inspected& queue, Offset offset) {
  const Item item = checked_item(queue.at, offset);
  if (!queue.inspection.expect(static_cast<bool>(item), "item %x is none", offset)) return 0;
  const std::uint64_t rank = queue.at.is_ranked() ? sizeof(Rank) : 0;
  if (!queue.claim(offset, sizeof(ItemHead) + rank + padded(item.length()), "item")) return 0;
  queue.inspection.add_named(item.stored());
  return item.head->next.load();
}

std::uint32_t inspect_chain(const Inspected& queue, Offset next) {
  std::uint32_t items = 0;
  for (; next != 0; ++items) next = inspect_item(queue, next);
  return items;
}

std::uint32_t inspect_heap(const Inspected& queue) {
  const std::uint32_t items = queue.at.queue.heap_size.load();
  for (std::uint32_t place = 0; place < items; ++place) {
    const Offset item = heap_item(queue.at, place);
    if (!queue.inspection.expect(item != 0, "queue: place %u of its heap is empty", place)) return place;
    inspect_item(queue, item);
  }
  for (std::uint32_t chunk = 0; chunk < kHeapChunks; ++chunk) {
    const Offset offset = queue.at.queue.heap_chunks[chunk].load();
    if (offset != 0) queue.claim(offset, heap_chunk_bytes(chunk), "chunk of a heap");
  }
  return items;
}

// What a holder has is kept only where it may come back.
std::uint32_t inspect_holder(const Inspected& queue, const Holder& holder) {
  const std::uint32_t count = holder.count.load();
  if (!queue.at.redelivers()) return count;
  const std::uint32_t kept = inspect_chain(queue, holder.first.load());
  queue.inspection.expect(kept == count || queue.is_dead, "queue: a holder of %u items has %u", count, kept);
  return count;
}

std::uint32_t inspect_holders(const Inspected& queue) {
  std::uint32_t items = 0;
  for (std::uint32_t chunk = 1; chunk < kHolderChunks; ++chunk) {
    const Offset offset = queue.at.queue.holder_chunks[chunk].load();
    if (offset != 0) queue.claim(offset, kHolderChunkBytes, "chunk of holders");
  }
  for_each_holder(queue.at, [&](const Holder& holder) {
    items += inspect_holder(queue, holder);
    return true;
  });
  return items;
}

}  // namespace

// What a queue that is over, or dead, has still is on its way to be freed, and is not counted.
void inspect_queue(Inspection& inspection, Object& object, StripeWork& work) {
  const QueueWork at(work, object);
  const Inspected queue{inspection, at, object.references.load() == 0};
  const bool is_over = at.state() == QueueState::kDiscarded;
  const std::uint32_t found = inspect_chain(queue, at.queue.front.load()) + inspect_heap(queue);
  const std::uint32_t lying = is_over ? 0 : found;
  const std::uint32_t known = lying + inspect_holders(queue);
  const std::uint32_t size = at.queue.size.load(), unfinished = at.queue.unfinished.load();
  inspection.expect(lying == size || queue.is_dead, "queue %x: %u items, %u counted", at.object, lying, size);
  inspection.expect(known == unfinished || queue.is_dead, "queue %x: %u items are not done, %u counted", at.object,
                    known, unfinished);
  inspection.report.entries += lying;
}

}  // namespace lockstep
