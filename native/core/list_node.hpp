// How a list lies in memory: its words, nodes and slots. Layout: list_node.cpp.
#pragma once

#include "blocks.hpp"
#include "list.hpp"

namespace lockstep {

/// The words of a list, after its object head.
struct List {
  Word sequence;  // odd while a change is under way that readers must not see half done
  Word root;      // Offset of the root of its tree; 0: empty
  Word length;
  Word unused;
};
inline List& list_words(Object& list) noexcept { return *reinterpret_cast<List*>(&list + 1); }

/// A list whose stripe the caller has.
struct ListWork {
  StripeWork& work;
  List& list;
  Offset object;

  ListWork(StripeWork& stripe, Object& of) noexcept
      : work(stripe), list(list_words(of)), object(stripe.segment().offset_of(&of)) {}
  Segment& segment() const noexcept { return work.segment(); }
};

/// An element, or what is below a node.
struct ListSlot {
  Word low;    // the first four bytes of a small value; offset of the bytes of another one; offset of a node
  Word high;   // the next four bytes; how many bytes; how many elements are below the node
  Word shape;  // kind:4 | is elsewhere:1 | 0:3 | length:4 of a small value; 0 of a node
};
static_assert(sizeof(ListSlot) == 12);

/// The words of a slot, in private memory.
struct SlotWords {
  std::uint32_t low = 0, high = 0, shape = 0;
};

constexpr std::uint32_t kListPlaces = 41;
constexpr std::uint32_t kListNode = 0x4c690000;  // in the first word of a node, which a free block has for its link
constexpr std::uint32_t kMaxListLevel = 8;

struct ListNodeHead {
  Word shape;        // kListNode | level; 0 has the elements
  Word first, used;  // the slots that count
  Word next;         // of those that nobody finds any more
};
constexpr std::uint64_t kListNodeBytes = sizeof(ListNodeHead) + kListPlaces * sizeof(ListSlot);
static_assert(kListNodeBytes <= 512);

/// A node, checked and read once.
struct ListNode {
  ListNodeHead* head = nullptr;
  std::uint32_t level = 0, first = 0, used = 0;

  explicit operator bool() const noexcept { return head != nullptr; }
  /// Of all of a node, whether it counts or not.
  ListSlot& raw_slot(std::uint32_t index) const noexcept { return reinterpret_cast<ListSlot*>(head + 1)[index]; }
  ListSlot& slot(std::uint32_t place) const noexcept { return raw_slot(first + place); }
};
/// Nothing unless a whole node lies there.
ListNode checked_list_node(const Segment& segment, Offset offset) noexcept;
/// The node of a slot of one that is a level higher.
ListNode list_child(const Segment& segment, const ListNode& parent, std::uint32_t place) noexcept;

/// A new node without slots, of which nobody knows yet; 0 when there is no room. Not committed.
Offset make_list_node(StripeWork& work, std::uint32_t level, std::uint32_t first) noexcept;
/// Copies slots to where nothing counts, which needs no journal.
void copy_list_slots(const ListNode& from, std::uint32_t place, std::uint32_t count, ListSlot* to) noexcept;

/// Which slots would have to move to make room for others at a place, and for how many there is room.
struct ListGap {
  bool is_left = false;
  std::uint32_t moved = 0, room = 0;
};
/// What moves at most, so that a journal has room for it all. A node with that many places used has room somewhere.
constexpr std::uint32_t kMostMoved = 28;
/// No room when more would have to move, or the node is full.
ListGap find_list_gap(const ListNode& node, std::uint32_t place) noexcept;
/// Makes room for `count` slots; the first of them.
ListSlot* open_list_gap(StripeWork& work, const ListNode& node, std::uint32_t place, std::uint32_t count) noexcept;
/// Takes slots out.
void close_list_gap(StripeWork& work, const ListNode& node, std::uint32_t place, std::uint32_t count) noexcept;
void set_list_slot(StripeWork& work, ListSlot& slot, const SlotWords& words) noexcept;

}  // namespace lockstep
