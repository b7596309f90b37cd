// The tree of a list.
//
//     step      change, as one commit                                             order
//     insert    some slots of a leaf; the counts above it; length                 insert_some(), list_insert.cpp
//     split     a node takes a part of a full one, and has a slot beside it       before the insert that wants room
//     grow      a new root above the old one                                      before the split of the root
//     remove    some slots of a leaf, or a slot with all below it; counts;        remove_some()
//               length
//     join      two nodes that would fill half of one become one                  tidy_list(), after the remove
//     shrink    the only node below the root becomes the root                     after that
//
// No node of the tree is empty: a slot with all below it goes at once. So what is removed needs no memory, and can be
// the way back from an insert that found none. Two neighbours that have their parent in common fill more than half of
// one, but for who died before he joined them, and the next one that removes something there does so; so a path has no
// more than kMaxListLevel + 1 nodes.
//
// The journal has 128 words. What a commit needs at most: 28 slots that move and one that is new, 87; its block, 12,
// and objects, 1; a count on each level, 9; head, root and length, 4; the plan (list_plan.cpp), 4. Where fewer slots
// move, more values come or go, of which only the first new one names objects. Of runs of pages (stripe.hpp) there is
// room for 8; no more than 7 blocks come or go.
#include "list_tree.hpp"

#include "list_value.hpp"

namespace lockstep {
namespace {

constexpr std::uint32_t kFewPlaces = kListPlaces / 2;
constexpr std::uint32_t kWordsToGive = 10;  // a block
constexpr std::uint32_t kWordsToMove = 99;  // for slots and blocks

void subtract_counts(const ListWork& at, const ListPath& path, std::uint32_t removed) noexcept {
  for (std::uint32_t i = 0; i + 1 < path.depth; ++i) {
    Word& count = path.steps[i].node.slot(path.steps[i].place).high;
    at.work.set(count, count.load() - removed);
  }
  at.work.set(at.list.length, at.list.length.load() - removed);
}

std::uint32_t remove_root(const ListWork& at) noexcept {
  const std::uint32_t removed = at.list.length.load();
  condemn_list_node(at.work, at.list.root.load());
  at.work.set(at.list.root, 0);
  at.work.set(at.list.length, 0);
  return removed;
}

// The first slot on the way that has nothing but what is to go, if there is one: all below it goes with it.
std::uint32_t remove_below(const ListWork& at, ListPath& path, std::uint32_t most) noexcept {
  std::uint32_t covers = path.depth;
  bool is_at_start = true;
  for (std::uint32_t i = path.depth - 1; i > 0; --i) {
    is_at_start = is_at_start && path.steps[i].place == 0;
    const ListPath::Step& above = path.steps[i - 1];
    const std::uint32_t count = above.node.slot(above.place).high.load();
    if (is_at_start && count != 0 && count <= most) covers = i - 1;
  }
  if (covers == path.depth) return 0;
  const ListPath::Step& step = path.steps[covers];
  const ListSlot& slot = step.node.slot(step.place);
  const std::uint32_t removed = slot.high.load();
  condemn_list_node(at.work, slot.low.load());
  path.depth = covers + 1;
  subtract_counts(at, path, removed);
  close_list_gap(at.work, step.node, step.place, 1);
  return removed;
}

std::uint32_t remove_slots(const ListWork& at, ListPath& path, std::uint32_t most) noexcept {
  const auto& [leaf, place] = path.leaf();
  const std::uint32_t moved = std::min(place, leaf.used - place - 1);
  std::uint32_t words = kWordsToMove - moved * 3, removed = 0, blocks = 0;
  for (; removed < std::min(most, leaf.used - place); ++removed) {
    const ListSlot& slot = leaf.slot(place + removed);
    if (!is_elsewhere(slot.shape.load())) continue;
    if (words < kWordsToGive || ++blocks == kPendingRuns) break;
    words -= kWordsToGive;
    give_list_value(at.work, slot);
  }
  if (removed == leaf.used) return 0;  // then it would have gone whole
  subtract_counts(at, path, removed);
  close_list_gap(at.work, leaf, place, removed);
  return removed;
}

void join_nodes(const ListWork& at, const ListNode& parent, std::uint32_t place) noexcept {
  const ListNode left = list_child(at.segment(), parent, place);
  const ListNode right = list_child(at.segment(), parent, place + 1);
  const std::uint32_t used = left.used + right.used;
  const std::uint32_t first = left.first < used ? left.first : 0;  // in front there is room for all of them
  at.work.shut(at.list.sequence);
  if (first != left.first) copy_list_slots(left, 0, left.used, &left.raw_slot(first));
  copy_list_slots(right, 0, right.used, &left.raw_slot(first + left.used));
  at.work.set(left.head->first, first);
  at.work.set(left.head->used, used);
  const std::uint32_t count = parent.slot(place + 1).high.load();
  at.work.set(parent.slot(place).high, parent.slot(place).high.load() + count);
  give_block(at.work, parent.slot(place + 1).low.load());
  close_list_gap(at.work, parent, place + 1, 1);
  at.work.commit();
}

bool join_at(const ListWork& at, const ListNode& parent, std::uint32_t place) noexcept {
  if (place + 1 >= parent.used) return false;
  const ListNode left = list_child(at.segment(), parent, place);
  const ListNode right = list_child(at.segment(), parent, place + 1);
  if (!left || !right || left.used + right.used > kFewPlaces || left.head == right.head) return false;
  join_nodes(at, parent, place);
  return true;
}

bool join_somewhere(const ListWork& at, const ListPath& path) noexcept {
  for (std::uint32_t i = path.depth - 1; i > 0; --i) {
    const auto& [parent, place] = path.steps[i - 1];
    if (path.steps[i].node.used > kFewPlaces) continue;
    if (join_at(at, parent, place) || (place > 0 && join_at(at, parent, place - 1))) return true;
  }
  return false;
}

bool shrink(const ListWork& at) noexcept {
  const Offset offset = at.list.root.load();
  const ListNode root = checked_list_node(at.segment(), offset);
  if (!root || root.level == 0 || root.used != 1) return false;
  at.work.shut(at.list.sequence);
  at.work.set(at.list.root, root.slot(0).low.load());
  give_block(at.work, offset);
  at.work.commit();
  return true;
}

}  // namespace

std::uint32_t remove_some(const ListWork& at, std::uint32_t position, std::uint32_t most) noexcept {
  at.work.shut(at.list.sequence);
  if (position == 0 && at.list.root.load() != 0 && most >= at.list.length.load()) return remove_root(at);
  ListPath path;
  if (!find_in_list(at.segment(), at.list, position, path)) return 0;
  const std::uint32_t removed = remove_below(at, path, most);
  return removed != 0 ? removed : remove_slots(at, path, most);
}

void tidy_list(const ListWork& at, std::uint32_t position) noexcept {
  ListPath path;
  const std::uint32_t length = at.list.length.load();
  const std::uint32_t near = position < length ? position : length - 1;
  while (find_in_list(at.segment(), at.list, near, path) && join_somewhere(at, path)) {
  }
  while (shrink(at)) {
  }
}

}  // namespace lockstep
