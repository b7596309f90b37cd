// How the tree of a list grows: see list_tree.cpp.
#include "list_tree.hpp"
#include "list_value.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t kWordsForSlot = 3;
constexpr std::uint32_t kWordsToTake = 12;   // a block
constexpr std::uint32_t kWordsToKeep = 1;    // objects
constexpr std::uint32_t kWordsToMove = 100;  // for slots, blocks and objects

/// What a split leaves where it is, and where the rest goes.
struct Cut {
  std::uint32_t start, count;  // of the slots that go
  std::uint32_t first;         // where they begin in the new node
  bool is_before() const noexcept { return start == 0; }
};

// At an end one slot goes, so that a list that grows there leaves full nodes behind. Else a half goes to the middle.
Cut cut_of(const ListNode& node, std::uint32_t place) noexcept {
  if (place == node.used) return {node.used - 1, 1, 0};
  if (place == 0) return {0, 1, kListPlaces - 1};
  const std::uint32_t count = node.used - node.used / 2;
  return {node.used / 2, count, (kListPlaces - count) / 2};
}

std::uint32_t elements_in(const ListNode& node, const Cut& cut) noexcept {
  if (node.level == 0) return cut.count;
  std::uint32_t elements = 0;
  for (std::uint32_t i = 0; i < cut.count; ++i) elements += node.slot(cut.start + i).high.load();
  return elements;
}

Status grow(const ListWork& at) noexcept {
  const Offset old = at.list.root.load();
  const ListNode root = checked_list_node(at.segment(), old);
  if (!root || root.level == kMaxListLevel) return Status::kCorrupt;
  const Offset offset = make_list_node(at.work, root.level + 1, kListPlaces / 2);
  const ListNode above = checked_list_node(at.segment(), offset);
  if (!above) return Status::kFull;
  at.work.shut(at.list.sequence);
  set_list_slot(at.work, above.slot(0), {old, at.list.length.load(), 0});
  at.work.set(above.head->used, 1);
  at.work.set(at.list.root, offset);
  at.work.commit();
  return Status::kOk;
}

// `above` has room beside its place.
Status split(const ListWork& at, const ListPath::Step& above, const ListNode& node, const Cut& cut) noexcept {
  const Offset offset = make_list_node(at.work, node.level, cut.first);
  const ListNode made = checked_list_node(at.segment(), offset);
  if (!made) return Status::kFull;
  copy_list_slots(node, cut.start, cut.count, &made.raw_slot(cut.first));
  made.head->used.store_release(cut.count);
  at.work.shut(at.list.sequence);
  if (cut.is_before()) at.work.set(node.head->first, node.first + cut.count);
  at.work.set(node.head->used, node.used - cut.count);
  const std::uint32_t elements = elements_in(node, cut);
  Word& count = above.node.slot(above.place).high;
  at.work.set(count, count.load() - elements);
  ListSlot* const slot = open_list_gap(at.work, above.node, above.place + (cut.is_before() ? 0 : 1), 1);
  set_list_slot(at.work, *slot, {offset, elements, 0});
  at.work.commit();
  return Status::kOk;
}

// One step towards room at the end of the path. kUnavailable: there is room already.
Status make_room(const ListWork& at, ListPath& path) noexcept {
  std::uint32_t i = path.depth - 1;
  ListPath::Step* full = nullptr;
  std::uint32_t place = path.steps[i].place;
  while (find_list_gap(path.steps[i].node, place).room == 0) {
    full = &path.steps[i];
    full->place = place;
    if (i == 0) return grow(at);
    place = path.steps[--i].place + (cut_of(full->node, place).is_before() ? 0 : 1);
  }
  if (full == nullptr) return Status::kUnavailable;
  return split(at, path.steps[i], full->node, cut_of(full->node, full->place));
}

// The first node of an empty list is not committed: the elements are, with it.
Status find_room(const ListWork& at, std::uint32_t position, ListPath& path) noexcept {
  if (at.list.root.load() == 0) {
    const Offset offset = make_list_node(at.work, 0, 0);
    if (offset == 0) return Status::kFull;
    at.work.shut(at.list.sequence);
    at.work.set(at.list.root, offset);
    path.depth = 1;
    path.steps[0] = {checked_list_node(at.segment(), offset), 0};
    return Status::kOk;
  }
  for (;;) {
    if (!find_gap_in_list(at, position, path)) return Status::kCorrupt;
    const Status made = make_room(at, path);
    if (made != Status::kOk) return made == Status::kUnavailable ? Status::kOk : made;
  }
}

std::uint32_t words_for(const Value& value) noexcept {
  const std::uint32_t block = is_for_a_block(value) ? kWordsToTake : 0;
  return kWordsForSlot + block + (names_objects(value) ? kWordsToKeep : 0);
}

// Slots for the values that come next, as many as a commit has room for. One that cannot be made ends it. One that
// names objects is the first or waits for the next commit, so that nothing else is undone when it is refused.
std::uint32_t make_slots(const ListWork& at, const ListGap& gap, ListInput& input, SlotWords* slots) noexcept {
  const std::uint32_t most = std::min({gap.room, input.left, kMostMoved + 1 - gap.moved});
  std::uint32_t words = kWordsToMove - gap.moved * kWordsForSlot, made = 0, blocks = 0;
  for (; made < most; ++made) {
    std::uint64_t cursor = input.cursor;
    const Value value = input.values->next(&cursor);
    const std::uint32_t needed = words_for(value);
    blocks += is_for_a_block(value);
    if (words < needed || blocks == kPendingRuns || (made > 0 && names_objects(value))) break;
    input.status = make_list_slot(at.work, value, &slots[made]);
    if (input.status != Status::kOk) break;
    words -= needed;
    input.cursor = cursor;
  }
  input.left -= made;
  return made;
}

}  // namespace

std::uint32_t insert_some(const ListWork& at, std::uint32_t position, ListInput& input) noexcept {
  ListPath path;
  SlotWords slots[kMostMoved + 1];
  input.status = find_room(at, position, path);
  if (input.status != Status::kOk) return 0;
  const auto& [leaf, place] = path.leaf();
  const std::uint32_t made = make_slots(at, find_list_gap(leaf, place), input, slots);
  if (made == 0) return 0;
  at.work.shut(at.list.sequence);
  ListSlot* const first = open_list_gap(at.work, leaf, place, made);
  for (std::uint32_t i = 0; i < made; ++i) set_list_slot(at.work, first[i], slots[i]);
  for (std::uint32_t i = 0; i + 1 < path.depth; ++i) {
    Word& count = path.steps[i].node.slot(path.steps[i].place).high;
    at.work.set(count, count.load() + made);
  }
  at.work.set(at.list.length, at.list.length.load() + made);
  return made;
}

}  // namespace lockstep
