// How items lie in a queue: words, items, list and heap. Layout: queue_items.cpp, queue_heap.cpp.
#pragma once

#include "blocks.hpp"
#include "queue.hpp"
#include "value_objects.hpp"

namespace lockstep {

/// What an owner has taken and not done: see queue_holders.cpp.
struct Holder {
  Word owner;
  Word count;
  Word first, last;  // items that go back when the owner dies, the oldest first
};
static_assert(sizeof(Holder) == 16);
constexpr std::uint32_t kChunkHolders = 64;  // by slot
constexpr std::uint32_t kHolderChunks = (kIsolateSlots + kChunkHolders) / kChunkHolders;
constexpr std::uint32_t kHeapChunks = 24;

enum class QueueState : std::uint32_t { kOpen = 0, kShutDown = 1, kDiscarded = 2 };

/// The words of a queue, after its object head.
struct Queue {
  Word getters, putters, joiners;  // event counts
  Word join_bells;                 // as Object::bells, for promises that wait for the end of all items
  Word state;                      // QueueState, only ever larger
  Word size;                       // items that may be got
  Word unfinished;                 // these, and those that were got and are not done
  Word front, back;                // of the list; back counts only while there is a front
  Word heap_size;
  Word is_listed;  // in Stripe::queues
  Word next_listed;
  Word64 sequence;  // of the last put of a priority queue
  Word heap_chunks[kHeapChunks];
  Word holder_chunks[kHolderChunks];  // the first is not used: its holders are here
  Holder holders[kChunkHolders];
};
static_assert(sizeof(Object) + sizeof(Queue) <= 2048);

inline Queue& words_of(Object& queue) noexcept { return *reinterpret_cast<Queue*>(&queue + 1); }

/// A queue whose stripe the caller has.
struct QueueWork {
  StripeWork& work;
  Queue& queue;
  Offset object;
  Kind kind;
  std::uint32_t parameter;

  QueueWork(StripeWork& stripe, Object& of) noexcept
      : work(stripe),
        queue(words_of(of)),
        object(stripe.segment().offset_of(&of)),
        kind(static_cast<Kind>(of.kind.load())),
        parameter(of.parameter.load()) {}
  bool redelivers() const noexcept { return queue_redelivers(parameter); }
  bool is_ranked() const noexcept { return kind == Kind::kPriorityQueue; }
  QueueState state() const noexcept { return static_cast<QueueState>(queue.state.load()); }
  void add(Word& word, std::uint32_t more) const noexcept { work.set(word, word.load() + more); }
  void subtract(Word& word, std::uint32_t less) const noexcept { work.set(word, word.load() - less); }
};

/// Head of an item; with a priority queue its rank follows, then the value.
struct ItemHead {
  Word next;
  Word shape;  // kind of value:4 | length:28
};
struct Rank {
  Word64 priority;  // a double
  Word64 sequence;
};

/// An item, checked and read once.
struct Item {
  ItemHead* head = nullptr;
  std::uint32_t shape = 0;
  bool is_ranked = false;

  explicit operator bool() const noexcept { return head != nullptr; }
  ValueKind kind() const noexcept { return static_cast<ValueKind>(shape & 0xf); }
  std::uint32_t length() const noexcept { return shape >> 4; }
  StoredValue stored() const noexcept { return {kind(), length(), value()}; }
  Rank& rank() const noexcept { return *reinterpret_cast<Rank*>(head + 1); }
  Word64* value() const noexcept {
    return reinterpret_cast<Word64*>(head + 1) + (is_ranked ? sizeof(Rank) / sizeof(Word64) : 0);
  }
};

/// Nothing unless a whole item of a sound kind lies there.
Item checked_item(const QueueWork& at, Offset offset) noexcept;
/// A new item with this value. Not committed. kFull, kGone, kMismatch.
Status make_item(const QueueWork& at, const QueueItem& from, Offset* made) noexcept;
/// Gives the item back, with the objects that it names; false when there is none. Not committed.
bool give_item(const QueueWork& at, Offset item) noexcept;

// None of these commits. Those that tell whether they could say no when the structure is corrupt, or, of the places of
// a heap, when there is no room.
/// The item that would be got first; 0 when there is none.
Offset first_item(const QueueWork& at) noexcept;
void remove_first(const QueueWork& at) noexcept;
bool add_item(const QueueWork& at, Offset item) noexcept;
/// A chain of `count` items goes where they are got next.
void put_back_chain(const QueueWork& at, const Holder& chain) noexcept;

constexpr std::uint32_t kFirstPlaces = 64;
constexpr std::uint64_t heap_chunk_bytes(std::uint32_t chunk) noexcept {
  return (std::uint64_t{kFirstPlaces} << chunk) * sizeof(Word);
}
/// The item at a place of the heap, 0 where there is none.
Offset heap_item(const QueueWork& at, std::uint32_t place) noexcept;
/// Makes a place for one more item than `items`.
bool make_heap_place(const QueueWork& at, std::uint32_t items) noexcept;
/// No more than `items` places are wanted now. Some are kept: else a put and a get might make and free them each time.
void free_heap_place(const QueueWork& at, std::uint32_t items) noexcept;
bool heap_insert(const QueueWork& at, Offset item) noexcept;
Offset heap_first(const QueueWork& at) noexcept;
void heap_remove_first(const QueueWork& at) noexcept;
/// For the end of a queue: takes any item out, 0 when none is left. Then frees some of the places; false when none is
/// left.
Offset heap_remove_last(const QueueWork& at) noexcept;
bool free_heap_places(const QueueWork& at) noexcept;

/// Frees items of a queue from which nobody gets any more; false when nothing is left.
bool discard_some(const QueueWork& at) noexcept;

}  // namespace lockstep
