// How a position is found in the tree of a list: see list_tree.cpp.
#include "list_tree.hpp"

namespace lockstep {
namespace {

// Which slot of an inner node leads to a position; the position becomes one of what is below it. `total` elements are
// below the node; the nearer end is where the search begins.
std::uint32_t place_of(const ListNode& node, std::uint32_t total, std::uint32_t* position, bool is_gap) noexcept {
  const std::uint32_t element = *position - (is_gap && *position > 0 ? 1 : 0);  // that before a gap
  std::uint32_t start = 0, place = 0;
  if (element < total / 2) {
    while (place + 1 < node.used && element - start >= node.slot(place).high.load()) {
      start += node.slot(place++).high.load();
    }
  } else {
    start = total;
    place = node.used;
    do {
      start -= node.slot(--place).high.load();
    } while (place > 0 && element < start);
  }
  *position -= start;
  return place;
}

/// An element, or the gap before it, which may be behind the last one.
struct Wanted {
  std::uint32_t position;
  bool is_gap;
};

bool find(const Segment& segment, const List& list, Wanted wanted, ListPath& path) noexcept {
  auto& [position, is_gap] = wanted;
  ListNode node = checked_list_node(segment, list.root.load());
  std::uint32_t total = list.length.load();
  for (path.depth = 0; node && node.used > 0; node = list_child(segment, node, path.leaf().place)) {
    ListPath::Step& step = path.steps[path.depth++];
    step.node = node;
    step.place = position;
    if (node.level == 0) return position < node.used + (is_gap ? 1 : 0);
    step.place = place_of(node, total, &position, is_gap);
    total = node.slot(step.place).high.load();
  }
  return false;
}

}  // namespace

bool find_in_list(const Segment& segment, const List& list, std::uint32_t position, ListPath& path) noexcept {
  return find(segment, list, {position, false}, path);
}

bool find_gap_in_list(const ListWork& at, std::uint32_t position, ListPath& path) noexcept {
  return find(at.segment(), at.list, {position, true}, path);
}

}  // namespace lockstep
