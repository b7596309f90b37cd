// The heap of a priority queue.
//
// A binary heap of offsets of items: the item at place i comes before those at 2i+1 and 2i+2. Its places lie in chunks
// of 64, 128, 256 ... so that it grows without moving anything; a chunk is found by the position of the highest bit.
// One insertion or removal changes as many places as the heap is deep, at most 29, all of them through the journal.
//
// An item that may come back when its consumer dies (queue_holders.cpp) keeps its place free: recovery needs no memory.
#include <bit>

#include "queue_items.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t chunk_of(std::uint32_t place) noexcept {
  const std::uint64_t from_one = std::uint64_t{place} + kFirstPlaces;
  return static_cast<std::uint32_t>(std::bit_width(from_one) - std::bit_width(kFirstPlaces));
}
constexpr std::uint32_t chunk_start(std::uint32_t chunk) noexcept { return (kFirstPlaces << chunk) - kFirstPlaces; }
static_assert(chunk_of(63) == 0 && chunk_of(64) == 1 && chunk_of(chunk_start(5) - 1) == 4 && chunk_of(kMaxItems) < 24);

// Null where there is no such place.
Word* place_at(const QueueWork& at, std::uint32_t place) noexcept {
  const std::uint32_t chunk = chunk_of(place);
  if (chunk >= kHeapChunks) return nullptr;
  const Offset offset = at.queue.heap_chunks[chunk].load();
  auto* const words = at.work.segment().checked<Word>(offset, heap_chunk_bytes(chunk));
  return words == nullptr ? nullptr : words + (place - chunk_start(chunk));
}

struct Order {
  double priority;
  std::uint64_t sequence;

  bool is_before(const Order& other) const noexcept {
    return priority < other.priority || (priority == other.priority && sequence < other.sequence);
  }
};

Order order_of(const QueueWork& at, Offset offset) noexcept {
  const Item item = checked_item(at, offset);
  if (!item) return {0, 0};
  return {std::bit_cast<double>(item.rank().priority.load()), item.rank().sequence.load()};
}

bool set_place(const QueueWork& at, std::uint32_t place, Offset item) noexcept {
  Word* const word = place_at(at, place);
  if (word == nullptr) return false;
  if (word->load() != item) at.work.set(*word, item);
  return true;
}

// The item goes down from the first place until none below comes before it.
void sink(const QueueWork& at, Offset item, std::uint32_t count) noexcept {
  const Order order = order_of(at, item);
  std::uint32_t place = 0;
  for (std::uint32_t child = 1; child < count; child = place * 2 + 1) {
    Offset below = heap_item(at, child);
    Order least = order_of(at, below);
    const Order other = child + 1 < count ? order_of(at, heap_item(at, child + 1)) : least;
    if (other.is_before(least)) {
      below = heap_item(at, ++child);
      least = other;
    }
    if (!least.is_before(order)) break;
    set_place(at, place, below);
    place = child;
  }
  set_place(at, place, item);
}

}  // namespace

Offset heap_item(const QueueWork& at, std::uint32_t place) noexcept {
  const Word* const word = place_at(at, place);
  return word == nullptr ? 0 : word->load();
}

bool make_heap_place(const QueueWork& at, std::uint32_t items) noexcept {
  const std::uint32_t chunk = chunk_of(items);
  if (chunk >= kHeapChunks) return false;
  if (at.queue.heap_chunks[chunk].load() != 0) return true;
  const Offset made = take_block(at.work, heap_chunk_bytes(chunk));
  if (made != 0) at.work.set(at.queue.heap_chunks[chunk], made);
  return made != 0;
}

bool heap_insert(const QueueWork& at, Offset item) noexcept {
  const Order order = order_of(at, item);
  std::uint32_t place = at.queue.heap_size.load();
  at.work.set(at.queue.heap_size, place + 1);
  while (place > 0) {
    const std::uint32_t parent = (place - 1) / 2;
    const Offset above = heap_item(at, parent);
    if (!order.is_before(order_of(at, above))) break;
    if (!set_place(at, place, above)) return false;
    place = parent;
  }
  return set_place(at, place, item);
}

Offset heap_first(const QueueWork& at) noexcept { return at.queue.heap_size.load() == 0 ? 0 : heap_item(at, 0); }

void heap_remove_first(const QueueWork& at) noexcept {
  const std::uint32_t count = at.queue.heap_size.load() - 1;
  at.work.set(at.queue.heap_size, count);
  if (count > 0) sink(at, heap_item(at, count), count);
}

void free_heap_place(const QueueWork& at, std::uint32_t items) noexcept {
  const std::uint32_t spare = chunk_of(items) + 1;
  if (items != chunk_start(chunk_of(items)) || spare >= kHeapChunks) return;
  const Offset chunk = at.queue.heap_chunks[spare].load();
  if (chunk == 0) return;
  at.work.set(at.queue.heap_chunks[spare], 0);
  give_block(at.work, chunk);
}

Offset heap_remove_last(const QueueWork& at) noexcept {
  const std::uint32_t count = at.queue.heap_size.load();
  const Offset last = count == 0 ? 0 : heap_item(at, count - 1);
  at.work.set(at.queue.heap_size, last == 0 ? 0 : count - 1);
  return last;
}

bool free_heap_places(const QueueWork& at) noexcept {
  std::uint32_t given = 0;
  for (Word& chunk : at.queue.heap_chunks) {
    if (chunk.load() == 0) continue;
    if (given++ == kPendingRuns / 2) return true;
    give_block(at.work, chunk.load());
    at.work.set(chunk, 0);
  }
  return false;
}

}  // namespace lockstep
