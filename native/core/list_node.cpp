// Nodes of a list.
//
//     list             root -> node -> node -> ... , a tree of as many levels everywhere
//     node             head | 41 slots, of which those from `first` on count, `used` of them
//     slot, level 0    an element: up to 8 bytes are in it, more are in a block of their own
//     slot, above      a node of the level below, and how many elements are below it
//
// An element that is a number, a boolean, null or a short string takes 12 bytes, and its share of what is not used: 13
// in a list that grew at an end, some 18 in one that grew everywhere.
//
// What counts changes in the journal only. Slots that do not count may be written without, whatever happens then.
#include "list_node.hpp"

namespace lockstep {
namespace {

void move_slot(StripeWork& work, const ListNode& node, std::uint32_t from, std::uint32_t to) noexcept {
  const ListSlot& slot = node.raw_slot(from);
  set_list_slot(work, node.raw_slot(to), {slot.low.load(), slot.high.load(), slot.shape.load()});
}

}  // namespace

ListNode checked_list_node(const Segment& segment, Offset offset) noexcept {
  auto* const head = segment.checked<ListNodeHead>(offset, kListNodeBytes);
  if (head == nullptr) return {};
  const ListNode node{head, head->shape.load() ^ kListNode, head->first.load(), head->used.load()};
  const bool is_sound =
      node.level <= kMaxListLevel && node.first <= kListPlaces && node.used <= kListPlaces - node.first;
  return is_sound ? node : ListNode{};
}

ListNode list_child(const Segment& segment, const ListNode& parent, std::uint32_t place) noexcept {
  const ListNode child = checked_list_node(segment, parent.slot(place).low.load());
  return child && child.level + 1 == parent.level ? child : ListNode{};
}

Offset make_list_node(StripeWork& work, std::uint32_t level, std::uint32_t first) noexcept {
  const Offset offset = take_block(work, kListNodeBytes);
  if (offset == 0) return 0;
  auto* const head = reinterpret_cast<ListNodeHead*>(work.segment().bytes(offset));
  head->shape.store_release(kListNode | level);
  head->first.store_release(first);
  head->used.store_release(0);
  head->next.store_release(0);
  return offset;
}

void copy_list_slots(const ListNode& from, std::uint32_t place, std::uint32_t count, ListSlot* to) noexcept {
  for (std::uint32_t i = 0; i < count; ++i) {
    const ListSlot& slot = from.slot(place + i);
    to[i].low.store_release(slot.low.load());
    to[i].high.store_release(slot.high.load());
    to[i].shape.store_release(slot.shape.load());
  }
}

ListGap find_list_gap(const ListNode& node, std::uint32_t place) noexcept {
  const ListGap left{true, place, node.first};
  const ListGap right{false, node.used - place, kListPlaces - node.first - node.used};
  const auto is_possible = [](const ListGap& gap) { return gap.room > 0 && gap.moved <= kMostMoved; };
  if (!is_possible(left)) return is_possible(right) ? right : ListGap{};
  return is_possible(right) && right.moved <= left.moved ? right : left;
}

ListSlot* open_list_gap(StripeWork& work, const ListNode& node, std::uint32_t place, std::uint32_t count) noexcept {
  const ListGap gap = find_list_gap(node, place);
  const std::uint32_t first = gap.is_left ? node.first - count : node.first;
  if (gap.is_left) {
    for (std::uint32_t i = 0; i < place; ++i) move_slot(work, node, node.first + i, first + i);
    work.set(node.head->first, first);
  } else {
    for (std::uint32_t i = node.used; i > place; --i) move_slot(work, node, first + i - 1, first + i - 1 + count);
  }
  work.set(node.head->used, node.used + count);
  return &node.raw_slot(first + place);
}

void close_list_gap(StripeWork& work, const ListNode& node, std::uint32_t place, std::uint32_t count) noexcept {
  const std::uint32_t behind = node.used - place - count;
  if (place < behind) {
    for (std::uint32_t i = place; i > 0; --i) move_slot(work, node, node.first + i - 1, node.first + i - 1 + count);
    work.set(node.head->first, node.first + count);
  } else {
    for (std::uint32_t i = 0; i < behind; ++i) {
      move_slot(work, node, node.first + place + count + i, node.first + place + i);
    }
  }
  work.set(node.head->used, node.used - count);
}

void set_list_slot(StripeWork& work, ListSlot& slot, const SlotWords& words) noexcept {
  work.set(slot.low, words.low);
  work.set(slot.high, words.high);
  work.set(slot.shape, words.shape);
}

}  // namespace lockstep
