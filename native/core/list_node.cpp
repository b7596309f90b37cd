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

#include <cmath>
#include <cstring>

namespace lockstep {
namespace {

constexpr std::uint32_t kSmallValue = 8;

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

bool make_list_slot(StripeWork& work, const Value& value, SlotWords* slot) noexcept {
  slot->shape = static_cast<std::uint32_t>(value.kind);
  if (value.length <= kSmallValue) {
    std::uint64_t small = 0;
    if (value.length > 0) std::memcpy(&small, value.bytes, value.length);
    slot->low = static_cast<std::uint32_t>(small);
    slot->high = static_cast<std::uint32_t>(small >> 32);
    slot->shape |= value.length << 8;
    return true;
  }
  slot->low = take_block(work, padded(value.length));
  slot->high = value.length;
  slot->shape |= kElsewhere;
  if (slot->low == 0) return false;
  copy_in(reinterpret_cast<Word64*>(work.segment().bytes(slot->low)), value.bytes, value.length);
  return true;
}

ListValue list_value(const Segment& segment, const ListSlot& slot) noexcept {
  const std::uint32_t shape = slot.shape.load(), low = slot.low.load(), high = slot.high.load();
  ListValue value;
  value.kind = static_cast<ValueKind>(shape & 0xf);
  const bool is_kind = (shape & 0xf) < kValueKinds;
  if (is_elsewhere(shape)) {
    value.length = high;
    value.bytes = segment.checked<Word64>(low, padded(high));
    value.is_sound = is_kind && value.bytes != nullptr;
  } else {
    value.length = shape >> 8;
    value.small = std::uint64_t{high} << 32 | low;
    value.is_sound = is_kind && value.length <= kSmallValue;
  }
  return value;
}

bool copy_list_value(const ListValue& value, ValueCopy& copy) noexcept {
  if (value.bytes != nullptr) return copy.take(value.kind, value.bytes, value.length);
  Word64 small;
  small.store_release(value.small);
  return copy.take(value.kind, &small, value.length);
}

bool copy_list_value(const ListValue& value, ValueList& copies) noexcept {
  void* const to = copies.add(value.kind, value.length);
  if (to == nullptr) return false;
  if (value.bytes != nullptr) {
    copy_out(value.bytes, to, value.length);
  } else if (value.length > 0) {
    std::memcpy(to, &value.small, value.length);
  }
  return true;
}

bool is_same_list_value(const ListValue& present, const Value& value) noexcept {
  if (present.kind != value.kind || present.length != value.length) return false;
  if (present.bytes != nullptr) return is_same(present.bytes, value.bytes, value.length);
  if (value.kind != ValueKind::kNumber || value.length != sizeof(double)) {
    return value.length == 0 || std::memcmp(&present.small, value.bytes, value.length) == 0;
  }
  double number, wanted;
  std::memcpy(&number, &present.small, sizeof number);
  std::memcpy(&wanted, value.bytes, sizeof wanted);
  return number == wanted || (std::isnan(number) && std::isnan(wanted));
}

}  // namespace lockstep
